// Recovery: an environment goes back to a moment, or a copy of it as it was comes to stand beside it; and drills, that it could.
//
// It promises that what is restored is compared before anybody sees it, that a restore which is broken off leaves everything as it was, that what
// was done since is never erased, and that who may is never brought back. It refuses to know pages, and how archives are written.
import Audit
import Backup
import Foundation
import Logging
import ObjectStores
import PgBackRest
import Records
import Sealing
import Storage
import Tenants
import Vocabulary

/// What restores and drills stand on.
package struct Recovery: Sendable {
    package let control: any Database
    package let tenants: Tenants
    package let keyring: Keyring
    package let schema: Schema
    /// Where databases in files are shipped to. Nil where nothing is shipped.
    package let destinations: Destinations?
    /// What keeps those on the PostgreSQL server. Nil where nobody told this process.
    package var cluster: ClusterBackups?
    /// Where files are restored to for a while, encrypted as they always are. On the disk of the databases, and emptied at the start.
    package let scratch: String
    /// Environments' logs.
    package let audit: AuditLog
    /// The control plane's log, which alarms look at.
    package let watched: AuditLog
    /// One environment's collections, records and operations.
    let workspaces: @Sendable (EnvironmentID) async throws -> Workspace
    package let clock: any Clock
    package let entropy: any Entropy
    package let logger: Logger

    package init(
        control: any Database, tenants: Tenants, keyring: Keyring, schema: Schema, destinations: Destinations?,
        cluster: ClusterBackups? = nil, scratch: String,
        audit: AuditLog,
        watched: AuditLog, workspaces: @escaping @Sendable (EnvironmentID) async throws -> Workspace, clock: any Clock,
        entropy: any Entropy, logger: Logger
    ) {
        self.control = control
        self.tenants = tenants
        self.keyring = keyring
        self.schema = schema
        self.destinations = destinations
        self.cluster = cluster
        self.scratch = scratch
        self.audit = audit
        self.watched = watched
        self.workspaces = workspaces
        self.clock = clock
        self.entropy = entropy
        self.logger = logger
    }

    func workspace(of environment: EnvironmentID) async throws -> Workspace { try await workspaces(environment) }

    /// Whether anything could be restored from here at all.
    package var keepsAnything: Bool { destinations != nil || cluster != nil }

    /// What an environment is restored from: of several places of files the one called `name`, or a directory, which is the nearest, unless it is away.
    /// Commits are named differently at each place, so whoever keeps a commit keeps the place's name with it.
    /// - Throws: ``Refusal`` `backups-off`, `backups-elsewhere`, `backups-moved`
    func engine(of environment: HostedEnvironment, at name: String? = nil) throws -> any BackupEngine {
        let engine = environment.place == Places.embedded ? try archive(of: environment, at: name) : try clusterBackups()
        guard name == nil || name == engine.place else { throw Self.moved(name) }
        return engine
    }

    private func archive(of environment: HostedEnvironment, at name: String?) throws -> any BackupEngine {
        guard let destinations else { throw Self.notKept }
        let lines = destinations.keeping(.environment(environment.id))
        if let name {
            guard let line = lines.first(where: { $0.destination.name == name }) else { throw Self.moved(name) }
            return ArchivedBackups(line: line, recovery: self)
        }
        // One that takes nothing at the moment would give nothing either.
        let answering = lines.filter { $0.shipping.status(of: .environment(environment.id))?.failure == nil }
        let usable = answering.isEmpty ? lines : answering
        guard let line = usable.first(where: { $0.destination.kind == .directory }) ?? usable.first else { throw Self.notKept }
        return ArchivedBackups(line: line, recovery: self)
    }

    private func clusterBackups() throws -> any BackupEngine {
        guard let cluster else { throw Self.elsewhere }
        return ClusterWayBack(backups: cluster, recovery: self)
    }

    private static func moved(_ name: String?) -> Refusal {
        Refusal.conflict("backups-moved", "The place '\(name ?? "")' has no backups of this environment any more.")
    }

    // MARK: Scratch

    /// A directory that is not there yet; short, since a socket's path is.
    func newScratch() -> String { "\(scratch)/\(String(entropy.words().0, radix: 36))" }

    /// What earlier runs left.
    package func sweep() {
        ScratchCluster.sweep(below: scratch)
        try? FileManager.default.removeItem(atPath: scratch)
    }

    // MARK: Words

    static let notKept = Refusal.conflict(
        "backups-off", "Nothing is backed up here: the server was started without --backup. Its operator can change that.")
    static let elsewhere = Refusal.conflict(
        "backups-elsewhere",
        "This environment lies on PostgreSQL, and the server was started without --pgbackrest. Its operator can change that.")
    static let keyIsGone = Refusal.conflict(
        "backup-unreadable",
        "That moment can't be opened: its key was destroyed when the environment was moved. Choose a later moment.")

    /// What is wrong with a moment, or with an archive, in words for whoever asked.
    static func telling<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let fault as ArchiveFault {
            throw refusal(for: fault)
        } catch let fault as PgBackRestFault {
            throw refusal(for: fault)
        } catch let fault as ObjectFault {
            throw Refusal(.unavailable(retryAfter: .seconds(60)), "backup-away", "The backups can't be read at the moment: \(fault).")
        } catch let error as Shipping.NotShipped {
            throw Refusal(
                .unavailable(retryAfter: .seconds(60)), "backup-behind",
                "The newest changes can't be brought to the backups at the moment: \(error). Nothing was changed.")
        }
    }

    private static func refusal(for fault: ArchiveFault) -> Refusal {
        switch fault {
        case .tooEarly:
            Refusal.invalid("moment-too-early", "The backups don't go back that far. Choose a later moment.", field: "at")
        case .unrecorded:
            Refusal.invalid(
                "moment-unrecorded", "Backups were interrupted then, so nobody knows how it was. Choose a moment outside that gap.",
                field: "at")
        case .noCommit: Refusal.invalid("moment-unknown", "There is no such commit in the backups.", field: "at")
        default:
            Refusal(
                .unavailable(retryAfter: .seconds(3600)), "backup-damaged",
                "The backup can't be used: \(fault). Its operator has to look at it.")
        }
    }

    private static func refusal(for fault: PgBackRestFault) -> Refusal {
        switch fault {
        case .logMissing(let reason):
            Refusal.invalid(
                "moment-unrecorded",
                "The backups lack what was done between their newest copy before that moment and the moment itself: a piece of PostgreSQL's log is missing (\(reason)). Choose an earlier moment.",
                field: "at")
        case .failed, .tooLong:
            Refusal(
                .unavailable(retryAfter: .seconds(60)), "backup-away", "The backups can't be used at the moment: \(fault).")
        case .notInstalled, .noPassphrase, .noStanza, .wrongPassphrase, .unreadable, .scratch:
            Refusal(
                .unavailable(retryAfter: .seconds(3600)), "backup-damaged",
                "The backup can't be used: \(fault). Its operator has to look at it.")
        }
    }
}
