import Alarms
import Audit
import Backup
import Controls
import Foundation
import Guarding
import Identity
import Jobs
import Logging
import OIDCProvider
import OwnCopies
import Records
import Sealing
import Storage
import Tenants
import TestSupport
import Vocabulary

/// A small platform that keeps its promises: two customers with three environments, keyring, identity, and whatever a test adds to break one.
final class PlatformFixture: Sendable {
    static let controlSchema = Schema(
        name: "control", AuditLog.migrations, Outbox.migrations, Tenants.migrations, IdentitySchema.migrations, OIDCSchema.migrations,
        ControlResults.migrations, GuardSchema.migrations, AlarmSchema.migrations, BackupAnchors.migrations,
        OwnCopy.migrations)
    static let operator_ = Principal(.shell(user: "root"))

    /// What an administrator does once for AZ-7.
    private static let rulesShown = Result { try PostgresCluster.shared.get().showRules() }

    private let place: TestEngine
    let engine: any Engine
    let keyring: Keyring
    let clock = ManualClock(SystemClock().now())
    let audit = AuditLog()
    let control: any Database
    let tenants: Tenants
    let platform: Platform

    /// `spoiling`: steps added to the environments' schema, to break what a probe looks at.
    init(spoiling: [Migration] = [], wrapping: @Sendable (any Engine) -> any Engine = { $0 }) async throws {
        place = try await TestEngine()
        engine = place.engine
        let path = place.directory.path
        try FileManager.default.createDirectory(atPath: path + "/data", withIntermediateDirectories: true)
        let entropy = SystemEntropy()
        keyring = Keyring(directory: path + "/keyring", clock: clock, entropy: entropy)
        guard let master = MasterKey(Secret(entropy.bytes(32))) else { throw CannotProbe("no master key") }
        try keyring.unseal(with: master)
        try keyring.create(for: .control)
        let keyring = keyring
        let controlKey: @Sendable () throws -> Secret = { try keyring.subkey(for: .control, purpose: .database) }
        try await engine.create(.control, key: controlKey(), schema: Self.controlSchema) { _ in }
        control = try await engine.open(.control, schema: Self.controlSchema, key: controlKey)

        let environmentSchema = Schema(name: "environment", AuditLog.migrations, Operations.migrations, Workspace.migrations, spoiling)
        let wrapped = wrapping(engine)
        let tenants = Tenants(
            control: control, engine: wrapped, keyring: keyring, environmentSchema: environmentSchema, clock: clock, entropy: entropy,
            audit: audit)
        self.tenants = tenants
        _ = try await tenants.create(
            slug: "acme", name: "Acme", edition: "enterprise", region: "eu-west", environments: [.production, .sandbox], by: Self.operator_)
        _ = try await tenants.create(slug: "umbra", name: "Umbra", edition: "team", region: "eu-west", by: Self.operator_)

        let watch = AlarmWatch(
            Outbox(of: .control, keyring: keyring, entropy: entropy), entropy: entropy, product: "Holdfast", origin: "https://holdfast.test"
        )
        let plane = ControlPlane(
            database: control, clock: clock, entropy: entropy, audit: AuditLog(watch: watch),
            digestKey: try keyring.subkey(for: .control, purpose: .identifierDigest), origin: "https://holdfast.test")
        let signIn = try SignIn(
            plane, sessions: Sessions(plane), hasher: PasswordHasher(cost: .least),
            factors: Factors(plane, sealer: try keyring.sealer(for: .control, purpose: .sealedColumns)), letters: LetterBox { _, _ in })
        var platform = Platform(
            control: control, engines: Places(wrapped), derivation: RecordDerivation(), keyring: keyring,
            environmentSchema: environmentSchema, clock: clock, entropy: entropy, audit: audit, apex: "holdfast.test",
            directories: .init(
                written: [path + "/data"], databases: TestEngine.isPostgres ? nil : path + "/data", keyring: path + "/keyring"),
            signIn: signIn, plane: plane,
            places: {
                try await tenants.allEnvironments().map { .init($0) }
            }, database: { try await tenants.database(of: $0) },
            routes: [
                .init(door: "apex", method: "POST", path: "/sign-in"), .init(door: "environment", method: "GET", path: "/collections"),
            ])
        if let served = engine as? any ServedEngine {
            try Self.rulesShown.get()
            platform.databaseServer = { try await served.server() }
            platform.nodes = { ["one", "two"] }
        }
        self.platform = platform
    }

