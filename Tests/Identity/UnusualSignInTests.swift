import Identity
import IdentityTesting
import Storage
import TestSupport
import Testing
import Vocabulary

@Suite("Unusual sign-ins")
struct UnusualSignInTests {
    /// Robin at home in Germany, with a laptop that was used twice.
    private struct Home {
        let house: Installation
        let tenant: TenantID
        let robin: Person
        let laptop: IssuedSession
        var risks: Risks { house.desk.risks }

        static let here = SmallWorld.address(in: "DE", 1 << 8)
        static let far = SmallWorld.address(in: "SG", 1 << 8)
        static let neighbour = SmallWorld.address(in: "FR", 1 << 8)

        init() async throws {
            house = try await Installation(locations: try SmallWorld.locations())
            tenant = house.tenant()
            robin = try await house.member("robin@acme.example", of: tenant)
            _ = try await house.signIn(robin, from: Self.here, with: Installation.browser("a"))
            laptop = try await house.signIn(robin, from: Self.here, with: Installation.browser("a"))
        }

        func attack(from address: String = far, with letter: Character = "z") async throws -> String? {
            try await refusalCode { _ = try await house.signIn(robin, from: address, with: Installation.browser(letter)) }
        }
    }

    @Test func `every day goes on as ever`() async throws {
        let home = try await Home()
        _ = try await home.house.signIn(home.robin, from: SmallWorld.address(in: "DE", 77 << 8), with: Installation.browser("a"))
        home.house.clock.advance(by: .hours(3))
        _ = try await home.house.signIn(home.robin, from: Home.here, with: Installation.browser("b"))
        home.house.clock.advance(by: .hours(12))
        _ = try await home.house.signIn(home.robin, from: Home.neighbour, with: Installation.browser("a"))
        #expect(try await home.risks.list(of: home.robin.account).isEmpty)
    }

