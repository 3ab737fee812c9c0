import Audit
import Guarding
import Identity
import IdentityTesting
import Storage
import Testing
import Vocabulary

@testable import Alarms

@Suite("What is worth an alarm")
struct RaisingTests {
    @Test func `a new administrator is told to all of the customer's owners and administrators, and to nobody else`() async throws {
        let street = try await Street()
        let anna = try await street.member("anna@acme.example", ["administrator"])
        let editor = try await street.member("ed@acme.example", ["editor"])
        let told = try await street.told {
            try await street.place.desk.memberships.setRoles(
                ["administrator"], of: editor.account, in: street.tenant, by: street.owner.principal)
        }
        #expect(told == ["anna@acme.example", "ed@acme.example", "olga@acme.example"])
        let alarm = try #require(try await street.customers().first)
        #expect(alarm.rule == .newAdministrator && alarm.severity == .critical && alarm.state == .open)
        #expect(alarm.subject == editor.account && alarm.actorAccount == street.owner.account && alarm.detail == "administrator")
        #expect(alarm.told == 3 && !alarm.isShared)
        _ = anna
        let vendors = try await street.vendors()
        #expect(!vendors.contains { $0.id == alarm.id })
    }

    @Test func `what the last administrator does is told to the vendor too`() async throws {
        let street = try await Street()
        let friend = try await street.member("friend@acme.example", ["editor"])
        let told = try await street.told {
            try await street.place.desk.memberships.setRoles(["owner"], of: friend.account, in: street.tenant, by: street.owner.principal)
        }
        #expect(told == ["friend@acme.example", "olga@acme.example", "operator@vendor.example"])
        let vendors = try await street.vendors()
        #expect(vendors.contains { $0.rule == .newAdministrator && $0.isShared })
    }

    @Test func `what the last operator does is told to the customers`() async throws {
        let street = try await Street()
        let told = try await street.told {
            try await Staff(street.place.plane).appoint(street.owner.account, by: street.operator_.principal)
        }
        #expect(told == ["olga@acme.example", "operator@vendor.example"])
        // A third one is told to the two there are; no customer has to know.
        let editor = try await street.member("ed@acme.example", ["editor"])
        let again = try await street.told { try await Staff(street.place.plane).appoint(editor.account, by: street.operator_.principal) }
        #expect(again == ["ed@acme.example", "olga@acme.example", "operator@vendor.example"])
        #expect(try await street.vendors().map(\.rule) == [.newOperator, .newOperator])
    }

    @Test func `nobody is told of the first owner, of editors, and of roles that are taken away`() async throws {
        let street = try await Street()
        let told = try await street.told {
            let editor = try await street.member("ed@acme.example", ["editor"])
            try await street.place.desk.memberships.setRoles(["reader"], of: editor.account, in: street.tenant, by: street.owner.principal)
        }
        #expect(told.isEmpty)
        #expect(try await street.customers().isEmpty)
        #expect(try await street.vendors().isEmpty)
    }

    @Test func `a ban is told to operators, scanning as an intrusion attempt, and one by hand or of nobody's network to none`() async throws
    {
        let street = try await Street()
        let bans = Bans(street.place.plane)
        let guardian = Principal(.platform(component: "guard"))
        let told = try await street.told {
            _ = try await bans.impose(on: AddressRange.typed("11.22.33.44"), for: .signIn, by: guardian)
            street.place.clock.advance(by: .seconds(1))
            _ = try await bans.impose(on: AddressRange.typed("11.22.33.45"), for: .probe, by: guardian)
            _ = try await bans.impose(on: AddressRange.typed("203.0.113.5"), for: .probe, by: guardian)
            _ = try await bans.add(AddressRange.typed("11.22.33.46"), for: .hours(1), by: Installation.shell)
        }
        #expect(told == ["operator@vendor.example", "operator@vendor.example"])
        let alarms = try await street.vendors()
        #expect(alarms.map(\.rule) == [.intrusion, .ban])
        #expect(alarms[1].detail.hasPrefix("11.22.33.44 for failed sign-ins, until 20"))
    }

    @Test func `a recovery code is told to every customer that its user works for`() async throws {
        let street = try await Street()
        let anna = try await street.member("anna@acme.example", ["administrator"])
        let told = try await street.told {
            street.place.clock.advance(by: .seconds(30))
            let step = try await street.place.desk.signIn.password(
                identifier: anna.identifier, password: Secret(anna.password), by: Installation.visitor(), agent: "test")
            _ = try await street.place.desk.signIn.factor(
                .recoveryCode(anna.recoveryCodes[0]), in: step.issued.session, by: Installation.visitor())
        }
        #expect(told == ["anna@acme.example", "olga@acme.example"])
        #expect(try await street.customers().first?.rule == .recoveryCode)
    }

