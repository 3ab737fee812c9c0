import Vocabulary

/// Which backup of a cluster is due: a full one each week, what changed since each day, and what changed in between every six hours. All moments
/// between are in the log.
package enum BackupSchedule {
    package static let full = Duration.days(7)
    package static let differential = Duration.days(1)
    package static let incremental = Duration.hours(6)
    /// After one that failed, the next is tried this much later.
    package static let patience = Duration.minutes(30)

    /// - Parameters:
    ///   - backups: in any order.
    ///   - failed: when the newest attempt failed; nil where it didn't.
    /// - Returns: nil where nothing is due.
    package static func due(_ backups: [Repository.Backup], failed: Instant? = nil, at now: Instant) -> Repository.Backup.Kind? {
        if let failed, failed <= now, now - failed < patience { return nil }
        // One of the future is a clock that went back: it says nothing of how old what there is really is.
        let past = backups.filter { $0.startedAt <= now }
        func newest(_ kinds: Set<Repository.Backup.Kind>) -> Instant? { past.filter { kinds.contains($0.kind) }.map(\.startedAt).max() }
        guard let full = newest([.full]), now - full < Self.full else { return .full }
        guard let daily = newest([.full, .differential]), now - daily < differential else { return .differential }
        guard let any = newest([.full, .differential, .incremental]), now - any < incremental else { return .incremental }
        return nil
    }
}
