import Audit
import Cluster
import Sealing
import Storage
import StorageSQLite
import TestSupport
import Testing
import Vocabulary

@testable import Tenants

/// A control database, a keyring and the register over them; another one can be started over the same data.
struct Platform {
    static let environmentSchema = Schema(
        name: "environment", AuditLog.migrations,
        [Migration("thing_0001", ["CREATE TABLE thing (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT"])])
    static let controlSchema = Schema(name: "control", AuditLog.migrations, Invalidations.migrations, Tenants.migrations)

    let fixture: TestEngine
    let keyring: Keyring
    let control: any Database
    let tenants: Tenants
    let clock = ManualClock()
    let operatorPrincipal = Principal(.shell(user: "operator"))

    init() async throws {
        fixture = try TestEngine()
        keyring = Keyring(directory: fixture.directory.path + "/keys", clock: clock, entropy: SystemEntropy())
        try keyring.unseal(with: try #require(MasterKey(Secret(Array(repeating: 3, count: 32)), version: 1)))
        control = try await fixture.database(.control, schema: Self.controlSchema)
        tenants = Self.tenants(control, fixture, keyring, clock)
    }

    static func tenants(_ control: any Database, _ fixture: TestEngine, _ keyring: Keyring, _ clock: ManualClock) -> Tenants {
        Tenants(
            control: control, engine: fixture.engine, keyring: keyring, environmentSchema: environmentSchema, clock: clock,
            entropy: SystemEntropy(), audit: AuditLog()
        ) { try $0.run("INSERT INTO thing (body) VALUES ('seeded')") }
    }

    /// The same data, nothing cached.
    var restarted: Tenants { Self.tenants(control, fixture, keyring, clock) }

    func events() async throws -> [String] {
        try await control.read { try $0.rows("SELECT event FROM audit_entry ORDER BY seq").map { try $0.get(0) } }
    }

    func create(_ slug: String, edition: String = "standard", environments: [HostedEnvironment.Kind] = [.production]) async throws -> Tenant
    {
        try await tenants.create(
            slug: slug, name: "The \(slug) company", edition: edition, region: "eu-west", environments: environments, by: operatorPrincipal)
    }
}

@Suite(.timeLimit(.minutes(1))) struct TenantsTests {
    @Test func `a new tenant has an active environment with its own database, key and label`() async throws {
        let platform = try await Platform()
        let tenant = try await platform.create("acme", environments: [.sandbox, .production])
        #expect(tenant.state == .active)
        #expect(try await platform.tenants.find(slug: "acme") == tenant)
        #expect(try await platform.tenants.find(tenant.id) == tenant)
        let environments = try await platform.tenants.environments(of: tenant.id)
        #expect(environments.map(\.label) == ["acme", "acme-sandbox"])
        #expect(environments.allSatisfy { $0.state == .active && $0.region == "eu-west" })
        var keys: [Secret] = []
        for environment in environments {
            let database = try await platform.tenants.database(of: environment.id)
            #expect(database.name == .environment(environment.id))
            #expect(try await database.read { try $0.value("SELECT body FROM thing", as: String.self) } == "seeded")
            keys.append(try platform.keyring.subkey(for: environment.databaseKey, purpose: .database))
        }
        #expect(keys[0] != keys[1])
        #expect(
            try await platform.events() == [
                "tenant_created", "environment_key_created", "environment_created", "environment_key_created", "environment_created",
            ])
        await platform.fixture.engine.shutdown()
    }

    @Test(arguments: [
        "", "Acme", "acme-sandbox", "-acme", "1acme", "acme.evil", "a_b", "acmé", "www", "api", "admin", "trust", "mail", "ns", "status",
        String(repeating: "a", count: 41),
    ])
    func `a slug that is no host label, has a hyphen or is kept for the platform is refused`(slug: String) async throws {
        let platform = try await Platform()
        let refusal = await #expect(throws: Refusal.self) { try await platform.create(slug) }
        #expect(["slug-invalid", "slug-reserved"].contains(refusal?.code))
        #expect(refusal?.fields.first?.field == "slug")
        #expect(try await platform.tenants.count() == 0)
        await platform.fixture.engine.shutdown()
    }

    @Test func `unknown editions and regions, empty names and too many environments are refused`() async throws {
        let platform = try await Platform()
        func refusal(
            name: String = "Acme", edition: String = "team", region: String = "eu-west", _ kinds: [HostedEnvironment.Kind] = [.production]
        )
            async -> String?
        {
            do {
                _ = try await platform.tenants.create(
                    slug: "acme", name: name, edition: edition, region: region, environments: kinds, by: platform.operatorPrincipal)
                return nil
            } catch {
                return (error as? Refusal)?.code
            }
        }
        #expect(await refusal(name: " \n ") == "name-invalid")
        #expect(await refusal(edition: "gold") == "edition-unknown")
        #expect(await refusal(region: "mars") == "region-unknown")
        #expect(await refusal([]) == "environment-limit")
        #expect(await refusal([.production, .production]) == "environment-limit")
        #expect(await refusal([.production, .test, .sandbox]) == "environment-limit")
        #expect(await refusal([.production, .test]) == nil)
        await platform.fixture.engine.shutdown()
    }

