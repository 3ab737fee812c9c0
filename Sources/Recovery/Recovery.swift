// Recovery: an environment goes back to a moment, or a copy of it as it was comes to stand beside it; and drills, that it could.
//
// It promises that what is restored is compared before anybody sees it, that a restore which is broken off leaves everything as it was, that what
// was done since is never erased, and that who may is never brought back. It refuses to know pages, and how archives are written.
import Audit
import Backup
import Logging
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
    /// Nil where nothing is shipped.
    package let destinations: Destinations?
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
        control: any Database, tenants: Tenants, keyring: Keyring, schema: Schema, destinations: Destinations?, scratch: String,
        audit: AuditLog,
        watched: AuditLog, workspaces: @escaping @Sendable (EnvironmentID) async throws -> Workspace, clock: any Clock,
        entropy: any Entropy, logger: Logger
    ) {
        self.control = control
        self.tenants = tenants
        self.keyring = keyring
        self.schema = schema
        self.destinations = destinations
        self.scratch = scratch
        self.audit = audit
        self.watched = watched
        self.workspaces = workspaces
        self.clock = clock
        self.entropy = entropy
        self.logger = logger
    }

    func workspace(of environment: EnvironmentID) async throws -> Workspace { try await workspaces(environment) }

    /// The place that environments are restored from, where this one's commits go there: the one called `name`, or a directory, which is the nearest.
    /// Commits are named differently at each place, so whoever keeps a commit keeps the place's name with it.
    func line(of environment: HostedEnvironment, at name: String? = nil) throws -> Destinations.Line {
        guard let destinations else { throw Self.notKept }
        guard environment.place == Places.embedded else { throw Self.elsewhere }
        let lines = destinations.keeping(.environment(environment.id))
        if let name {
            guard let line = lines.first(where: { $0.destination.name == name }) else {
                throw Refusal.conflict("backups-moved", "The place '\(name)' has no backups of this environment any more.")
            }
            return line
        }
        guard let line = lines.first(where: { $0.destination.kind == .directory }) ?? lines.first else { throw Self.notKept }
        return line
    }

    static let notKept = Refusal.conflict(
        "backups-off", "Nothing is backed up here: the server was started without --backup. Its operator can change that.")
    static let elsewhere = Refusal.conflict(
        "backups-elsewhere", "This environment lies on PostgreSQL, which has backups of its own. Its operator can restore from them.")
}
