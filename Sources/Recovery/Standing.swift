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
        /// Where not every copy is a full one.
        package var kind: String?
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
    /// Kept with all databases of a PostgreSQL server: what is on its way is not counted by commits, and how long it takes not measured.
    package var isOfCluster = false

    package var earliest: Instant? { stretches.first?.from }

    /// Whether a moment can be restored.
    package func reaches(_ moment: Instant) -> Bool { stretches.contains { $0.from <= moment && moment <= $0.until } }
}

extension Recovery {
    /// - Throws: ``Refusal`` `backups-off`, `backups-elsewhere`, `backup-away`, `backup-damaged`.
    package func standing(of environment: HostedEnvironment) async throws -> Standing {
        let engine = try engine(of: environment)
        let edition = Edition(named: try await tenants.find(environment.tenant).edition) ?? .sandbox
        return try await engine.standing(of: environment, edition, at: clock.now())
    }

    /// What going back would do, without doing it. `showing`: of which collections records may be shown.
    /// - Throws: as ``standing(of:)``; `moment-too-early`, `moment-unrecorded`, `moment-ahead`.
    package func preview(
        of environment: HostedEnvironment, at target: Restoration.Target, showing: @escaping @Sendable (CollectionID) -> Bool
    ) async throws -> (moment: Scratch.Moment, differences: [CollectionDifference]) {
        try requirePast(target)
        let live = try await tenants.database(of: environment.id)
        let engine = try engine(of: environment)
        try await engine.require(target, of: environment)
        try await engine.reach(target, of: environment)
        return try await engine.borrowing(environment, as: target) { scratch in
            (scratch.moment, try await Rewind.preview(live, from: scratch.database, showing: showing))
        }
    }

    /// What was changed when.
    package func changes(of environment: HostedEnvironment, since start: Instant, each step: Duration) async throws -> [ChangeCounts] {
        try await tenants.database(of: environment.id).read { try ChangeCounts.since(start, each: step, in: $0) }
    }

    func requirePast(_ target: Restoration.Target) throws {
        if case .moment(let moment) = target, moment > clock.now() {
            throw Refusal.invalid("moment-ahead", "That moment has not come yet.", field: "at")
        }
    }
}
