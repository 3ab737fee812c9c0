import Identity
import IdentityTesting
import TestSupport
import Testing
import Vocabulary

@Suite("Invitations and memberships")
struct InvitationTests {
    private func accept(_ house: Installation, _ token: String) async throws -> IssuedSession {
        try await house.desk.invitations.accept(
            token, displayName: "Kim Lake", password: Secret(Installation.password), by: Installation.visitor(), agent: nil)
    }

    @Test func `somebody new joins with the roles that were chosen`() async throws {
        let house = try await Installation()
        let tenant = house.tenant()
        let owner = try await house.member("owner@acme.example", of: tenant)
        _ = try await house.desk.invitations.invite(
            "Kim@acme.example", to: tenant, named: "Acme", roles: ["editor", "auditor"], by: owner.principal)
        let token = try house.token(mailedTo: "kim@acme.example")
        let offer = try await house.desk.invitations.inspect(token)
        #expect(offer.invitation.address == "kim@acme.example" && !offer.accountExists)
        let issued = try await accept(house, token)
        #expect(issued.session.stage == .enrolment)
        #expect(try await house.desk.memberships.roles(of: issued.session.account, in: tenant) == ["auditor", "editor"])
        #expect(try await house.desk.invitations.list(in: tenant).isEmpty)
    }

    @Test func `of two hundred parallel acceptances exactly one counts`() async throws {
        let house = try await Installation()
        let tenant = house.tenant()
        _ = try await house.desk.invitations.invite("kim@acme.example", to: tenant, named: "Acme", roles: ["owner"], by: Installation.shell)
        let token = try house.token(mailedTo: "kim@acme.example")
        let count = await successes(of: 200) { _ in _ = try await accept(house, token) }
        #expect(count == 1)
        #expect(try await house.desk.memberships.list(in: tenant).count == 1)
    }

    @Test func `a second invitation joins the same account`() async throws {
        let house = try await Installation()
        let (acme, beta) = (house.tenant(), house.tenant())
        let robin = try await house.member("robin@acme.example", of: acme)
        _ = try await house.desk.invitations.invite("ROBIN@acme.example", to: beta, named: "Beta", roles: ["owner"], by: Installation.shell)
        let token = try house.token(mailedTo: "robin@acme.example")
        #expect(try await house.desk.invitations.inspect(token).accountExists)
        #expect(try await refusalCode { _ = try await accept(house, token) } == "account-exists")
        _ = try await house.desk.invitations.accept(token, in: robin.session.session, by: robin.principal)
        #expect(Set(try await house.desk.memberships.list(of: robin.account).map(\.tenant)) == [acme, beta])
        #expect(try await house.desk.accounts.list().count == 1)
    }

