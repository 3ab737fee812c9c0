import Audit
import Backup
import Guarding
import Identity
import Moving
import OIDCProvider
import ObjectStores
import OwnCopies
import Sealing
import Storage
import Synchronization
import Tenants
import Vocabulary

/// What probes may look at: the running system, handed in as values.
package struct Platform: Sendable {
    /// One environment of one customer.
    package struct Place: Sendable, Hashable {
        package let id: EnvironmentID
        package let tenant: TenantID
        package let label: String
        /// Which engine has its database.
        package let engine: Places.Name
        /// The copy of its database that is in use, and those that a move is making or removing.
        package let copy: Int
        package let otherCopies: Set<Int>

        package init(
            id: EnvironmentID, tenant: TenantID, label: String, engine: Places.Name = Places.embedded, copy: Int = 1,
            otherCopies: Set<Int> = []
        ) {
            self.id = id
            self.tenant = tenant
            self.label = label
            self.engine = engine
            self.copy = copy
            self.otherCopies = otherCopies
        }

        package init(_ environment: HostedEnvironment, otherCopies: Set<Int> = []) {
            self.init(
                id: environment.id, tenant: environment.tenant, label: environment.label, engine: environment.place, copy: environment.copy,
                otherCopies: otherCopies)
        }

        /// Who owns the key of its database.
        var databaseKey: KeyOwner { .database(id, copy: copy) }
    }

    /// One entry of the route table.
    package struct Route: Sendable, Hashable {
        /// `apex`, `environment` or `shell`.
        package let door: String
        package let method: String
        package let path: String

        package init(door: String, method: String, path: String) {
            self.door = door
            self.method = method
            self.path = path
        }
    }

    /// Holds the routes; filled again when the last of them was added.
    package final class RouteTable: Sendable {
        private let held: Mutex<[Route]>

        init(_ routes: [Route]) { held = Mutex(routes) }

        package var routes: [Route] { held.withLock { $0 } }
        package func fill(_ routes: [Route]) { held.withLock { $0 = routes } }
    }

    /// Where the server listens, and the name in its certificate.
    package struct Listener: Sendable, Hashable {
        package let host: String
        package let port: Int
        package let serverName: String
        /// Bytes that it expects before TLS from this machine, such as a PROXY header.
        package let greeting: [UInt8]

        package init(host: String, port: Int, serverName: String, greeting: [UInt8] = []) {
            self.host = host
            self.port = port
            self.serverName = serverName
            self.greeting = greeting
        }
    }

    package struct Directories: Sendable, Hashable {
        /// Everything that the platform writes lies below these.
        package let written: [String]
        /// The databases' own directory. Nil where they lie on a server, out of this node's sight.
        package let databases: String?
        /// Nil where the keyring is a database.
        package let keyring: String?

        package init(written: [String], databases: String?, keyring: String?) {
            self.written = written
            self.databases = databases
            self.keyring = keyring
        }
    }

    package var control: any Database
    package var engines: Places
    /// What an environment's rows bring along when they move.
    package var derivation: any Derivation
    package var keyring: Keyring
    package var environmentSchema: Schema
    package var clock: any Clock
    package var entropy: any Entropy
    package var audit: AuditLog
    /// The installation's host name; begins the names of its logs.
    package var apex: String
    package var directories: Directories
    package var signIn: SignIn
    package var plane: ControlPlane
    /// All environments of all customers.
    package var places: @Sendable () async throws -> [Place]
    package var database: @Sendable (EnvironmentID) async throws -> any Database
    /// The whole route table, shared by all copies of this value: it is complete only after everything was wired.
    package private(set) var routeTable: RouteTable
    package var routes: [Route] {
        get { routeTable.routes }
        set { routeTable = RouteTable(newValue) }
    }
    /// Nil where nothing listens for TLS, such as behind a proxy on the same machine.
    package var listener: Listener?
    /// What was logged lately. Nil where nobody collects it.
    package var recentLog: RecentLog?
    package var tokens: TokenTrial?
    /// Nil where no provider stands beside.
    package var grants: GrantTrial?
    /// Lends somebody who leaves. Nil where nobody issues tokens.
    package var leavers: LeaverTrial?
    /// Where logs are published. Nil where they aren't.
    package var objects: (any ObjectStore)?
    /// Where commits are shipped to. Nil where they aren't.
    package var destinations: Destinations?
    package var placements: Placements?
    /// How long each database in files is kept.
    package var retentions: @Sendable () async throws -> [DatabaseName: Retention] = { [:] }
    /// Nil where nothing is shipped.
    package var backups: Backups?
    /// What is kept of the PostgreSQL server; nil where databases are files, or nobody keeps it.
    package var clusterBackups: (@Sendable () async throws -> ClusterBackups)?
    /// The names of the nodes at work; nil where there can be only one.
    package var nodes: (@Sendable () async throws -> [String])?
    /// The database server; nil where the databases are files.
    package var databaseServer: (@Sendable () async throws -> DatabaseServer)?
    /// Rehearses a recovery; nil where databases are shipped nowhere.
    package var rehearsal: (@Sendable () async throws -> Rehearsal)?
    /// Tenants that leave.
    package var departures: Departures?
    /// Files for customers to keep.
    package var ownCopies: OwnCopies?
    /// Who is kept out; nil where nobody stands at the door.
    package var guarding: Guarding?
    /// The server's door, once there is one.
    package let door = Door()
    /// Whether forwarded headers from an address are believed.
    package var trustsForwarded: @Sendable (_ address: String) -> Bool = { _ in false }

    package struct Guarding: Sendable {
        package let bans: Bans
        package let sentry: Sentry

        package init(bans: Bans, sentry: Sentry) { (self.bans, self.sentry) = (bans, sentry) }
    }

    /// Asks the server as somebody at a given address would, without a socket. Shared by all copies of the platform: the server is made last.
    package final class Door: Sendable {
        package struct Answer: Sendable, Hashable {
            package let status: Int
            /// Seconds.
            package let retryAfter: Int?

            package init(status: Int, retryAfter: Int? = nil) { (self.status, self.retryAfter) = (status, retryAfter) }
        }

        private let knocker = Mutex<(@Sendable (_ address: String, _ path: String) async throws -> Answer)?>(nil)

        package func open(_ knock: @escaping @Sendable (_ address: String, _ path: String) async throws -> Answer) {
            knocker.withLock { $0 = knock }
        }

        private let guest = Mutex<(@Sendable (_ path: String, _ session: String) async throws -> Int)?>(nil)

        /// `enter`: a GET of the apex with a session's cookie; answers with the status.
        package func admit(_ enter: @escaping @Sendable (_ path: String, _ session: String) async throws -> Int) {
            guest.withLock { $0 = enter }
        }

        /// The status of a GET of the apex with a session's cookie; nil where no server stands before this platform.
        func get(_ path: String, withSession session: String) async throws -> Int? {
            try await guest.withLock { $0 }?(path, session)
        }

        /// A GET of the apex.
        func get(_ path: String, from address: String) async throws -> Answer {
            guard let knock = knocker.withLock({ $0 }) else { throw CannotProbe("no server stands before this platform") }
            return try await knock(address, path)
        }
    }

    /// Makes and judges access tokens the way the server does.
    package struct TokenTrial: Sendable {
        /// The audience of an environment's tokens, by the environment's label.
        package let audience: @Sendable (_ label: String) -> String
        /// A token that is signed with the server's own key and good for `audience` alone.
        package let issue: @Sendable (_ audience: String) async throws -> String
        /// Whether the server takes a token as one for `audience`.
        package let accepts: @Sendable (_ token: String, _ audience: String) async throws -> Bool

        package init(
            audience: @escaping @Sendable (String) -> String, issue: @escaping @Sendable (String) async throws -> String,
            accepts: @escaping @Sendable (String, String) async throws -> Bool
        ) {
            self.audience = audience
            self.issue = issue
            self.accepts = accepts
        }
    }

    package init(
        control: any Database, engines: Places, derivation: any Derivation, keyring: Keyring, environmentSchema: Schema, clock: any Clock,
        entropy: any Entropy, audit: AuditLog, apex: String, directories: Directories, signIn: SignIn, plane: ControlPlane,
        places: @escaping @Sendable () async throws -> [Place], database: @escaping @Sendable (EnvironmentID) async throws -> any Database,
        routes: [Route] = [], listener: Listener? = nil, recentLog: RecentLog? = nil, tokens: TokenTrial? = nil,
        objects: (any ObjectStore)? = nil
    ) {
        self.control = control
        self.engines = engines
        self.derivation = derivation
        self.keyring = keyring
        self.environmentSchema = environmentSchema
        self.clock = clock
        self.entropy = entropy
        self.audit = audit
        self.apex = apex
        self.directories = directories
        self.signIn = signIn
        self.plane = plane
        self.places = places
        self.database = database
        routeTable = RouteTable(routes)
        self.listener = listener
        self.recentLog = recentLog
        self.tokens = tokens
        self.objects = objects
    }

    /// Signs and verifies the log of `owner`.
    package func checkpoints(of owner: KeyOwner) async throws -> AuditCheckpoints {
        let (database, environment): (any Database, EnvironmentID?) =
            switch owner {
            case .control: (control, nil)
            case .environment(let id), .database(let id, _): (try await self.database(id), id)
            }
        let seed = try keyring.subkey(for: owner, purpose: .auditSigning)
        let origin = AuditLog.origin(apex: apex, environment: environment)
        guard let checkpoints = AuditCheckpoints(database: database, origin: origin, seed: seed, clock: clock) else {
            throw CannotProbe("the log has no signing key")
        }
        return checkpoints
    }
}

extension Platform.TokenTrial {
    /// The provider's own keys and checks. `audience` gives the origin of an environment's host.
    package init(_ trial: AudienceTrial, audience: @escaping @Sendable (_ label: String) -> String) {
        self.init(
            audience: audience, issue: { try await trial.issue(for: $0) }, accepts: { try await trial.admits($0, to: $1) })
    }
}

extension PublishedLog {
    /// Every log has a folder of its own in the installation's object store.
    package init?(in store: any ObjectStore, of owner: KeyOwner, checkpoints: AuditCheckpoints) {
        let name =
            switch owner {
            case .control: "control"
            case .environment(let id), .database(let id, _): id.description
            }
        self.init(in: store, folder: "audit/\(name)", checkpoints: checkpoints)
    }
}
