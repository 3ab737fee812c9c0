import Audit
import Identity
import Sealing
import Storage
import Vocabulary

/// What probes may look at: the running system, handed in as values.
package struct Platform: Sendable {
    /// One environment of one customer.
    package struct Place: Sendable, Hashable {
        package let id: EnvironmentID
        package let tenant: TenantID
        package let label: String

        package init(id: EnvironmentID, tenant: TenantID, label: String) {
            self.id = id
            self.tenant = tenant
            self.label = label
        }
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

    /// Where the server listens, and the name in its certificate.
    package struct Listener: Sendable, Hashable {
        package let host: String
        package let port: Int
        package let serverName: String

        package init(host: String, port: Int, serverName: String) {
            self.host = host
            self.port = port
            self.serverName = serverName
        }
    }

    package struct Directories: Sendable, Hashable {
        /// Everything that the platform writes lies below these.
        package let written: [String]
        /// The databases' own directory.
        package let databases: String
        package let keyring: String

        package init(written: [String], databases: String, keyring: String) {
            self.written = written
            self.databases = databases
            self.keyring = keyring
        }
    }

    package let control: any Database
    package let engine: any Engine
    package let keyring: Keyring
    package let environmentSchema: Schema
    package let clock: any Clock
    package let entropy: any Entropy
    package let audit: AuditLog
    /// The installation's host name; begins the names of its logs.
    package let apex: String
    package let directories: Directories
    package let signIn: SignIn
    package let plane: ControlPlane
    /// All environments of all customers.
    package let places: @Sendable () async throws -> [Place]
    package let database: @Sendable (EnvironmentID) async throws -> any Database
    package let routes: [Route]
    /// Nil where nothing listens for TLS, such as behind a proxy on the same machine.
    package let listener: Listener?
    /// What was logged lately. Nil where nobody collects it.
    package let recentLog: RecentLog?
    package let tokens: TokenTrial?

    /// Issues and checks access tokens the way the server does.
    package struct TokenTrial: Sendable {
        /// An access token that is good at `environment` and nowhere else, for a subject that is nobody.
        package let issue: @Sendable (_ environment: EnvironmentID) async throws -> String
        /// Whether a token is accepted at `environment`.
        package let accepts: @Sendable (_ token: String, _ environment: EnvironmentID) async throws -> Bool

        package init(
            issue: @escaping @Sendable (EnvironmentID) async throws -> String,
            accepts: @escaping @Sendable (String, EnvironmentID) async throws -> Bool
        ) {
            self.issue = issue
            self.accepts = accepts
        }
    }

    package init(
        control: any Database, engine: any Engine, keyring: Keyring, environmentSchema: Schema, clock: any Clock, entropy: any Entropy,
        audit: AuditLog, apex: String, directories: Directories, signIn: SignIn, plane: ControlPlane,
        places: @escaping @Sendable () async throws -> [Place], database: @escaping @Sendable (EnvironmentID) async throws -> any Database,
        routes: [Route] = [], listener: Listener? = nil, recentLog: RecentLog? = nil, tokens: TokenTrial? = nil
    ) {
        self.control = control
        self.engine = engine
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
        self.routes = routes
        self.listener = listener
        self.recentLog = recentLog
        self.tokens = tokens
    }

    /// Signs and verifies the log of `owner`.
    package func checkpoints(of owner: KeyOwner) async throws -> AuditCheckpoints {
        let (database, environment): (any Database, EnvironmentID?) =
            switch owner {
            case .control: (control, nil)
            case .environment(let id): (try await self.database(id), id)
            }
        let seed = try keyring.subkey(for: owner, purpose: .auditSigning)
        let origin = AuditLog.origin(apex: apex, environment: environment)
        guard let checkpoints = AuditCheckpoints(database: database, origin: origin, seed: seed, clock: clock) else {
            throw CannotProbe("the log has no signing key")
        }
        return checkpoints
    }
}