    @Test func `an invitation opened in another account is refused and stays good`() async throws {
        let house = try await Installation()
        let (acme, beta) = (house.tenant(), house.tenant())
        let robin = try await house.member("robin@acme.example", of: acme)
        _ = try await house.desk.invitations.invite("kim@beta.example", to: beta, named: "Beta", roles: ["owner"], by: Installation.shell)
        let token = try house.token(mailedTo: "kim@beta.example")
        #expect(
            try await refusalCode { _ = try await house.desk.invitations.accept(token, in: robin.session.session, by: robin.principal) }
                == "other-address")
        _ = try await accept(house, token)
        #expect(try await house.desk.memberships.roles(of: robin.account, in: beta).isEmpty)
    }

    @Test func `a link works for seven days, once, and not after it was withdrawn or sent again`() async throws {
        let house = try await Installation()
        let tenant = house.tenant()
        let owner = try await house.member("owner@acme.example", of: tenant)
        func invite(_ address: String) async throws -> (Invitation, String) {
            let invitation = try await house.desk.invitations.invite(
                address, to: tenant, named: "Acme", roles: ["reader"], by: owner.principal)
            return (invitation, try house.token(mailedTo: address))
        }
        let (old, oldToken) = try await invite("a@acme.example")
        _ = try await house.desk.invitations.resend(old.id, in: tenant, by: owner.principal)
        #expect(try await refusalCode { _ = try await accept(house, oldToken) } == "invitation-spent")
        _ = try await accept(house, try house.token(mailedTo: "a@acme.example"))
        let (withdrawn, withdrawnToken) = try await invite("b@acme.example")
        try await house.desk.invitations.withdraw(withdrawn.id, in: tenant, by: owner.principal)
        #expect(try await refusalCode { _ = try await accept(house, withdrawnToken) } == "invitation-spent")
        let (_, late) = try await invite("c@acme.example")
        house.clock.advance(by: .days(7))
        #expect(try await refusalCode { _ = try await accept(house, late) } == "invitation-spent")
    }

    @Test(arguments: [
        ("administrator", "owner", "above-own-rights"), ("editor", "reader", "not-an-administrator"),
        ("reader", "reader", "not-an-administrator"),
    ])
    func `nobody hands out more than they have`(_ own: String, _ given: String, _ code: String) async throws {
        let house = try await Installation()
        let tenant = house.tenant()
        let owner = try await house.member("owner@acme.example", of: tenant)
        let person = try await house.member("kim@acme.example", of: tenant, roles: [own], inviter: owner)
        #expect(
            try await refusalCode {
                _ = try await house.desk.invitations.invite(
                    "x@acme.example", to: tenant, named: "Acme", roles: [given], by: person.principal)
            } == code)
        #expect(
            try await refusalCode {
                try await house.desk.memberships.setRoles([own, given, "owner"], of: person.account, in: tenant, by: person.principal)
            } != nil)
        #expect(try await refusalCode { try await house.desk.memberships.end(owner.account, in: tenant, by: person.principal) } != nil)
    }

    @Test func `an administrator of one tenant is nobody in another`() async throws {
        let house = try await Installation()
        let (acme, beta) = (house.tenant(), house.tenant())
        let robin = try await house.member("robin@acme.example", of: acme)
        let kim = try await house.member("kim@beta.example", of: beta)
        let invitation = try await house.desk.invitations.invite(
            "x@beta.example", to: beta, named: "Beta", roles: ["reader"], by: kim.principal)
        #expect(
            try await refusalCode {
                _ = try await house.desk.invitations.invite(
                    "y@beta.example", to: beta, named: "Beta", roles: ["reader"], by: robin.principal)
            } == "not-an-administrator")
        #expect(
            try await refusalCode { try await house.desk.invitations.withdraw(invitation.id, in: acme, by: robin.principal) } == "not-found"
        )
        #expect(try await refusalCode { try await house.desk.invitations.withdraw(invitation.id, in: beta, by: robin.principal) } != nil)
        #expect(try await refusalCode { try await house.desk.memberships.end(kim.account, in: acme, by: robin.principal) } == "not-found")
    }

    @Test func `an operator gives a tenant its first owner, and nothing after that`() async throws {
        let house = try await Installation()
        let tenant = house.tenant()
        let staff = try await house.operatorPerson()
        _ = try await house.desk.invitations.invite("owner@acme.example", to: tenant, named: "Acme", roles: ["owner"], by: staff.principal)
        let issued = try await accept(house, try house.token(mailedTo: "owner@acme.example"))
        _ = try await house.enrol(issued, identifier: "owner@acme.example", password: Installation.password)
        #expect(
            try await refusalCode {
                _ = try await house.desk.invitations.invite(
                    "operator@vendor.example", to: tenant, named: "Acme", roles: ["owner"], by: staff.principal)
            } == "tenant-decides")
    }

    @Test func `whoever leaves a tenant is out of it at once, and of nothing else`() async throws {
        let house = try await Installation()
        let tenant = house.tenant()
        let owner = try await house.member("owner@acme.example", of: tenant)
        let kim = try await house.member("kim@acme.example", of: tenant, roles: ["editor"], inviter: owner)
        let child = try await house.desk.sessions.startEnvironment(
            house.environment(), of: tenant, under: kim.session.session.id, address: nil, agent: nil)
        #expect(try await house.desk.memberships.roles(of: kim.account, in: tenant) == ["editor"])
        try await house.desk.memberships.end(kim.account, in: tenant, by: owner.principal)
        #expect(try await house.desk.memberships.roles(of: kim.account, in: tenant).isEmpty)
        #expect(try await house.desk.sessions.find(token: child.token.text) == nil)
        #expect(try await house.desk.sessions.find(token: kim.session.token.text) != nil)
        #expect(
            try await refusalCode {
                _ = try await house.desk.sessions.startEnvironment(
                    house.environment(), of: tenant, under: kim.session.session.id, address: nil, agent: nil)
            } == "sign-in-again")
    }

    @Test func `a tenant keeps an owner`() async throws {
        let house = try await Installation()
        let tenant = house.tenant()
        let owner = try await house.member("owner@acme.example", of: tenant)
        #expect(
            try await refusalCode { try await house.desk.memberships.end(owner.account, in: tenant, by: owner.principal) } == "last-owner")
        #expect(
            try await refusalCode {
                try await house.desk.memberships.setRoles(["reader"], of: owner.account, in: tenant, by: owner.principal)
            } == "last-owner")
    }

    @Test func `changed roles hold from the next question on`() async throws {
        let house = try await Installation()
        let tenant = house.tenant()
        let owner = try await house.member("owner@acme.example", of: tenant)
        let kim = try await house.member("kim@acme.example", of: tenant, roles: ["editor"], inviter: owner)
        #expect(try await house.desk.memberships.roles(of: kim.account, in: tenant) == ["editor"])
        try await house.desk.memberships.setRoles(["reader"], of: kim.account, in: tenant, by: owner.principal)
        #expect(try await house.desk.memberships.roles(of: kim.account, in: tenant) == ["reader"])
    }

    @Test(arguments: [[], ["Owner"], ["a b"], ["owner", "owner'--"]]) func `what is no role's name is refused`(_ roles: [String])
        async throws
    {
        let house = try await Installation()
        #expect(
            try await refusalCode {
                _ = try await house.desk.invitations.invite(
                    "x@acme.example", to: house.tenant(), named: "Acme", roles: roles, by: Installation.shell)
            } == "roles")
    }

    @Test func `a tenant's classic rule meets those whom it invites`() async throws {
        let house = try await Installation()
        let tenant = house.tenant()
        let owner = try await house.member("owner@acme.example", of: tenant)
        try await house.desk.passwords.setRule(PasswordPolicy(classic: true), of: tenant, by: owner.principal)
        _ = try await house.desk.invitations.invite("kim@acme.example", to: tenant, named: "Acme", roles: ["reader"], by: owner.principal)
        let token = try house.token(mailedTo: "kim@acme.example")
        #expect(try await refusalCode { _ = try await accept(house, token) } == "password-classic")
        #expect(try await house.desk.passwords.policy(for: owner.account).classic)
    }

    @Test func `the longest of its tenants' lengths holds for an account`() async throws {
        let house = try await Installation()
        let (one, other) = (house.tenant(), house.tenant())
        let owner = try await house.member("owner@acme.example", of: one)
        try await house.desk.passwords.setRule(PasswordPolicy(shortest: 12), of: one, by: owner.principal)
        try await house.desk.passwords.setRule(PasswordPolicy(classic: true, shortest: 10), of: other, by: Installation.shell)
        _ = try await house.desk.memberships.join(owner.account, to: other, roles: ["reader"], by: Installation.shell)
        let policy = try await house.desk.passwords.policy(for: owner.account)
        #expect(policy == PasswordPolicy(classic: true, shortest: 12))
        #expect(PasswordPolicy(shortest: 3).shortest == 8 && PasswordPolicy(shortest: 1000).shortest == 64)
        #expect(try await refusalCode { try await house.desk.passwords.setRule(.init(), of: one, by: Installation.visitor()) } != nil)
    }

    @Test func `a list is read line by line, and each line gets its answer`() async throws {
        let house = try await Installation()
        let tenant = house.tenant()
        let owner = try await house.member("owner@acme.example", of: tenant)
        let list = try InvitationList(
            """
            kim@acme.example
            Ann Archer <ANN@acme.example>; bob@acme.example, Editor
            not an address@@
            Kim@Acme.example
            owner@acme.example
            eve@acme.example, boss
            """, roles: ["editor": "editor"])
        let outcomes = try await house.desk.invitations.invite(
            list, to: tenant, named: "Acme", roles: ["reader"], for: .days(30), by: owner.principal)
        #expect(outcomes.map(\.line.number) == [1, 2, 2, 3, 4, 5, 6])
        #expect(outcomes.map { $0.refusal?.code } == [nil, nil, nil, "identifier", "twice", "member-already", "unknown-role"])
        #expect(outcomes[1].invitation?.address == "ann@acme.example")
        #expect(outcomes[2].invitation?.roles.map(\.name) == ["editor", "reader"])
        #expect(outcomes[0].invitation.map { $0.expiresAt - $0.createdAt } == .days(30))
        #expect(try await house.desk.invitations.list(in: tenant).count == 3)
        #expect(try await house.desk.invitations.rolesOffered(in: tenant) == ["reader", "editor"])
        house.clock.advance(by: .days(29))
        _ = try await accept(house, try house.token(mailedTo: "kim@acme.example"))
    }

    @Test func `a table with a head says what its columns hold`() throws {
        let list = try InvitationList(
            "\u{FEFF}Name,E-Mail,Role,Town\r\n\"Archer, Ann\",ann@acme.example,\"Gate staff;Reader\",Ulm\r\nBob,bob@acme.example,,Bonn\n\nEve,nothing,reader,Jena",
            roles: ["gate staff": "gate", "reader": "reader"])
        #expect(list.lines.map(\.address) == ["ann@acme.example", "bob@acme.example", "nothing"])
        #expect(list.lines.map(\.roles) == [["gate", "reader"], [], ["reader"]])
        #expect(list.lines.map(\.number) == [2, 3, 5])
    }

    @Test func `a list has an end`() {
        #expect(throws: Refusal.self) { try InvitationList(" \n\t", roles: [:]) }
        let many = (0...InvitationList.longest).map { "p\($0)@acme.example" }.joined(separator: "\n")
        #expect(throws: Refusal.self) { try InvitationList(many, roles: [:]) }
    }

    @Test func `whoever has left gives nothing by an invitation that is still about`() async throws {
        let house = try await Installation()
        let tenant = house.tenant()
        let owner = try await house.member("owner@acme.example", of: tenant)
        let anna = try await house.member("anna@acme.example", of: tenant, roles: ["administrator"], inviter: owner)
        func invite(_ address: String, _ role: String) async throws -> String {
            _ = try await house.desk.invitations.invite(address, to: tenant, named: "Acme", roles: [role], by: anna.principal)
            return try house.token(mailedTo: address)
        }
        let (high, low) = (try await invite("a@acme.example", "administrator"), try await invite("b@acme.example", "reader"))
        try await house.desk.memberships.setRoles(["editor"], of: anna.account, in: tenant, by: owner.principal)
        #expect(try await refusalCode { _ = try await accept(house, high) } == "inviter-gone")
        try await house.desk.memberships.suspend(anna.account, in: tenant, by: owner.principal)
        #expect(try await refusalCode { _ = try await accept(house, low) } == "inviter-gone")
        try await house.desk.memberships.end(anna.account, in: tenant, by: owner.principal)
        #expect(try await refusalCode { _ = try await accept(house, low) } == "invitation-spent")
        #expect(try await house.desk.invitations.list(in: tenant).isEmpty)
    }

    @Test func `somebody with a customer's own role gives what was vouched for and nothing else`() async throws {
        let house = try await Installation()
        let tenant = house.tenant()
        let owner = try await house.member("owner@acme.example", of: tenant)
        let steward = try await house.member("steward@acme.example", of: tenant, roles: ["steward"], inviter: owner)
        func code(_ roles: [String], _ vouched: Vouched) async throws -> String? {
            try await refusalCode {
                _ = try await house.desk.invitations.invite(
                    "x@acme.example", to: tenant, named: "Acme", roles: roles, vouched: vouched, by: steward.principal)
            }
        }
        #expect(try await code(["reader"], .nothing) == "not-an-administrator")
        #expect(try await code(["reader"], Vouched(["reader"])) == nil)
        #expect(try await code(["reader", "clerk"], Vouched(["reader"])) == "above-own-rights")
        #expect(try await code(["administrator"], Vouched(["administrator"])) == "above-own-rights")
        #expect(
            try await refusalCode {
                try await house.desk.memberships.end(owner.account, in: tenant, vouched: Vouched(["owner"]), by: steward.principal)
            } == "above-own-rights")
    }

    @Test func `who is disabled in a tenant keeps their roles and is out until let in again`() async throws {
        let house = try await Installation()
        let (tenant, environment) = (house.tenant(), house.environment())
        let owner = try await house.member("owner@acme.example", of: tenant)
        let kim = try await house.member("kim@acme.example", of: tenant, roles: ["editor"], inviter: owner)
        let (sessions, memberships) = (house.desk.sessions, house.desk.memberships)
        let inside = try await sessions.startEnvironment(environment, of: tenant, under: kim.session.session.id, address: nil, agent: nil)
        #expect(try await memberships.roles(of: kim.account, in: tenant) == ["editor"])
        try await memberships.suspend(kim.account, in: tenant, by: owner.principal)
        #expect(try await sessions.find(token: inside.token.text) == nil)
        #expect(try await memberships.roles(of: kim.account, in: tenant).isEmpty)
        #expect(try await memberships.list(of: kim.account).isEmpty)
        #expect(try await memberships.find(kim.account, in: tenant)?.roles == [.editor])
        #expect(
            try await refusalCode {
                _ = try await sessions.startEnvironment(environment, of: tenant, under: kim.session.session.id, address: nil, agent: nil)
            } == "sign-in-again")
        try await memberships.resume(kim.account, in: tenant, by: owner.principal)
        #expect(try await memberships.roles(of: kim.account, in: tenant) == ["editor"])
        #expect(try await sessions.find(token: inside.token.text) == nil)
        #expect(try await refusalCode { try await memberships.suspend(owner.account, in: tenant, by: owner.principal) } == "not-yourself")
        #expect(try await house.audited("membership_suspended").count == 1)
        // Who is suspended is no owner to fall back on.
        let second = try await house.member("second@acme.example", of: tenant, inviter: owner)
        try await memberships.suspend(second.account, in: tenant, by: owner.principal)
        #expect(try await refusalCode { try await memberships.end(owner.account, in: tenant, by: owner.principal) } == "last-owner")
    }

    @Test func `people are counted and listed by the roles that they hold`() async throws {
        let house = try await Installation()
        let tenant = house.tenant()
        let owner = try await house.member("owner@acme.example", of: tenant)
        for number in 0..<3 {
            _ = try await house.member("e\(number)@acme.example", of: tenant, roles: ["editor", "clerk"], inviter: owner)
        }
        let memberships = house.desk.memberships
        #expect(try await memberships.holders(in: tenant) == ["owner": 1, "editor": 3, "clerk": 3])
        #expect(
            try await memberships.counts(in: tenant, holding: [["editor", "clerk"], ["owner", "clerk"], [], ["nobody"]]) == [3, 4, 0, 0])
        let page = try await memberships.page(in: tenant, holding: ["clerk"], limit: 2)
        #expect(page.members.count == 2 && page.total == 3 && page.next != nil)
        try await memberships.withdraw("clerk", in: tenant, by: owner.principal)
        #expect(try await memberships.holders(in: tenant) == ["owner": 1, "editor": 3])
    }
}