    @Test func `of many who want the same slug one gets it, and nothing is left of the others`() async throws {
        let platform = try await Platform()
        let codes = await withTaskGroup(of: String.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    do { return try await platform.create("acme").slug } catch { return (error as? Refusal)?.code ?? "\(error)" }
                }
            }
            return await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(codes.count { $0 == "acme" } == 1)
        #expect(codes.count { $0 == "slug-taken" } == 7)
        #expect(try await platform.tenants.list().map(\.slug) == ["acme"])
        #expect(try await platform.control.read { try $0.value("SELECT count(*) FROM environment", as: Int.self) } == 1)
        await platform.fixture.engine.shutdown()
    }

    @Test func `a creation that fails leaves neither rows nor database nor key nor event`() async throws {
        let platform = try await Platform()
        struct Broken: Error {}
        let broken = Tenants(
            control: platform.control, engine: platform.fixture.engine, keyring: platform.keyring,
            environmentSchema: Platform.environmentSchema,
            clock: platform.clock, entropy: SystemEntropy(), audit: AuditLog()
        ) { _ in throw Broken() }
        await #expect(throws: Broken.self) {
            try await broken.create(slug: "acme", name: "Acme", edition: "team", region: "eu-west", by: platform.operatorPrincipal)
        }
        #expect(try await platform.tenants.count() == 0)
        #expect(try await platform.control.read { try $0.value("SELECT count(*) FROM environment", as: Int.self) } == 0)
        #expect(try await platform.events().isEmpty)
        #expect(try await platform.create("acme").slug == "acme")
        await platform.fixture.engine.shutdown()
    }

    /// How far a creation had come when the server died.
    enum Stage: CaseIterable { case reserved, keyMade, databaseKeyMade, databaseMade }

    @Test(arguments: Stage.allCases)
    func `what a crash interrupted is finished at the next start`(stage: Stage) async throws {
        let platform = try await Platform()
        let now = platform.clock.now()
        let tenant = Tenant(
            id: TenantID(at: now, entropy: SystemEntropy()), slug: "acme", name: "Acme", edition: "team", region: "eu-west",
            state: .creating,
            createdAt: now)
        let environment = HostedEnvironment(
            id: EnvironmentID(at: now, entropy: SystemEntropy()), tenant: tenant.id, kind: .production, label: "acme", region: "eu-west",
            state: .creating, createdAt: now)
        try await platform.control.write {
            try tenant.insert(in: $0)
            try environment.insert(in: $0)
        }
        if stage != .reserved { try platform.keyring.create(for: .environment(environment.id)) }
        if stage == .databaseKeyMade { try platform.keyring.create(for: environment.databaseKey) }
        if stage == .databaseMade { try await platform.tenants.build(environment) }
        let restarted = platform.restarted
        #expect(try await restarted.environment(label: "acme") == nil)
        await #expect(throws: Refusal.self) { try await restarted.database(of: environment.id) }
        #expect(try await restarted.recover(by: Principal(.platform(component: "tenants"))).map(\.id) == [environment.id])
        #expect(try await restarted.environment(label: "acme")?.state == .active)
        #expect(try await restarted.find(slug: "acme").state == .active)
        let bodies = try await restarted.database(of: environment.id).read {
            try $0.rows("SELECT body FROM thing").map { try $0.get(0, as: String.self) }
        }
        #expect(bodies == ["seeded"])
        #expect(try await platform.events() == ["tenant_created", "environment_key_created", "environment_created"])
        #expect(try await restarted.recover(by: Principal(.platform(component: "tenants"))).isEmpty)
        await platform.fixture.engine.shutdown()
    }

    @Test func `a label leads to its environment only, also from the cache`() async throws {
        let platform = try await Platform()
        #expect(try await platform.tenants.environment(label: "acme") == nil)
        #expect(try await platform.tenants.environment(label: "acme-sandbox") == nil)
        let acme = try await platform.create("acme")
        let other = try await platform.create("other")
        for _ in 0..<2 {
            #expect(try await platform.tenants.environment(label: "acme")?.tenant == acme.id)
            #expect(try await platform.tenants.environment(label: "other")?.tenant == other.id)
        }
        let sandbox = try await platform.tenants.createEnvironment(.sandbox, of: acme.id, by: platform.operatorPrincipal)
        #expect(try await platform.tenants.environment(label: "acme-sandbox") == sandbox)
        for label in ["ACME", "acme.", "acme' OR 1=1", "acme\0", "", "acme--sandbox"] {
            #expect(try await platform.tenants.environment(label: label) == nil)
        }
        let refusal = await #expect(throws: Refusal.self) {
            try await platform.tenants.createEnvironment(.sandbox, of: acme.id, by: platform.operatorPrincipal)
        }
        #expect(refusal?.code == "environment-exists")
        await platform.fixture.engine.shutdown()
    }

    @Test func `two tenants with identical rows never see each other's`() async throws {
        let platform = try await Platform()
        var databases: [String: any Database] = [:]
        for slug in ["acme", "other"] {
            let tenant = try await platform.create(slug)
            let environment = try #require(try await platform.tenants.environments(of: tenant.id).first)
            let database = try await platform.tenants.database(of: environment.id)
            try await database.write { try $0.run("INSERT INTO thing (id, body) VALUES (42, \("secret of \(slug)"))") }
            databases[slug] = database
        }
        for (slug, database) in databases {
            let body = try await database.read { try $0.value("SELECT body FROM thing WHERE id = 42", as: String.self) }
            #expect(body == "secret of \(slug)")
        }
        await platform.fixture.engine.shutdown()
    }

    @Test func `sealed, no tenant is made and no unopened database is opened`() async throws {
        let platform = try await Platform()
        let tenant = try await platform.create("acme")
        let environment = try #require(try await platform.tenants.environments(of: tenant.id).first)
        platform.keyring.seal()
        await #expect(throws: Refusal.self) { try await platform.create("other") }
        await #expect(throws: Refusal.self) { try await platform.restarted.database(of: environment.id) }
        #expect(try await platform.tenants.list().map(\.slug) == ["acme"])
        await platform.fixture.engine.shutdown()
    }

    @Test func `an edition can be changed, within what it allows`() async throws {
        let platform = try await Platform()
        let tenant = try await platform.create("acme", environments: [.production, .test, .sandbox])
        #expect(
            try await platform.tenants.change(edition: "enterprise", of: tenant.id, by: platform.operatorPrincipal).edition == "enterprise")
        #expect(try await platform.tenants.find(tenant.id).edition == "enterprise")
        let refusal = await #expect(throws: Refusal.self) {
            try await platform.tenants.change(edition: "sandbox", of: tenant.id, by: platform.operatorPrincipal)
        }
        #expect(refusal?.code == "environment-limit")
        #expect(try await platform.events().last == "tenant_edition_changed")
        await platform.fixture.engine.shutdown()
    }
}

