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
}
