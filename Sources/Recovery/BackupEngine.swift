import Backup
import Storage
import Tenants
import Vocabulary

/// What keeps the commits of environments' databases, and gives one back as it was: archives of databases in files, or pgBackRest for those on a
/// PostgreSQL server. Everything that is done with what it gives back is the same for all.
///
/// A commit is a generation and a number in it, whatever these are: an archive's entry, or a timeline and a place in PostgreSQL's log.
package protocol BackupEngine: Sendable {
    /// The place that names commits: whoever keeps a commit keeps it too.
    var place: String { get }

    /// - Throws: ``Refusal`` `backup-away`, `backup-damaged`
    func standing(of environment: HostedEnvironment, _ edition: Edition, at now: Instant) async throws -> Standing

    /// The oldest commit that is not kept, and why nothing is kept at the moment.
    func lag(of environment: HostedEnvironment) async throws -> (waitingSince: Instant?, failure: String?)

    /// Refuses what can't be restored. Nothing is restored.
    /// - Throws: ``Refusal`` `moment-too-early`, `moment-unrecorded`, `moment-unknown`
    func require(_ target: Restoration.Target, of environment: HostedEnvironment) async throws

    /// Returns when everything that is committed now can be restored.
    /// - Throws: ``Refusal`` `backup-behind`
    func catchUp(_ environment: HostedEnvironment) async throws

    /// Returns when everything that was committed until a moment can be restored.
    /// - Throws: as ``catchUp(_:)``
    func reach(_ target: Restoration.Target, of environment: HostedEnvironment) async throws

    /// The newest commit. Call it while nobody writes.
    /// - Throws: ``Refusal`` `backup-behind`
    func newest(of environment: HostedEnvironment) async throws -> Restore.Commit

    /// Restores to a place of its own, of which nothing is kept, and which goes as a whole.
    func borrowing<T: Sendable>(
        _ environment: HostedEnvironment, as target: Restoration.Target, _ body: (Scratch) async throws -> T
    ) async throws -> T
}

/// An environment's database as it was, for as long as somebody looks at it.
package struct Scratch: Sendable {
    /// What was restored.
    package struct Moment: Sendable, Hashable {
        package let commit: Restore.Commit
        /// Of the last change; nil where there was none yet.
        package let time: Instant?
        /// In bytes.
        package let size: UInt64
    }

    package let database: any Database
    package let moment: Moment
    /// What the engine's own check finds wrong, as a sentence each.
    let problems: @Sendable () async throws -> [String]
}