    @Test func `impossible travel on a new device is stopped, and its owner hears of it`() async throws {
        let home = try await Home()
        #expect(try await home.attack() == "sign-in-stopped")
        let event = try #require(try await home.risks.list(of: home.robin.account).first)
        #expect(
            event.risk.level == .high && event.risk.reasons.first == .impossibleTravel && event.action == .block && event.country == "SG")
        let letter = try home.house.lastLetter(to: home.robin.identifier)
        #expect(letter.subject.contains("stopped") && letter.text.contains("impossible travel") && letter.text.contains("country SG"))
        #expect(letter.text.contains("/sign-out/everywhere/"))
        #expect(try await home.house.desk.sessions.list(of: home.robin.account).allSatisfy { $0.factorVerified })
        #expect(try await home.house.audited("risk_found").count == 1)
        #expect(try await home.house.desk.devices.list(of: home.robin.account).count == 1, "no device came of it")
        // The owner at home is none the worse.
        _ = try await home.house.signIn(home.robin, from: Home.here, with: Installation.browser("a"))
    }

    @Test func `a medium risk waits for the word of its owner`() async throws {
        let home = try await Home()
        home.house.clock.advance(by: .hours(30))
        let visitor = Installation.visitor(from: Home.far)
        let step = try await home.house.desk.signIn.password(
            identifier: home.robin.identifier, password: Secret(home.robin.password), by: visitor, agent: Installation.browser("n"))
        let session = step.issued.session
        let code = try await refusalCode {
            _ = try await home.house.desk.signIn.factor(.totp(home.robin.code(at: home.house.clock.now())), in: session, by: visitor)
        }
        #expect(code == "confirm-by-mail")
        #expect(try await home.house.desk.signIn.resume(session, by: visitor) == nil)
        #expect(try await home.house.desk.sessions.find(token: step.issued.token.text)?.factorVerified == false)
        let letter = try home.house.lastLetter(to: home.robin.identifier)
        let token = try home.house.token(mailedTo: home.robin.identifier)
        #expect(letter.subject == "Is it you who signs in?" && letter.text.contains("a new country"))
        #expect(try await home.house.desk.signIn.inspectConfirmation(token).risk.level == .medium)
        let confirmed = await successes(of: 20) { _ in try await home.house.desk.signIn.confirm(token, by: Installation.visitor()) }
        #expect(confirmed == 1)
        let finished = try #require(try await home.house.desk.signIn.resume(session, by: visitor))
        #expect(finished.session.factorVerified && finished.session.methods == ["pwd", "otp"] && finished.session.device != nil)
        #expect(try await home.risks.list(of: home.robin.account).first?.state == .confirmed)
        #expect(try await home.house.desk.signIn.resume(session, by: visitor) == nil, "once")
        #expect(try await home.house.audited("risk_settled").count == 1)
    }

    @Test func `another's word, an old one and a used one open nothing`() async throws {
        let home = try await Home()
        home.house.clock.advance(by: .hours(30))
        func wait(_ letter: Character) async throws -> (Session, String) {
            home.house.clock.advance(by: .seconds(30))
            let visitor = Installation.visitor(from: Home.far)
            let step = try await home.house.desk.signIn.password(
                identifier: home.robin.identifier, password: Secret(home.robin.password), by: visitor, agent: Installation.browser(letter))
            _ = try? await home.house.desk.signIn.factor(
                .totp(home.robin.code(at: home.house.clock.now())), in: step.issued.session, by: visitor)
            return (step.issued.session, try home.house.token(mailedTo: home.robin.identifier))
        }
        let (mine, token) = try await wait("n")
        let (theirs, _) = try await wait("o")
        try await home.house.desk.signIn.confirm(token, by: Installation.visitor())
        #expect(try await home.house.desk.signIn.resume(theirs, by: Installation.visitor()) == nil, "confirmed was the other one")
        home.house.clock.advance(by: .minutes(16))
        #expect(try await home.house.desk.signIn.resume(mine, by: Installation.visitor()) == nil)
        let (_, late) = try await wait("p")
        home.house.clock.advance(by: .minutes(16))
        #expect(try await refusalCode { try await home.house.desk.signIn.confirm(late, by: Installation.visitor()) } == "link-spent")
    }

    @Test func `a spray and guesses before count, those of colleagues don't`() async throws {
        let home = try await Home()
        let there = SmallWorld.address(in: "DE", 99 << 8)
        func guess(_ count: Int, at name: (Int) -> String, from address: String) async {
            for number in 0..<count {
                _ = try? await home.house.desk.signIn.password(
                    identifier: name(number), password: Secret("wrong"), by: Installation.visitor(from: address), agent: nil)
                home.house.clock.advance(by: .seconds(40))
            }
        }
        await guess(6, at: { "p\($0)@acme.example" }, from: Home.here)
        _ = try await home.house.signIn(home.robin, from: Home.here, with: Installation.browser("c"))
        await guess(25, at: { "p\($0)@acme.example" }, from: there)
        #expect(try await home.attack(from: there) == "sign-in-stopped")
        home.house.clock.advance(by: .hours(25))
        try await home.house.desk.sweep()
        #expect(try await home.attack(from: there, with: "y") == nil)
    }

    @Test func `the strictest of somebody's tenants decides, and only administrators set it`() async throws {
        let home = try await Home()
        try await home.risks.setPolicy(RiskPolicy(medium: .allow, high: .allow), of: home.tenant, by: home.robin.principal)
        #expect(try await home.attack() == nil)
        #expect(try await home.risks.list(of: home.robin.account).first?.action == .allow)
        home.house.clock.advance(by: .minutes(5))
        let other = home.house.tenant()
        let kim = try await home.house.member("kim@beta.example", of: other)
        _ = try await home.house.desk.invitations.invite(
            home.robin.identifier, to: other, named: "Beta", roles: ["reader"], by: kim.principal)
        let link = try home.house.token(mailedTo: home.robin.identifier)
        _ = try await home.house.desk.invitations.accept(link, in: home.laptop.session, by: home.robin.principal)
        #expect(try await home.attack(from: SmallWorld.address(in: "AU", 1), with: "y") == "sign-in-stopped")
        let refused = try await refusalCode { try await home.risks.setPolicy(RiskPolicy(), of: other, by: home.robin.principal) }
        #expect(refused != nil)
        #expect(
            try await refusalCode {
                try await home.risks.setPolicy(RiskPolicy(medium: .block, high: .allow), of: home.tenant, by: home.robin.principal)
            } == "risk-policy")
        #expect(try await home.risks.policy(of: home.tenant) == RiskPolicy(medium: .allow, high: .allow))
        #expect(try await home.house.audited("risk_policy_changed").count == 1)
    }

    @Test func `its owner dismisses it, but not from that very session, and nobody else's`() async throws {
        let home = try await Home()
        try await home.risks.setPolicy(RiskPolicy(medium: .allow, high: .allow), of: home.tenant, by: home.robin.principal)
        let intruder = try await home.house.signIn(home.robin, from: Home.far, with: Installation.browser("z"))
        let event = try #require(try await home.risks.list(of: home.robin.account).first)
        let own = Principal(.account(home.robin.account), session: intruder.session.id)
        #expect(try await refusalCode { try await home.risks.dismiss(event.id, in: intruder.session, by: own) } == "same-session")
        let kim = try await home.house.member("kim@beta.example", of: home.house.tenant())
        #expect(try await refusalCode { try await home.risks.dismiss(event.id, in: kim.session.session, by: kim.principal) } == "not-found")
        try await home.risks.dismiss(event.id, in: home.laptop.session, by: home.robin.principal)
        #expect(try await home.risks.list(of: home.robin.account).first?.state == .dismissed)
        #expect(try await home.house.audited("risk_settled").count == 1)
    }

    @Test func `administrators see and dismiss what concerns their members since they joined, and not their own`() async throws {
        let home = try await Home()
        _ = try await home.attack()
        let event = try #require(try await home.risks.list(of: home.robin.account).first)
        #expect(try await home.risks.list(in: home.tenant).map(\.id) == [event.id])
        #expect(
            try await refusalCode { try await home.risks.dismiss(event.id, in: home.tenant, by: home.robin.principal) }
                == "not-for-yourself")
        let other = home.house.tenant()
        let kim = try await home.house.member("kim@beta.example", of: other)
        #expect(try await home.risks.list(in: other).isEmpty)
        #expect(try await refusalCode { try await home.risks.dismiss(event.id, in: other, by: kim.principal) } == "not-found")
        let anna = try await home.house.member("anna@acme.example", of: home.tenant, roles: ["administrator"], inviter: home.robin)
        try await home.risks.dismiss(event.id, in: home.tenant, by: anna.principal)
        #expect(try await home.risks.list(of: home.robin.account).first?.state == .dismissed)
    }
}