    /// Somebody's sign-in, or an application's token of `tenant`'s, was found to be of a risk.
    private func found(_ score: Int, _ account: AccountID, tenant: TenantID? = nil, on street: Street) async throws {
        let (id, session) = (RiskEventID(at: street.place.clock.now(), entropy: street.place.entropy), street.owner.session.session.id)
        let plane = street.place.plane
        let now = street.place.clock.now()
        try await plane.write { transaction in
            try transaction.run(
                """
                INSERT INTO risk_event (id, account, session, at, score, reasons, action, state, methods, tenant)
                VALUES (\(id), \(account), \(session), \(now), \(score), 'impossible-travel', 'block', 'open', '', \(tenant))
                """)
            try plane.audit.record(
                .riskFound(
                    risk: id.description, account: account, level: Risk(score: score, reasons: []).level.rawValue, score: score,
                    action: "block"), by: Installation.visitor(), at: now, in: transaction)
        }
    }

    @Test func `what is of high risk is told to every customer whom it concerns`() async throws {
        let street = try await Street()
        let anna = try await street.member("anna@acme.example", ["editor"])
        let other = street.place.tenant()
        try await street.place.desk.memberships.join(anna.account, to: other, roles: ["owner"], by: Installation.shell)
        #expect(try await street.told { try await found(50, anna.account, on: street) }.isEmpty)
        #expect(
            try await street.told { try await found(80, anna.account, on: street) } == [
                "anna@acme.example", "olga@acme.example", "operator@vendor.example",
            ])
        let alarm = try #require(try await street.customers().first)
        #expect(alarm.rule == .risk && alarm.severity == .critical && alarm.subject == anna.account && alarm.detail == "impossible travel")
        // An application's token is one customer's.
        #expect(try await street.told { try await found(80, anna.account, tenant: street.tenant, on: street) } == ["olga@acme.example"])
    }

    @Test func `access to production is told to all operators`() async throws {
        let street = try await Street()
        let staff = Staff(street.place.plane)
        try await staff.appoint(street.owner.account, by: street.operator_.principal)
        let told = try await street.told {
            try await staff.give(.test, as: .supports, to: street.owner.account, by: street.operator_.principal)
            try await staff.give(.production, as: .operates, to: street.owner.account, by: street.operator_.principal)
        }
        #expect(told == ["olga@acme.example", "operator@vendor.example"])
        #expect(try await street.vendors().filter { $0.rule == .productionAccess }.map(\.detail) == ["operator"])
    }

    @Test func `a flood of attackers is listed whole and told twenty times an hour`() async throws {
        let street = try await Street()
        let bans = Bans(street.place.plane)
        func flood(_ third: Int) async throws {
            for number in 0..<30 {
                _ = try await bans.impose(
                    on: AddressRange.typed("11.\(third).\(number).1"), for: .error, by: Principal(.platform(component: "guard")))
            }
        }
        #expect(try await street.told { try await flood(1) }.count == AlarmWatch.mostInAnHour)
        #expect(try await street.desk.list(.vendor, limit: 100, by: Installation.shell).count == 30)
        // Another rule has twenty of its own.
        let other = try await street.told {
            _ = try await bans.impose(on: AddressRange.typed("11.9.9.9"), for: .probe, by: Principal(.platform(component: "guard")))
        }
        #expect(other.count == 1)
        street.place.clock.advance(by: .hours(2))
        #expect(try await street.told { try await flood(2) }.count == AlarmWatch.mostInAnHour)
    }

    @Test func `without its alarm the change doesn't happen`() async throws {
        let street = try await Street()
        let editor = try await street.member("ed@acme.example", ["editor"])
        try await street.place.plane.write { try $0.run("ALTER TABLE alarm RENAME TO nowhere") }
        await #expect(throws: (any Error).self) {
            try await street.place.desk.memberships.setRoles(["owner"], of: editor.account, in: street.tenant, by: street.owner.principal)
        }
        let member = try await street.place.desk.memberships.find(editor.account, in: street.tenant)
        #expect(member?.roles == [.editor])
    }

    @Test func `a promise that is broken is told to operators`() async throws {
        let street = try await Street()
        let told = try await street.told {
            let now = street.place.clock.now()
            try await street.place.plane.write { [plane = street.place.plane] transaction in
                let controls = Principal(.platform(component: "controls"))
                try plane.audit.record(.controlTurned(control: "DA-7", state: "fail"), by: controls, at: now, in: transaction)
                try plane.audit.record(.controlTurned(control: "DA-7", state: "pass"), by: controls, at: now, in: transaction)
            }
        }
        #expect(told == ["operator@vendor.example"])
        #expect(try await street.vendors().map(\.detail) == ["DA-7"])
    }
}
