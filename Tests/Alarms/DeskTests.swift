import Audit
import Guarding
import Identity
import IdentityTesting
import Storage
import Testing
import Vocabulary

@testable import Alarms

@Suite("What is done about alarms")
struct DeskTests {
    /// An alarm of the customer's own.
    private func alarm(_ street: Street) async throws -> Alarm {
        let editor = try await street.member("ed@acme.example", ["editor"])
        try await street.place.desk.memberships.setRoles(
            ["administrator"], of: editor.account, in: street.tenant, by: street.owner.principal)
        return try #require(try await street.customers().first)
    }

    @Test func `whoever sees it first has it; it is handed on, closed with a note, and opened again`() async throws {
        let street = try await Street()
        let alarm = try await alarm(street)
        let side = AlarmSide.tenant(street.tenant)
        let ed = try #require(alarm.subject)
        #expect(try await street.desk.openCount(side) == 1)
        let seen = try await street.desk.acknowledge(alarm.id, of: side, by: street.owner.principal)
        #expect(seen.state == .acknowledged && seen.assignee == street.owner.account)
        #expect(try await street.desk.openCount(side) == 0)
        street.place.clock.advance(by: .seconds(1))
        // A second one is too late to have it, and nothing is noted twice.
        #expect(try await street.desk.acknowledge(alarm.id, of: side, by: Principal(.account(ed))).assignee == street.owner.account)
        #expect(try await street.desk.assign(alarm.id, to: ed, of: side, by: street.owner.principal).assignee == ed)
        street.place.clock.advance(by: .seconds(1))
        let closed = try await street.desk.close(alarm.id, note: "We meant it.", of: side, by: Principal(.account(ed)))
        #expect(closed.state == .closed)
        #expect(try await street.desk.list(side, unsettled: true, by: street.owner.principal).isEmpty)
        street.place.clock.advance(by: .seconds(1))
        await #expect(throws: Refusal.self) {
            try await street.desk.assign(alarm.id, to: street.owner.account, of: side, by: street.owner.principal)
        }
        #expect(try await street.desk.reopen(alarm.id, of: side, by: street.owner.principal).state == .acknowledged)
        let steps = try await street.desk.find(alarm.id, of: side, by: street.owner.principal).steps
        #expect(steps.map(\.kind) == [.acknowledged, .assigned, .closed, .reopened])
        #expect(steps.map(\.note) == [nil, nil, "We meant it.", nil])
        #expect(steps[2].actorAccount == ed && steps[1].assignee == ed)
        for event in ["alarm_acknowledged", "alarm_assigned", "alarm_closed", "alarm_reopened"] {
            #expect(try await street.place.audited(event).count == 1, "\(event)")
        }
    }

    @Test func `another customer's people, and the vendor's, can't see or touch it`() async throws {
        let street = try await Street()
        _ = try await street.member("second@acme.example", ["administrator"])
        let alarm = try await alarm(street)
        let other = street.place.tenant()
        let stranger = try await street.place.member("kim@beta.example", of: other)
        let own = AlarmSide.tenant(street.tenant)
        for (side, principal) in [
            (own, stranger.principal), (.tenant(other), stranger.principal), (.vendor, stranger.principal),
            (.vendor, street.operator_.principal), (own, street.operator_.principal), (own, Principal(.anonymous)),
            (own, Principal(.client("app"))),
        ] {
            await #expect(throws: Refusal.self) { try await street.desk.find(alarm.id, of: side, by: principal) }
            await #expect(throws: Refusal.self) { try await street.desk.acknowledge(alarm.id, of: side, by: principal) }
            await #expect(throws: Refusal.self) { try await street.desk.close(alarm.id, of: side, by: principal) }
        }
        await #expect(throws: Refusal.self) {
            try await street.desk.assign(alarm.id, to: stranger.account, of: own, by: street.owner.principal)
        }
        #expect(try await street.customers().first?.state == .open)
    }

    @Test func `notes have a limit, and long closed alarms are forgotten`() async throws {
        let street = try await Street()
        let alarm = try await alarm(street)
        let side = AlarmSide.tenant(street.tenant)
        for note in [String(repeating: "a", count: AlarmDesk.longestNote + 1), "a\0b"] {
            await #expect(throws: Refusal.self) { try await street.desk.close(alarm.id, note: note, of: side, by: street.owner.principal) }
        }
        street.place.clock.advance(by: AlarmDesk.kept + .days(1))
        try await street.desk.sweep()
        #expect(try await street.customers().count == 1, "open ones stay")
        _ = try await street.desk.close(alarm.id, note: "", of: side, by: street.owner.principal)
        try await street.desk.sweep()
        #expect(try await street.customers().isEmpty)
    }
}
