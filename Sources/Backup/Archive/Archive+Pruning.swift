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
        let points = catalogue.generations.flatMap(\.bases)
        var generations: [Retention.Generation] = []
        for generation in catalogue.generations {
            generations.append(Retention.Generation(number: generation.opening.generation, newestAt: try await newestTime(of: generation)))
        }
        let plan = retention.plan(points.map(Retention.Point.init), generations, at: now)
        let keptPoints = Set(plan.kept.map(\.point))
        var pruned = Pruned(kept: plan.kept)

        // Bases before the entries that they need: a base that is listed can be used.
        for base in points where !keptPoints.contains(Retention.Point(base)) {
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
                let last = next.map { $0 - 1 } ?? (isNewest ? UInt64.max : segment.first)
                if plan.keeps(segment.first...max(segment.first, last), of: number) || (isNewest && next == nil) {
                    left += 1
                } else {
                    try await store.delete(segment.key)
                    pruned.deleted += 1
                }
            }
            guard left == 0, !isNewest else { continue }
            try await store.delete(keys.opening(number))
            pruned.deleted += 1
        }
        pruned.deleted += try await sweepCopies(points, at: now)
        return pruned
    }

    /// Copies whose making was broken off.
    private func sweepCopies(_ bases: [Base], at now: Instant) async throws -> Int {
        let known = Set(bases.map(\.data))
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