@Suite struct EditionTests {
    @Test func `editions keep what the white paper promises`() {
        #expect(Edition.all.map(\.name) == ["sandbox", "team", "standard", "enterprise"])
        #expect(Edition.all.map(\.retention.pointInTime) == [.days(7), .days(14), .days(14), .days(35)])
        #expect(Edition.all.map(\.retention.weeklyBackups) == [0, 5, 5, 5])
        #expect(Edition.all.map(\.retention.monthlyBackups) == [0, 12, 12, 12])
        #expect(Edition.enterprise.retention(of: .sandbox).pointInTime == .days(7))
        #expect(Edition.enterprise.retention(of: .production).pointInTime == .days(35))
    }

    @Test func `every region is paired with another one, which is paired with it`() throws {
        for region in Region.all {
            let pair = try #require(Region(named: region.pair))
            #expect(pair != region)
            #expect(pair.pair == region.name)
        }
    }
}

@Suite struct KnownEnvironmentsTests {
    private let environment = HostedEnvironment(
        id: EnvironmentID(at: Instant(seconds: 1), entropy: SeededEntropy(seed: 1)),
        tenant: TenantID(at: Instant(seconds: 1), entropy: SeededEntropy(seed: 2)),
        kind: .production, label: "acme", region: "eu-west", state: .active, createdAt: Instant(seconds: 1))

    @Test func `what was looked up before something was forgotten is not kept`() {
        let known = KnownEnvironments()
        let generation = known.generation
        known.forget([environment.id])
        known.keep(environment, ifStill: generation)
        #expect(known.environment(label: "acme") == nil)
        known.keep(environment, ifStill: known.generation)
        #expect(known.environment(label: "acme") == environment)
        known.forget([environment.id])
        #expect(known.environment(label: "acme") == nil)
        #expect(known.environment(environment.id) == nil)
    }

    @Test func `the cache stays bounded`() {
        let known = KnownEnvironments(capacity: 10)
        for number in 0..<100 {
            let other = HostedEnvironment(
                id: EnvironmentID(at: Instant(seconds: 1), entropy: SystemEntropy()), tenant: environment.tenant, kind: .production,
                label: "t\(number)", region: "eu-west", state: .active, createdAt: Instant(seconds: 1))
            known.keep(other, ifStill: known.generation)
            #expect(known.environment(label: "t\(number)") == other)
        }
        #expect((0..<100).count { known.environment(label: "t\($0)") != nil } <= 10)
    }
}
