import Identity
import OIDCProvider
import Storage
import TestSupport
import Testing
import Vocabulary

@testable import Controls

/// Probes of accounts, invitations, leavers and staff.
@Suite struct PeopleProbeTests {
    private let owner = Principal(.shell(user: "root"))

    // MARK: ID-1

    @Test func `ID-1 holds while each address has one account`() async throws {
        let fixture = try await PlatformFixture()
        try await fixture.session()
        let evidence = try await fixture.check("ID-1")
        #expect(evidence.holds, "\(evidence)")
        #expect(evidence.facts["accounts"] == 1)
    }

    @Test func `ID-1 turns when an account is kept under another spelling`() async throws {
        let fixture = try await PlatformFixture()
        try await fixture.session()
        try await fixture.tamper("UPDATE account SET identifier = 'Robin@Acme.example'")
        let evidence = try await fixture.check("ID-1")
        #expect(!evidence.holds, "\(evidence)")
    }

    @Test func `ID-1 turns when an invitation does not join the account that is there`() async throws {
        let fixture = try await PlatformFixture()
        let forgetful = Migration("test_0001_forgetful") {
            $0.trigger(
                "forgetful", after: "INSERT ON membership", when: "1 = 1", "UPDATE membership SET suspended_at = 1 WHERE id = NEW.id")
        }
        let evidence = try await OneAccount(spoiling: [forgetful]).check(fixture.platform)
        #expect(evidence.facts["problems"] == ["two invitations did not join one account"], "\(evidence)")
    }

    // MARK: ID-11

    @Test func `ID-11 holds while leavers are out at once, and leaves nobody behind`() async throws {
        let fixture = try await PlatformFixture()
        let evidence = try await fixture.check("ID-11", on: fixture.withLeavers())
        #expect(evidence.holds, "\(evidence)")
        for leaving in LeaverTrial.Leaving.allCases { #expect(evidence.facts["\(leaving.rawValue)_ms"] != nil) }
        let left = try await fixture.control.read { try $0.value("SELECT count(*) FROM account", as: Int.self) }
        #expect(left == 0)
        await #expect(throws: CannotProbe.self) { try await fixture.check("ID-11") }
    }

    @Test func `ID-11 turns when something outlives its person`() async throws {
        let fixture = try await PlatformFixture()
        let platform = try await fixture.withLeavers()
        let dialect = try await fixture.control.read { $0.dialect }
        // A session that comes back, and a person who stays a member.
        for step in dialect.trigger(
            "undead", after: "UPDATE ON account", when: "NEW.state = 'disabled'",
            "UPDATE account SET state = 'active' WHERE id = NEW.id")
        { try await fixture.tamper(step) }
        for step in dialect.trigger(
            "revenant", after: "UPDATE ON session", when: "NEW.ended_at IS NOT NULL",
            "UPDATE session SET ended_at = NULL WHERE id = NEW.id")
        { try await fixture.tamper(step) }
        let evidence = try await fixture.check("ID-11", on: platform)
        #expect(!evidence.holds, "\(evidence)")
        #expect(
            evidence.facts["problems"]?.array?.contains { $0.string?.hasPrefix("disabled, and still in by the session") == true } == true)
    }

    // MARK: ID-12

    @Test func `ID-12 holds while invitations serve one address once`() async throws {
        let fixture = try await PlatformFixture()
        let evidence = try await fixture.check("ID-12")
        #expect(evidence.holds, "\(evidence)")
        #expect((evidence.facts["trials"]?.integer ?? 0) > 15)
    }

    @Test func `ID-12 turns when an invitation is good twice`() async throws {
        let fixture = try await PlatformFixture()
        let again = Migration("test_0001_again") { dialect in
            dialect.trigger(
                "unused", after: "UPDATE ON one_time_code", when: "NEW.used_at IS NOT NULL",
                "UPDATE one_time_code SET used_at = NULL WHERE digest = NEW.digest")
                + dialect.trigger(
                    "waiting", after: "UPDATE ON invitation", when: "NEW.state = 'accepted'",
                    "UPDATE invitation SET state = 'pending' WHERE id = NEW.id")
        }
        let evidence = try await InvitationsBound(spoiling: [again]).check(fixture.platform)
        #expect(evidence.facts["problems"]?.array?.contains("an invitation was good twice for somebody known") == true, "\(evidence)")
    }

    @Test func `ID-12 turns when somebody gets other roles than were chosen`() async throws {
        let fixture = try await PlatformFixture()
        let more = Migration("test_0001_more") {
            $0.trigger(
                "more", after: "INSERT ON membership_role", when: "NEW.role = 'clerk'",
                "INSERT INTO membership_role (membership, role) VALUES (NEW.membership, 'owner')")
        }
        let evidence = try await InvitationsBound(spoiling: [more]).check(fixture.platform)
        #expect(evidence.facts["problems"]?.array?.contains("somebody new has other roles than were chosen") == true, "\(evidence)")
    }

    // MARK: AZ-5

    private func shown(_ fixture: PlatformFixture) -> Platform {
        fixture.changed { $0.routes.append(.init(door: "environment", method: "GET", path: StaffApart.shown)) }
    }

    @Test func `AZ-5 holds while a handful has production, and customers see who`() async throws {
        let fixture = try await PlatformFixture()
        let staff = Staff(fixture.platform.plane)
        let one = try await Accounts(fixture.platform.plane).create(identifier: "olive@vendor.example", displayName: "Olive", by: owner)
        try await staff.appoint(one.id, by: owner)
        try await staff.give(.production, as: .operates, to: one.id, by: owner)
        let evidence = try await fixture.check("AZ-5", on: shown(fixture))
        #expect(evidence.holds, "\(evidence)")
        #expect(evidence.facts["production"] == 1)
        #expect(try await !fixture.check("AZ-5").holds, "without a page for customers it is broken")
    }

    @Test func `AZ-5 turns when too many have production, or somebody has an operator's access who is none`() async throws {
        let fixture = try await PlatformFixture()
        let now = fixture.clock.now()
        let accounts = Accounts(fixture.platform.plane)
        for number in 0..<6 {
            let one = try await accounts.create(identifier: "s\(number)@vendor.example", displayName: "S", by: owner)
            try await fixture.tamper(
                "INSERT INTO staff_access (account, kind, role, since, given_by) VALUES (\(one.id), 'production', 'support', \(now), '')")
        }
        #expect(try await !fixture.check("AZ-5", on: shown(fixture)).holds)
        try await fixture.tamper(
            "DELETE FROM staff_access", "INSERT INTO staff_access SELECT id, 'test', 'operator', created_at, '' FROM account")
        #expect(try await !fixture.check("AZ-5", on: shown(fixture)).holds)
    }

    @Test func `AZ-5 turns when sandboxes open production`() async throws {
        let fixture = try await PlatformFixture()
        let wider = Migration("test_0001_wider") {
            $0.trigger(
                "wider", after: "INSERT ON staff_access", when: "NEW.kind = 'sandbox' AND NEW.role = 'operator'",
                "INSERT INTO staff_access (account, kind, role, since, given_by) VALUES (NEW.account, 'production', NEW.role, NEW.since, '')"
            )
        }
        let evidence = try await StaffApart(spoiling: [wider]).check(shown(fixture))
        #expect(
            evidence.facts["problems"]?.array?.contains("a new operator reaches production without having been given it") == true,
            "\(evidence)")
    }
}