    deinit {
        let engine = engine
        Task { await engine.shutdown() }
    }

    /// What the control's probe finds, on this platform or one that was changed.
    func check(_ id: String, on changed: Platform? = nil) async throws -> Evidence {
        guard let probe = Control.find(id)?.probe else { throw CannotProbe("\(id) has no probe") }
        return try await probe.check(changed ?? platform)
    }

    /// As the platform is where somebody issues tokens.
    func withLeavers() async throws -> Platform {
        let plane = platform.plane
        let keys = SigningKeys(plane, sealer: try keyring.sealer(for: .control, purpose: .sealedColumns))
        try await keys.prepare([.es256])
        let trial = LeaverTrial(plane, sessions: Sessions(plane), keys: keys, verifier: TokenVerifier(plane, keys: keys))
        return changed { $0.leavers = trial }
    }

    func changed(_ change: (inout Platform) -> Void) -> Platform {
        var platform = platform
        change(&platform)
        return platform
    }

    /// Runs statements as somebody with the file and the key would.
    func tamper(_ statements: SQL..., in database: (any Database)? = nil) async throws {
        try await (database ?? control).write { transaction in
            for statement in transaction.dialect.unguardingTheAuditLog + statements { try transaction.run(statement) }
        }
    }

    func place(_ label: String) async throws -> Platform.Place {
        guard let found = try await platform.places().first(where: { $0.label == label }) else { throw CannotProbe("no \(label)") }
        return found
    }

    var directory: TemporaryDirectory { place.directory }

    var results: ControlResults { ControlResults(database: control, clock: clock, audit: audit) }

    func rounds() -> ControlRounds { ControlRounds(platform: platform, results: results, logger: Logger(label: "test")) }

    func id<Kind>(_: Kind.Type = Kind.self) -> ID<Kind> { ID(at: clock.now(), entropy: SystemEntropy()) }

    /// An account with a session at some stage, and a session below it, written as the stores would.
    func session(
        account: AccountID? = nil, child: AccountID? = nil, stage: String = "complete", childStage: String = "complete", factor: Bool = true
    )
        async throws
    {
        let now = clock.now()
        let account = account ?? id()
        let child = child ?? account
        let (parent, below) = (id(Kinds.Session.self), id(Kinds.Session.self))
        let (environment, tenant) = (id(Kinds.Environment.self), id(Kinds.Tenant.self))
        try await control.write { transaction in
            for owner in Set([account, child]) {
                try transaction.run(
                    """
                    INSERT INTO account (id, identifier, display_name, state, created_at)
                    VALUES (\(owner), \("\(owner)@acme.example"), 'Somebody', 'active', \(now))
                    """)
                if factor {
                    try transaction.run(
                        """
                        INSERT INTO totp_factor (account, state, sealed, last_step, created_at) VALUES (\(owner), 'active', \([UInt8](arrayLiteral: 1)), 0, \(now))
                        """)
                }
            }
            for (session, owner, above, at, stage) in [
                (parent, account, SessionID?.none, EnvironmentID?.none, stage), (below, child, parent, environment, childStage),
            ] {
                try transaction.run(
                    """
                    INSERT INTO session (
                        id, token_digest, account, environment, tenant, parent, stage, created_at, authenticated_at, last_seen_at, idle_life, ends_at,
                        methods)
                    VALUES (
                        \(session), \(session.description), \(owner), \(at), \(at == nil ? TenantID?.none : tenant), \(above), \(stage), \(now), \(now),
                        \(now), 1800000000, \(now + .hours(1)), 'pwd otp')
                    """)
            }
        }
    }
}
