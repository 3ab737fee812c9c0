import Audit
import Controls
import Sealing
import Storage
import Tenants
import TestSupport
import Testing
import Vocabulary

/// BK-9 and TN-11, and that each turns.
@Suite struct DepartureProbeTests {
    // MARK: BK-9

    private func rehearsed(_ fixture: PlatformFixture, problems: [String] = []) async throws -> Evidence {
        try await fixture.check(
            "BK-9",
            on: fixture.changed { $0.rehearsal = { .init(restored: 2, keys: 7, took: .seconds(1), problems: problems) } })
    }

    private func note(bundleIn fixture: PlatformFixture) async throws {
        try await fixture.control.write { transaction in
            try fixture.audit.record(
                .recoveryBundleMade(holders: "9f2a", needed: 2, of: 3), by: PlatformFixture.operator_, at: fixture.clock.now(),
                in: transaction)
        }
    }

    @Test func `BK-9 holds while a rehearsal brings everything back and the bundle knows every environment`() async throws {
        let fixture = try await PlatformFixture()
        await #expect(throws: CannotProbe.self) { try await fixture.check("BK-9") }
        #expect(try await !rehearsed(fixture).holds)
        fixture.clock.advance(by: .seconds(1))
        try await note(bundleIn: fixture)
        #expect(try await rehearsed(fixture).holds)
        #expect(try await !rehearsed(fixture, problems: ["environment/x: there is no archive"]).holds)
        fixture.clock.advance(by: .seconds(1))
        _ = try await fixture.tenants.create(
            slug: "younger", name: "Younger", edition: "team", region: "eu-west", by: PlatformFixture.operator_)
        let evidence = try await rehearsed(fixture)
        #expect(!evidence.holds && evidence.summary.contains("1 environments are younger"))
    }

    // MARK: TN-11

    private func left(_ fixture: PlatformFixture, backups: Int = 0, verifies: Bool = true) async throws -> Evidence {
        let tenants = fixture.tenants
        return try await fixture.check(
            "TN-11",
            on: fixture.changed {
                $0.departures = .init(all: { try await tenants.allLeaving() }, backups: { _ in backups }, verifies: { _ in verifies })
            })
    }

    @Test func `TN-11 turns for whatever is left of somebody who left`() async throws {
        let fixture = try await PlatformFixture()
        await #expect(throws: CannotProbe.self) { try await left(fixture) }
        let umbra = try await fixture.tenants.find(slug: "umbra")
        let environment = try #require(try await fixture.tenants.environments(of: umbra.id).first)
        let leaving = try await fixture.tenants.leave(umbra.id, on: fixture.clock.now(), reason: "", by: PlatformFixture.operator_)
        #expect(try await left(fixture).holds)
        fixture.clock.advance(by: .days(15))
        #expect(try await !left(fixture).holds)
        // Its keys go, its row and database are still there.
        try await fixture.tenants.destroyKeys(of: environment.id, slug: "umbra")
        #expect(try await !left(fixture).holds)
        var closed = try await fixture.tenants.close(leaving, by: PlatformFixture.operator_) { _, _ in }
        closed.facts.environments = []
        try await fixture.tenants.finish(closed, certificate: "a note", by: PlatformFixture.operator_) { _, _ in }
        let evidence = try await left(fixture)
        #expect(!evidence.holds && evidence.summary.contains("database"))
        try await fixture.tenants.destroyDatabases(of: environment.id)
        #expect(try await left(fixture).holds)
        #expect(try await !left(fixture, backups: 1).holds)
        #expect(try await !left(fixture, verifies: false).holds)
    }
}
