import Identity
import IdentityTesting
import PasskeyTesting
import TestSupport
import Testing
import Vocabulary

@Suite("Resetting factors by two administrators")
struct FactorResetTests {
    /// An owner, two administrators and somebody who has lost everything, of one tenant.
    private struct Office {
        let house: Installation
        let tenant: TenantID
        let owner: Person
        let anna: Person
        let boris: Person
        let lost: Person

        init() async throws {
            house = try await Installation()
            tenant = house.tenant()
            owner = try await house.member("owner@acme.example", of: tenant)
            anna = try await house.member("anna@acme.example", of: tenant, roles: ["administrator"], inviter: owner)
            boris = try await house.member("boris@acme.example", of: tenant, roles: ["administrator"], inviter: owner)
            lost = try await house.member("lost@acme.example", of: tenant, roles: ["editor"], inviter: owner)
        }

        var resets: FactorResets { house.desk.factorResets }

        func open(_ person: Person? = nil) async throws -> FactorResetID {
            try #require(try await resets.open(of: (person ?? lost).account, in: tenant)).id
        }

        /// The link's token, after two administrators agreed.
        func agreed() async throws -> String {
            try await resets.request(lost.account, in: tenant, by: anna.principal)
            try await resets.approve(try await open(), in: tenant, by: boris.principal)
            return try house.token(mailedTo: lost.identifier)
        }

        func use(_ token: String, password: String? = nil) async throws -> IssuedSession {
            try await resets.use(token, password: Secret(password ?? lost.password), by: Installation.visitor(), agent: nil)
        }
    }

    @Test func `two administrators, the mailbox and the password together lead to enrolling anew`() async throws {
        let office = try await Office()
        let token = try await office.agreed()
        #expect(try await office.house.desk.factors.summary(of: office.lost.account).isEnrolled, "until the link is used, nothing is gone")
        let issued = try await office.use(token)
        #expect(issued.session.stage == .enrolment && issued.session.account == office.lost.account)
        #expect(try await !office.house.desk.factors.summary(of: office.lost.account).isEnrolled)
        #expect(try await office.house.desk.sessions.find(token: office.lost.session.token.text) == nil)
        #expect(try office.house.lastLetter(to: office.lost.identifier).subject == "Your second factors were removed")
        let anew = try await office.house.enrol(issued, identifier: office.lost.identifier, password: office.lost.password)
        #expect(anew.recoveryCodes.count == 10 && Set(anew.recoveryCodes).isDisjoint(with: office.lost.recoveryCodes))
        #expect(try await refusalCode { _ = try await office.use(token) } == "link-spent")
        for event in ["factor_reset_requested", "factor_reset_approved", "factor_reset_used"] {
            #expect(try await office.house.audited(event).count == 1)
        }
    }

    @Test func `the link without the password opens nothing`() async throws {
        let office = try await Office()
        let token = try await office.agreed()
        #expect(try await refusalCode { _ = try await office.use(token, password: "some other words here") } == "sign-in-failed")
        #expect(try await office.house.desk.factors.summary(of: office.lost.account).isEnrolled)
        _ = try await office.use(token)
    }

    @Test func `one administrator alone is not enough, nor staff, nor somebody else's`() async throws {
        let office = try await Office()
        let vendor = try await office.house.operatorPerson()
        let stranger = try await office.house.member("stranger@beta.example", of: office.house.tenant())
        func request(_ who: Principal, _ person: Person? = nil) async throws -> String? {
            try await refusalCode { try await office.resets.request((person ?? office.lost).account, in: office.tenant, by: who) }
        }
        for principal in [vendor.principal, stranger.principal, office.lost.principal, Installation.shell, Installation.visitor()] {
            #expect(try await request(principal) == "not-an-administrator")
        }
        #expect(try await request(office.anna.principal, office.anna) == "not-for-yourself")
        #expect(try await request(office.anna.principal, office.owner) == "above-own-rights")
        #expect(try await request(office.anna.principal, stranger) == "not-found")
        #expect(try await request(office.anna.principal) == nil)
        #expect(try await request(office.boris.principal) == "reset-open")
        let id = try await office.open()
        func approve(_ who: Principal, in tenant: TenantID? = nil) async throws -> String? {
            try await refusalCode { try await office.resets.approve(id, in: tenant ?? office.tenant, by: who) }
        }
        #expect(try await approve(office.anna.principal) == "second-administrator")
        for principal in [vendor.principal, stranger.principal, office.lost.principal, Installation.shell] {
            #expect(try await approve(principal) == "not-an-administrator")
        }
        #expect(try await approve(stranger.principal, in: office.house.tenant()) == "not-found")
        #expect(try await approve(office.owner.principal) == nil)
        #expect(try await approve(office.boris.principal) == "not-found")
    }

