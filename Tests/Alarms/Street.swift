import Audit
import Guarding
import Identity
import IdentityTesting
import Jobs
import Sealing
import Storage
import Tenants
import Testing
import Vocabulary

@testable import Alarms

/// An installation whose control plane's log is watched, with an operator and a customer.
struct Street {
    let place: Installation
    let operator_: Person
    let tenant: TenantID
    let owner: Person
    let desk: AlarmDesk
    let routes: AlarmRoutes
    let watch: AlarmWatch

    init() async throws {
        place = try await Installation(
            extra: Outbox.migrations + Tenants.migrations + GuardSchema.migrations + AlarmSchema.migrations,
            audit: { AuditLog(watch: Self.makeWatch($0, $1)) })
        watch = Self.makeWatch(place.keyring, place.entropy)
        desk = AlarmDesk(place.plane)
        routes = AlarmRoutes(place.plane, keyring: place.keyring, watch: watch, reach: Reach())
        operator_ = try await place.operatorPerson()
        let (tenant, now) = (place.tenant(), place.clock.now())
        self.tenant = tenant
        try await place.plane.write {
            try $0.run(
                """
                INSERT INTO tenant (id, slug, name, edition, region, state, created_at)
                VALUES (\(tenant), 'acme', 'Acme', 'team', 'eu-west', 'active', \(now))
                """)
        }
        owner = try await place.member("olga@acme.example", of: tenant)
    }

    private static func makeWatch(_ keyring: Keyring, _ entropy: any Entropy) -> AlarmWatch {
        AlarmWatch(
            Outbox(of: .control, keyring: keyring, entropy: entropy), entropy: entropy, product: "Holdfast", origin: Installation.origin)
    }

    /// What waits to be sent because of alarms: the outbox's identifier, and to whom or by which route.
    private func waiting() async throws -> [String: String] {
        try await place.plane.database.read { reader in
            let rows = try reader.rows("SELECT id, once FROM outbox WHERE once LIKE 'alarm/%'")
            return try Dictionary(
                uniqueKeysWithValues: rows.map { row in
                    (try row.get(0), String(try row.get(1, as: String.self).split(separator: "/", maxSplits: 2)[2]))
                })
        }
    }

    /// Whom `body` tells; sorted.
    func told(_ body: () async throws -> Void) async throws -> [String] {
        let before = try await waiting()
        try await body()
        return try await waiting().filter { before[$0.key] == nil }.values.sorted()
    }

    func member(_ identifier: String, _ roles: [String]) async throws -> Person {
        try await place.member(identifier, of: tenant, roles: roles, inviter: owner)
    }

    func vendors() async throws -> [Alarm] { try await desk.list(.vendor, by: Installation.shell) }
    func customers() async throws -> [Alarm] { try await desk.list(.tenant(tenant), by: owner.principal) }
}
