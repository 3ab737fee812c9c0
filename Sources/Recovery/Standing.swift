import Backup
import Records
import Storage
import Tenants
import Vocabulary

/// What is there to restore an environment from, and why it is kept.
package struct Standing: Sendable {
    /// Any commit in it can be restored.
    package struct Stretch: Sendable, Hashable {
        package let generation: UInt32
        package let from: Instant
        package let until: Instant
        /// Why it began.
        package let reason: Opening.Reason
    }

    package struct Copy: Sendable, Hashable {
        package let generation: UInt32
        package let at: Instant
        /// In bytes.
        package let size: UInt64
        package let reasons: Set<Retention.Reason>
    }

    package let edition: Edition
    package let retention: Retention
    /// The oldest first. Between two of them nobody knows what was committed.
    package let stretches: [Stretch]
    /// The newest first.
    package let copies: [Copy]
    /// Of all that is kept, in bytes.
    package let size: UInt64
    /// Of the newest commit that is stored.
    package let storedUntil: Instant?
    /// Commits on their way, and since when.
    package let waiting: Int
    package let waitingSince: Instant?
    package let lagMost: Duration
    /// Why nothing is shipped at the moment.
    package let failure: String?

    package var earliest: Instant? { stretches.first?.from }

    /// Whether a moment can be restored.
    package func reaches(_ moment: Instant) -> Bool { stretches.contains { $0.from <= moment && moment <= $0.until } }
}

extension Recovery {
    /// - Throws: ``Refusal`` `backups-off`, `backups-elsewhere`, `backup-away`, `backup-damaged`.
    package func standing(of environment: HostedEnvironment) async throws -> Standing {
        let shipping = try line(of: environment).shipping
        let name = DatabaseName.environment(environment.id)
        let tenant = try await tenants.find(environment.tenant)
        let edition = Edition(named: tenant.edition) ?? .sandbox
        let retention = Retention(edition, environment.kind, of: "\(name)")
        let now = clock.now()
        let status = shipping.status(of: name)
        return try await Self.telling {
            let archive = try shipping.archive(of: name)
            let catalogue = try await archive.catalogue()
            var stretches: [Standing.Stretch] = []
            var generations: [Retention.Generation] = []
            var size: UInt64 = 0
            for generation in catalogue.generations {
                var newest = try await archive.newestTime(of: generation)
                generations.append(.init(number: generation.opening.generation, newestAt: newest))
                size += generation.bases.reduce(0) { $0 + $1.size } + generation.segments.reduce(0) { $0 + UInt64($1.size) }
                // Where everything is stored, now is as good as the last commit.
                if generation.opening.generation == status?.generation, status?.waiting == 0 { newest = max(newest, now) }
                guard let whole = generation.bases.map(\.endedAt).min() else { continue }
                let from = max(whole, now - retention.window)
                if from <= newest {
                    stretches.append(
                        .init(
                            generation: generation.opening.generation, from: from, until: newest, reason: generation.opening.reason))
                }
            }
            let points = catalogue.generations.flatMap(\.bases)
            let plan = retention.plan(points.map(Retention.Point.init), generations, at: now)
            let copies = points.map { base in
                Standing.Copy(
                    generation: base.generation, at: base.endedAt, size: base.size,
                    reasons: plan.kept.first { $0.point == Retention.Point(base) }?.reasons ?? [])
            }
            return Standing(
                edition: edition, retention: retention, stretches: stretches, copies: copies.sorted { $0.at > $1.at }, size: size,
                storedUntil: status?.storedUntil ?? generations.map(\.newestAt).max(), waiting: status?.waiting ?? 0,
                waitingSince: status?.waitingSince, lagMost: status?.lagMost ?? .zero, failure: status?.failure)
        }
    }

    /// What going back would do, without doing it. `showing`: of which collections records may be shown.
    /// - Throws: as ``standing(of:)``; `moment-too-early`, `moment-unrecorded`, `moment-ahead`.
    package func preview(
        of environment: HostedEnvironment, at target: Restoration.Target, showing: @escaping @Sendable (CollectionID) -> Bool
    ) async throws -> (report: Restoration.Report, differences: [CollectionDifference]) {
        try requirePast(target)
        let live = try await tenants.database(of: environment.id)
        try await Self.telling { try await reach(target, of: environment) }
        return try await borrowing(environment, as: target) { scratch in
            (scratch.report, try await Rewind.preview(live, from: scratch.database, showing: showing))
        }
    }

    /// What was changed when.
    package func changes(of environment: HostedEnvironment, since start: Instant, each step: Duration) async throws -> [ChangeCounts] {
        try await tenants.database(of: environment.id).read { try ChangeCounts.since(start, each: step, in: $0) }
    }

    /// What was done until a moment may still be on its way.
    private func reach(_ target: Restoration.Target, of environment: HostedEnvironment) async throws {
        let (shipping, name) = (try line(of: environment).shipping, DatabaseName.environment(environment.id))
        guard let since = shipping.status(of: name)?.waitingSince else { return }
        if case .moment(let moment) = target, moment < since { return }
        try await shipping.caughtUp(name)
    }

    func requirePast(_ target: Restoration.Target) throws {
        if case .moment(let moment) = target, moment > clock.now() {
            throw Refusal.invalid("moment-ahead", "That moment has not come yet.", field: "at")
        }
    }
}
