import Cluster
import Identity
import IdentityTesting
import TestSupport
import Testing
import Vocabulary

@Suite("Sessions")
struct SessionTests {
    @Test func `only a digest of the token is stored`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        let token = person.session.token.text
        #expect(token.utf8.count == 43)
        let rows = try await house.plane.database.read {
            try $0.rows("SELECT token_digest FROM session").map { try $0.get(0, as: String.self) }
        }
        #expect(!rows.isEmpty && !rows.contains { $0.contains(token) || token.contains($0) })
    }

    @Test func `a session ends when nobody uses it, and lives on while somebody does`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        for _ in 0..<6 {
            house.clock.advance(by: .minutes(29))
            #expect(try await house.desk.sessions.find(token: person.session.token.text) != nil)
        }
        house.clock.advance(by: .minutes(30))
        #expect(try await house.desk.sessions.find(token: person.session.token.text) == nil)
    }

    @Test func `a session in use ends after twelve hours all the same`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        for _ in 0..<47 {
            house.clock.advance(by: .minutes(15))
            #expect(try await house.desk.sessions.find(token: person.session.token.text) != nil)
        }
        house.clock.advance(by: .minutes(15))
        #expect(try await house.desk.sessions.find(token: person.session.token.text) == nil)
    }

    @Test func `use is written down at most once a minute`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        let start = try await house.plane.database.position()
        for _ in 0..<55 {
            house.clock.advance(by: .seconds(1))
            #expect(try await house.desk.sessions.find(token: person.session.token.text) != nil)
        }
        #expect(try await house.plane.database.position() == start)
        house.clock.advance(by: .seconds(5))
        #expect(try await house.desk.sessions.find(token: person.session.token.text) != nil)
        #expect(try await house.plane.database.position() > start)
    }

    @Test func `one sign-out ends all: the apex and every tenant's host`() async throws {
        let house = try await Installation()
        let tenant = house.tenant()
        let person = try await house.member("robin@acme.example", of: tenant)
        var children: [IssuedSession] = []
        for _ in 0..<3 {
            children.append(
                try await house.desk.sessions.startEnvironment(
                    house.environment(), of: tenant, under: person.session.session.id, address: nil, agent: nil))
        }
        for child in children { #expect(try await house.desk.sessions.find(token: child.token.text) != nil) }
        try await house.desk.sessions.signOut(children[1].session, by: person.principal)
        for issued in children + [person.session] { #expect(try await house.desk.sessions.find(token: issued.token.text) == nil) }
    }

    @Test func `a tenant's administrators learn when its people were last at its hosts, and nothing of other places`() async throws {
        let house = try await Installation()
        let (acme, globex) = (house.tenant(), house.tenant())
        let owner = try await house.member("olive@acme.example", of: acme)
        let person = try await house.member("robin@acme.example", of: acme, roles: ["reader"], inviter: owner)
        try await house.desk.memberships.join(person.account, to: globex, roles: ["reader"], by: Installation.shell)
        #expect(try await house.desk.sessions.lastSeen(in: acme).isEmpty)

        let child = try await house.desk.sessions.startEnvironment(
            house.environment(), of: acme, under: person.session.session.id, address: nil, agent: nil)
        house.clock.advance(by: .minutes(10))
        let atAcme = house.clock.now()
        #expect(try await house.desk.sessions.find(token: child.token.text) != nil)
        house.clock.advance(by: .minutes(10))
        // At the apex, and then at the other tenant's host.
        #expect(try await house.desk.sessions.find(token: person.session.token.text) != nil)
        _ = try await house.desk.sessions.startEnvironment(
            house.environment(), of: globex, under: person.session.session.id, address: nil, agent: nil)
        #expect(try await house.desk.sessions.lastSeen(in: acme) == [person.account: atAcme])
        #expect(try await house.desk.sessions.lastSeen(in: globex) == [person.account: house.clock.now()])

        try await house.desk.memberships.end(person.account, in: acme, by: owner.principal)
        #expect(try await house.desk.sessions.lastSeen(in: acme).isEmpty)
    }

    @Test func `work at a tenant's host keeps the apex session awake`() async throws {
        let house = try await Installation()
        let tenant = house.tenant()
        let person = try await house.member("robin@acme.example", of: tenant)
        let child = try await house.desk.sessions.startEnvironment(
            house.environment(), of: tenant, under: person.session.session.id, address: nil, agent: nil)
        for _ in 0..<4 {
            house.clock.advance(by: .minutes(20))
            #expect(try await house.desk.sessions.find(token: child.token.text) != nil)
        }
        #expect(try await house.desk.sessions.find(token: person.session.token.text) != nil)
    }

    @Test func `people see and end their own sessions only`() async throws {
        let house = try await Installation()
        let tenant = house.tenant()
        let robin = try await house.member("robin@acme.example", of: tenant)
        let kim = try await house.member("kim@acme.example", of: tenant, roles: ["reader"], inviter: robin)
        let second = try await house.signIn(robin)
        #expect(try await house.desk.sessions.list(of: robin.account).map(\.id).contains(second.session.id))
        #expect(try await refusalCode { try await house.desk.sessions.revoke(second.session.id, by: kim.principal) } == "not-found")
        #expect(try await house.desk.sessions.find(token: second.token.text) != nil)
        try await house.desk.sessions.revoke(second.session.id, by: robin.principal)
        #expect(try await house.desk.sessions.find(token: second.token.text) == nil)
        #expect(try await house.desk.sessions.find(token: robin.session.token.text) != nil)
    }

    @Test func `ending the others leaves the one in use`() async throws {
        let house = try await Installation()
        let tenant = house.tenant()
        let robin = try await house.member("robin@acme.example", of: tenant)
        let second = try await house.signIn(robin)
        let child = try await house.desk.sessions.startEnvironment(
            house.environment(), of: tenant, under: robin.session.session.id, address: nil, agent: nil)
        try await house.desk.sessions.revokeOthers(than: child.session, by: robin.principal)
        #expect(try await house.desk.sessions.find(token: second.token.text) == nil)
        #expect(try await house.desk.sessions.find(token: child.token.text) != nil)
        #expect(try await house.desk.sessions.find(token: robin.session.token.text) != nil)
    }

    // MARK: clock.jump

    @Test(arguments: [365, -365]) func `no session survives a clock that jumps a year`(_ days: Int) async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        let start = house.clock.now()
        house.clock.advance(by: .days(days))
        #expect(try await house.desk.sessions.find(token: person.session.token.text) == nil)
        house.clock.set(start)
        #expect(try await house.desk.sessions.find(token: person.session.token.text) == nil)
    }

    @Test func `a session that was seen to end doesn't revive when the clock goes back`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        let start = house.clock.now()
        house.clock.advance(by: .minutes(31))
        try await house.desk.sweep()
        house.clock.set(start + .minutes(1))
        #expect(try await house.desk.sessions.find(token: person.session.token.text) == nil)
    }

    @Test func `a throttle holds when the clock goes back, and no longer than it would have`() async throws {
        let house = try await Installation()
        let person = try await house.member("robin@acme.example", of: house.tenant())
        func attempt() async throws -> String? {
            try await refusalCode {
                _ = try await house.desk.signIn.password(
                    identifier: person.identifier, password: Secret("wrong"), by: Installation.visitor(from: "203.0.113.1"), agent: nil)
            }
        }
        for _ in 0..<8 { _ = try await attempt() }
        #expect(try await attempt() == "too-many-attempts")
        house.clock.advance(by: .days(-365))
        do {
            _ = try await house.desk.signIn.password(
                identifier: person.identifier, password: Secret("wrong"), by: Installation.visitor(from: "203.0.113.1"), agent: nil)
        } catch let refusal as Refusal {
            guard case .limited(let wait) = refusal.kind else { throw refusal }
            #expect(wait <= .minutes(15))
        }
    }

    @Test(arguments: ["", "x", String(repeating: "A", count: 43), String(repeating: "A", count: 1_000_000), "é"])
    func `a token that was never issued finds nothing`(_ token: String) async throws {
        let house = try await Installation()
        #expect(try await house.desk.sessions.find(token: token) == nil)
    }

    @Test func `a value read before a revocation is not remembered after it`() {
        let cache = BoundedCache<Int, Int>(limit: 4)
        let generation = cache.generation
        cache.forget { _, _ in false }
        cache.insert(1, for: 1, readAt: generation)
        #expect(cache[1] == nil)
        for key in 0..<100 { cache.insert(key, for: key, readAt: cache.generation) }
        #expect(cache.count <= 4)
    }
}
