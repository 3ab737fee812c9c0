import Alarms
import Audit
import Identity
import Jobs
import Storage
import Testing
import Vocabulary

@testable import Controls

@Suite("GD-3 lets things happen that must be told of")
struct AlarmProbeTests {
    /// With an operator, without whom nobody could be told.
    private func fixture() async throws -> PlatformFixture {
        let fixture = try await PlatformFixture()
        let (id, now): (AccountID, Instant) = (fixture.id(), fixture.clock.now())
        try await fixture.control.write { transaction in
            try transaction.run(
                """
                INSERT INTO account (id, identifier, display_name, state, created_at)
                VALUES (\(id), 'operator@vendor.example', 'Sam Gate', 'active', \(now))
                """)
            try transaction.run("INSERT INTO staff (account, role, since) VALUES (\(id), 'operator', \(now))")
        }
        return fixture
    }

    private func count(_ table: SQLName, _ fixture: PlatformFixture) async throws -> Int {
        try await fixture.control.read { try $0.value("SELECT count(*) FROM \(table)") ?? 0 }
    }

    @Test func `GD-3 holds where alarms are raised, and leaves nothing behind`() async throws {
        let fixture = try await fixture()
        let tables: [SQLName] = ["alarm", "outbox", "ban", "account", "membership", "audit_entry"]
        var before: [Int] = []
        for table in tables { before.append(try await count(table, fixture)) }
        let evidence = try await fixture.check("GD-3")
        #expect(evidence.holds, "\(evidence)")
        #expect(evidence.facts["witnesses"] == .integer(1))
        var after: [Int] = []
        for table in tables { after.append(try await count(table, fixture)) }
        #expect(after == before)
    }

    @Test func `GD-3 turns where nobody watches the log`() async throws {
        let fixture = try await fixture()
        let deaf = ControlPlane(
            database: fixture.control, clock: fixture.clock, entropy: SystemEntropy(), audit: AuditLog(),
            digestKey: Secret([UInt8](repeating: 1, count: 32)), origin: "https://holdfast.test")
        let evidence = try await fixture.check("GD-3", on: fixture.changed { $0.plane = deaf })
        #expect(!evidence.holds)
    }

    @Test func `GD-3 turns where an alarm waits for the mail server`() async throws {
        let fixture = try await fixture()
        let since = fixture.clock.now() - .minutes(2)
        try await fixture.tamper(
            """
            INSERT INTO outbox (id, kind, once, payload, state, attempts, due_at, created_at)
            VALUES ('1', 'mail', 'alarm/1/operator@vendor.example', \([UInt8](arrayLiteral: 1)), 'waiting', 3, \(since), \(since))
            """)
        #expect(try await !fixture.check("GD-3").holds)
    }

    @Test func `GD-3 turns where nobody besides those concerned is told`() async throws {
        let fixture = try await fixture()
        try await fixture.tamper("UPDATE account SET state = 'disabled'")
        let evidence = try await fixture.check("GD-3")
        #expect(!evidence.holds)
    }

    @Test func `GD-3 says nothing as long as there is no operator`() async throws {
        let fixture = try await PlatformFixture()
        await #expect(throws: CannotProbe.self) { try await fixture.check("GD-3") }
    }
}
