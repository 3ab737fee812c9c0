import Audit
import Foundation
import Ledger
import Storage
import TestSupport
import Testing
import Vocabulary

@Suite struct AuditLogTests {
    @Test func `an entry says what happened, who did it and from where`() async throws {
        let fixture = try await AuditFixture()
        let account = AccountID(at: fixture.clock.now(), entropy: SeededEntropy(seed: 1))
        let session = SessionID(at: fixture.clock.now(), entropy: SeededEntropy(seed: 2))
        let person = Principal(.account(account), session: session, address: "203.0.113.77", request: "r-1")
        try await fixture.record(.roleAssigned(account: account, role: "editor"), by: person)

        let entry = try #require(try await AuditEntries(database: fixture.database).page().entries.first)
        #expect(entry.seq == 0)
        #expect(entry.event == "role_assigned")
        #expect(entry.title == "A role was given")
        #expect(entry.account == account)
        #expect(entry.session == session.description)
        #expect(entry.request == "r-1")
        #expect(entry.at == ManualClock().now())
        #expect(
            entry.fields == [.init(name: "account", value: .reference(account.description)), .init(name: "role", value: .name("editor"))])
        #expect(
            entry.body == """
                {"actor":"account:\(account)","at":1800000000000000,"event":"role_assigned","fields":{"account":{"reference":"\(account)"},\
                "role":{"name":"editor"}},"network":"203.0.113.0/24","request":"r-1","seq":0,"session":"\(session)"}
                """)
    }

    @Test(
        arguments: [
            ("203.0.113.77", "203.0.113.0/24"), ("2001:DB8:1:2::3", "2001:db8:1::/48"), ("::1", "::/48"), ("fe80::1%eth0", "fe80::/48"),
            ("::ffff:203.0.113.77", "203.0.113.0/24"), ("somebody@example.com", nil), ("1.2.3", nil), ("1.2.3.400", nil), ("a:b c", nil),
        ] as [(String, String?)])
    func `an address is kept as its network, and what is no address not at all`(address: String, network: String?) async throws {
        let fixture = try await AuditFixture()
        try await fixture.record(.serverStopped, by: Principal(.anonymous, address: address))
        #expect(try await AuditEntries(database: fixture.database).entry(0)?.network == network)
        #expect(try await AuditEntries(database: fixture.database).entry(0)?.body.contains(address) == false)
    }

    @Test func `a change that is taken back takes its entry along and leaves no gap`() async throws {
        let fixture = try await AuditFixture()
        struct ChangedMind: Error {}
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<60 {
                group.addTask {
                    try? await fixture.database.write { transaction in
                        try transaction.run("INSERT INTO note (id, text) VALUES (\(number), 'x')")
                        try fixture.log.record(
                            .masterKeyRotated(version: number), by: Principal(.shell(user: "root")), at: fixture.clock.now(),
                            in: transaction)
                        if number % 3 == 0 { throw ChangedMind() }
                    }
                }
            }
        }
        let report = try await fixture.verifier().verify(fixture.database)
        #expect(report.holds, "\(report.faults)")
        #expect(report.entries == 40)
        #expect(try await fixture.database.read { try $0.value("SELECT count(*) FROM note", as: Int.self) } == 40)
        #expect(try await fixture.database.read { try $0.value("SELECT max(seq) FROM audit_entry", as: Int.self) } == 39)
    }

    @Test(
        arguments: [
            "DROP TABLE audit_entry", "DROP TABLE audit_frontier", "DELETE FROM audit_frontier", "UPDATE audit_frontier SET size = 7",
        ] as [SQLText])
    func `if the event can't be written, the change does not happen`(damage: SQLText) async throws {
        let fixture = try await AuditFixture()
        try await fixture.fill(3)
        try await fixture.tamper(damage.sql)
        await #expect(throws: StorageError.self) { try await change(fixture) }
        #expect(try await fixture.database.read { try $0.value("SELECT count(*) FROM note", as: Int.self) } == 0)
    }

    @Test func `if the log refuses the entry, the change does not happen`() async throws {
        let fixture = try await AuditFixture()
        switch fixture.engine.engine.dialect {
        case .sqlite:
            try await fixture.tamper("CREATE TRIGGER no_room BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(ABORT, 'no room'); END")
        case .postgres:
            try await fixture.tamper(
                "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room'; END $$",
                "CREATE TRIGGER no_room BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION no_room()")
        }
        await #expect(throws: StorageError.self) { try await change(fixture) }
        #expect(try await fixture.database.read { try $0.value("SELECT count(*) FROM note", as: Int.self) } == 0)
        try await fixture.tamper(fixture.engine.engine.dialect == .sqlite ? "DROP TRIGGER no_room" : "DROP TRIGGER no_room ON audit_entry")
        try await change(fixture)
        #expect(try await fixture.database.read { try $0.value("SELECT count(*) FROM note", as: Int.self) } == 1)
    }

    private func change(_ fixture: AuditFixture) async throws {
        try await fixture.database.write { transaction in
            try transaction.run("INSERT INTO note (id, text) VALUES (1, 'x')")
            try fixture.log.record(.serverStopped, by: Principal(.anonymous), at: fixture.clock.now(), in: transaction)
        }
    }

    @Test func `what was written can be neither changed nor removed by a slip`() async throws {
        let fixture = try await AuditFixture()
        try await fixture.fill(2)
        await #expect(throws: StorageError.self) { try await fixture.database.write { try $0.run("UPDATE audit_entry SET body = 'x'") } }
        await #expect(throws: StorageError.self) { try await fixture.database.write { try $0.run("DELETE FROM audit_entry") } }
    }

    @Test func `pages go from new to old, filtered by event, actor and time`() async throws {
        let fixture = try await AuditFixture()
        let start = fixture.clock.now()
        let person = Principal(.account(AccountID(at: start, entropy: SeededEntropy(seed: 3))))
        for version in 0..<5 {
            try await fixture.record(.masterKeyRotated(version: version), by: person)
            try await fixture.record(.serverStopped)
        }
        let entries = AuditEntries(database: fixture.database)
        let first = try await entries.page(limit: 4)
        #expect(first.entries.map(\.seq) == [9, 8, 7, 6])
        let second = try await entries.page(before: first.next, limit: 4)
        #expect(second.entries.map(\.seq) == [5, 4, 3, 2])
        let last = try await entries.page(before: second.next, limit: 4)
        #expect(last.entries.map(\.seq) == [1, 0])
        #expect(last.next == nil)
        #expect(first.previous == nil)
        let back = try await entries.page(after: try #require(last.previous), limit: 4)
        #expect(back.entries == second.entries)
        let beginning = try await entries.page(after: try #require(back.previous), limit: 4)
        #expect(beginning.entries == first.entries)
        #expect(beginning.previous == nil && beginning.next == first.next)
        #expect(try await entries.page(.init(events: ["server_stopped"])).entries.map(\.seq) == [9, 7, 5, 3, 1])
        #expect(try await entries.page(.init(actor: "account:\(try #require(person.account))")).entries.map(\.seq) == [8, 6, 4, 2, 0])
        #expect(try await entries.page(.init(from: start + .seconds(2), until: start + .seconds(4))).entries.map(\.seq) == [3, 2])
        #expect(try await entries.page(.init(events: ["no_such"])).entries.isEmpty)
        #expect(try await entries.count() == 10)
        #expect(try await entries.entry(10) == nil)
    }

    @Test func `the catalogue has an example and a title for every case`() throws {
        let source = try String(contentsOf: Self.root.appending(path: "Sources/Audit/AuditEvent.swift"), encoding: .utf8)
        let cases = source.split(separator: "\n").filter { $0.hasPrefix("    case ") && !$0.contains("AuditField") }.dropFirst(3)
        let declared = Set(cases.map { String($0.dropFirst(9).prefix { $0 != "(" && $0 != " " }) })
        let shown = Set(AuditEvent.examples.map { String("\($0)".prefix { $0 != "(" }) })
        #expect(declared == shown)
        #expect(Set(AuditEvent.examples.map(\.entry.name)).count == AuditEvent.examples.count)
        #expect(AuditEvent.title(named: "control_turned") == "A control changed its state")
        #expect(AuditEvent.title(named: "something_of_tomorrow") == "something of tomorrow")
    }

    /// `HOLDFAST_WRITE=1 swift test --filter AuditLogTests` writes it anew.
    @Test func `the catalogue's page is what the source says`() throws {
        let page = Self.root.appending(path: "docs/audit-events.md")
        if ProcessInfo.processInfo.environment["HOLDFAST_WRITE"] == "1" {
            try Data(AuditEvent.cataloguePage.utf8).write(to: page)
        }
        #expect(try String(contentsOf: page, encoding: .utf8) == AuditEvent.cataloguePage)
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}

/// A statement as a test's argument.
struct SQLText: ExpressibleByStringLiteral, Sendable, CustomTestStringConvertible {
    let sql: SQL
    private let text: String

    init(stringLiteral value: StaticString) {
        sql = SQL(stringLiteral: value)
        text = value.description
    }

    var testDescription: String { text }
}
