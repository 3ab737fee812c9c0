import ObjectStores
import Vocabulary

extension Archive {
    /// What was deleted, and what stays for which reasons.
    package struct Pruned: Sendable {
        /// Objects.
        package var deleted = 0
        package let kept: [Retention.Plan.Kept]
    }

    /// What a copy that nobody finished may be old before it is taken for a leftover.
    private static let copyAtMost = Duration.days(2)

    /// Deletes what no promise needs any more. May be broken off anywhere: what is left then is sound.
    package func prune(_ retention: Retention, at now: Instant) async throws -> Pruned {
        let catalogue = try await catalogue()
        let points = catalogue.generations.flatMap(\.points)
        let generations = try await retentionGenerations(catalogue)
        let plan = retention.plan(points, generations, at: now)
        let keptPoints = Set(plan.kept.map(\.point))
        var pruned = Pruned(kept: plan.kept)

        // First what builds on others, then bases, then the entries that those need: what is listed can be used.
        for differential in catalogue.generations.flatMap(\.differentials) where !keptPoints.contains(Retention.Point(differential)) {
            try await store.delete(keys.differential(differential.generation, since: differential.since, to: differential.to))
            try await store.delete(differential.data)
            pruned.deleted += 2
        }
        for base in catalogue.generations.flatMap(\.bases) where !keptPoints.contains(Retention.Point(base)) {
            try await store.delete(keys.base(base.generation, first: base.first, begun: base.begunAt.microseconds))
            try await store.delete(base.data)
            pruned.deleted += 2
        }
        for generation in catalogue.generations {
            let number = generation.opening.generation
            let isNewest = number == catalogue.newest?.opening.generation
            var left = plan.kept.count { $0.point.generation == number }
            for (index, segment) in generation.segments.enumerated() {
                let next = index + 1 < generation.segments.count ? generation.segments[index + 1].first : nil
                // The last one says where the archive ends.
                let last = segment.last ?? next.map { $0 - 1 } ?? (isNewest ? UInt64.max : segment.first)
                if plan.keeps(segment.first...max(segment.first, last), of: number) || (isNewest && next == nil) {
                    left += 1
                } else {
                    try await store.delete(segment.key)
                    pruned.deleted += 1
                }
            }
            pruned.deleted += try await deleteSuperseded(generation)
            guard left == 0, !isNewest else { continue }
            try await store.delete(keys.opening(number))
            pruned.deleted += 1
        }
        pruned.deleted += try await sweepCopies(
            Set(catalogue.generations.flatMap { $0.bases.map(\.data) + $0.differentials.map(\.data) }), at: now)
        return pruned
    }

    package func retentionGenerations(_ catalogue: Catalogue) async throws -> [Retention.Generation] {
        var generations: [Retention.Generation] = []
        for generation in catalogue.generations {
            generations.append(Retention.Generation(number: generation.opening.generation, newestAt: try await newestTime(of: generation)))
        }
        return generations
    }

    /// Segments whose entries lie in a merged one as well, which is read first: a store may lie.
    private func deleteSuperseded(_ generation: Catalogue.Generation) async throws -> Int {
        var deleted = 0
        for merged in generation.segments {
            guard let last = merged.last else { continue }
            let old = generation.superseded.filter { $0.first >= merged.first && ($0.last ?? $0.first) <= last }
            guard !old.isEmpty else { continue }
            guard try await isWhole(merged, of: generation.opening) else {
                // The originals are still there, and take its place again.
                try await store.delete(merged.key)
                deleted += 1
                continue
            }
            for segment in old { try await store.delete(segment.key) }
            deleted += old.count
        }
        return deleted
    }

    /// Copies whose making was broken off.
    private func sweepCopies(_ known: Set<ObjectKey>, at now: Instant) async throws -> Int {
        var swept = 0
        for object in try await store.all("\(keys.folder)/") where !known.contains(object.key) {
            guard case .data? = keys.reading(object.key)?.kind, let begun = ArchiveKeys.begun(object.key), begun + Self.copyAtMost < now
            else { continue }
            try await store.delete(object.key)
            swept += 1
        }
        return swept
    }

    /// Of the newest entry; of the opening where there is none.
    package func newestTime(of generation: Catalogue.Generation) async throws -> Instant {
        guard let segment = generation.segments.last else { return generation.opening.openedAt }
        var reading = try await SegmentReading(segment, in: store, opening: generation.opening)
        var time = generation.opening.openedAt
        while let entry = try await reading.next() { time = entry.time }
        return time
    }
}