    @Test func `whoever shows a factor ends the reset, and the link with it`() async throws {
        let office = try await Office()
        let token = try await office.agreed()
        _ = try await office.house.signIn(office.lost)
        #expect(try await office.resets.open(of: office.lost.account, in: office.tenant) == nil)
        #expect(try await refusalCode { _ = try await office.use(token) } == "link-spent")
        #expect(try await office.house.audited("factor_reset_withdrawn").count == 1)
        #expect(try await office.house.desk.factors.summary(of: office.lost.account).isEnrolled)
    }

    @Test func `an administrator can take it back`() async throws {
        let office = try await Office()
        let token = try await office.agreed()
        try await office.resets.withdraw(try await office.open(), in: office.tenant, by: office.owner.principal)
        #expect(try await refusalCode { _ = try await office.use(token) } == "link-spent")
    }

    @Test func `one tenant's administrators take back their own reset, not another's`() async throws {
        let office = try await Office()
        let other = office.house.tenant()
        let foreign = try await office.house.member("foreign@beta.example", of: other)
        _ = try await office.house.desk.memberships.join(office.lost.account, to: other, roles: ["editor"], by: Installation.shell)
        try await office.resets.request(office.lost.account, in: office.tenant, by: office.anna.principal)
        try await office.resets.request(office.lost.account, in: other, by: foreign.principal)
        let mine = try await office.open()
        #expect(
            try await refusalCode { try await office.resets.withdraw(mine, in: other, by: foreign.principal) } == "not-found")
        let theirs = try #require(try await office.resets.open(of: office.lost.account, in: other)).id
        try await office.resets.withdraw(theirs, in: other, by: foreign.principal)
        #expect(try await office.open() == mine)
    }

    @Test func `who belongs to another tenant too has a day to object`() async throws {
        let office = try await Office()
        _ = try await office.house.desk.memberships.join(
            office.lost.account, to: office.house.tenant(), roles: ["editor"], by: Installation.shell)
        let token = try await office.agreed()
        #expect(try await refusalCode { _ = try await office.use(token) } == "link-early")
        office.house.clock.advance(by: .hours(24))
        #expect(try await office.use(token).session.stage == .enrolment)
    }

    @Test func `a request waits three days, a link one`() async throws {
        let office = try await Office()
        try await office.resets.request(office.lost.account, in: office.tenant, by: office.anna.principal)
        let id = try await office.open()
        office.house.clock.advance(by: .days(3))
        #expect(try await refusalCode { try await office.resets.approve(id, in: office.tenant, by: office.boris.principal) } == "not-found")
        let token = try await office.agreed()
        office.house.clock.advance(by: .hours(24))
        #expect(try await refusalCode { _ = try await office.use(token) } == "link-spent")
    }

    @Test func `who left the tenant meanwhile is none of its administrators' business`() async throws {
        let office = try await Office()
        let token = try await office.agreed()
        try await office.house.desk.memberships.end(office.lost.account, in: office.tenant, by: office.owner.principal)
        #expect(try await refusalCode { _ = try await office.use(token) } == "link-spent")
    }

    @Test func `of two hundred uses of the link at once exactly one enrols`() async throws {
        let office = try await Office()
        let token = try await office.agreed()
        let count = await successes(of: 200) { _ in _ = try await office.use(token) }
        #expect(count == 1)
    }
}
