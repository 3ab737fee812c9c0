import Identity
import IdentityTesting
import OIDCProvider
import PasskeyTesting
import TestSupport
import Testing
import Vocabulary

/// A tenant that takes no passkey alone.
@Suite("Rules for signing in")
struct SignInRuleTests {
    private static let browser = "0123456789012345678901234567890123456789012"

    /// Robin of Acme, who came with a passkey and nothing else.
    private func arriving(_ authority: TwoTenants) async throws -> Person {
        let (signIn, robin) = (authority.house.desk.signIn, authority.robin)
        var passkey = try SoftAuthenticator()
        let answer = try passkey.register(try await signIn.passkeyRegistration(in: robin.session.session))
        _ = try await signIn.registerPasskey(answer, in: robin.session.session, by: robin.principal)
        let alone = try passkey.authenticate(try await signIn.passkeyOptions(browser: Self.browser))
        return robin.with(try await signIn.passkey(alone, browser: Self.browser, by: Installation.visitor(), agent: "test"))
    }

    private func refuse(_ authority: TwoTenants, by person: Person? = nil) async throws {
        try await authority.house.desk.signInRules.set(
            SignInRule(admitsPasskeyAlone: false), of: authority.acme.tenant, by: (person ?? authority.robin).principal)
    }

    private func answer(_ authority: TwoTenants, _ client: Client, _ person: Person, _ changes: [String: String?] = [:]) async throws
        -> AuthorizationAnswer
    {
        try await authority.provider.authorization.answer(
            authority.request(client, changes), session: try await authority.session(person.session))
    }

    private func isOpen(_ answer: AuthorizationAnswer) -> Bool {
        if case .redirect(let location) = answer { TwoTenants.query(location)["code"] != nil } else { false }
    }

    @Test(arguments: [
        (["pop", "user", "mfa"], false), (["pop", "user", "swk", "mfa"], false), (["pop", "user", "mfa", "otp"], true),
        (["pwd", "pop", "user"], true), (["pwd", "otp"], true), (["pop", "mfa", "rec"], true), ([], false), (["pwdx", "pop"], false),
    ])
    func `something beside the passkey is what the rule asks for`(_ methods: [String], _ admitted: Bool) {
        #expect(SignInRule(admitsPasskeyAlone: false).admits(methods) == admitted)
        #expect(SignInRule().admits(methods))
    }

    @Test func `out of the box a passkey alone opens every tenant`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let robin = try await arriving(authority)
        #expect(isOpen(try await answer(authority, client, robin)))
    }

    @Test func `where it is not enough, the password lets one in, and makes nothing younger`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        try await refuse(authority)
        let robin = try await arriving(authority)
        guard case .further(let continuation) = try await answer(authority, client, robin) else {
            throw Installation.Missing(what: "one thing more")
        }
        // Programs that may not ask the person learn it.
        guard case .redirect(let silent) = try await answer(authority, client, robin, ["prompt": "none"]) else {
            throw Installation.Missing(what: "redirect")
        }
        #expect(TwoTenants.query(silent)["error"] == "interaction_required")

        authority.house.clock.advance(by: .minutes(11))
        let session = robin.session.session
        let signIn = authority.house.desk.signIn
        #expect(
            try await refusalCode { _ = try await signIn.further(Secret("not this one"), in: session, by: robin.principal) }
                == "password-wrong")
        let known = robin.with(try await signIn.further(Secret(robin.password), in: session, by: robin.principal))
        #expect(try await authority.session(robin.session) == nil, "the old token is worthless")
        #expect(known.session.session.methods == ["pop", "user", "mfa", "pwd"])
        #expect(known.session.session.authenticatedAt == session.authenticatedAt && known.session.session.endsAt == session.endsAt)
        #expect(throws: Refusal.self) {
            try RecentProof.require(since: known.session.session.authenticatedAt, at: authority.house.clock.now())
        }
        let resumed = try await authority.provider.authorization.answer(
            OAuthParameters([("continue", continuation)]), session: try await authority.session(known.session))
        #expect(isOpen(resumed))
        let outcomes = try await authority.house.audited("sign_in_attempted").suffix(2).map { entry in
            entry.fields.first { $0.name == "outcome" }?.value
        }
        #expect(outcomes == [.name("wrong-password"), .name("accepted")])
    }

    @Test func `a code does as well`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        try await refuse(authority)
        let robin = try await arriving(authority)
        authority.house.clock.advance(by: .seconds(30))
        let shown = try await authority.house.desk.signIn.reauthenticate(
            .totp(robin.code(at: authority.house.clock.now())), in: robin.session.session, by: robin.principal)
        #expect(isOpen(try await answer(authority, client, robin.with(shown))))
    }

    @Test func `guesses at the password are slowed down`() async throws {
        let authority = try await TwoTenants()
        let robin = try await arriving(authority)
        var codes: [String?] = []
        for _ in 0..<12 {
            codes.append(
                try await refusalCode {
                    _ = try await authority.house.desk.signIn.further(Secret("wrong"), in: robin.session.session, by: robin.principal)
                })
        }
        #expect(codes.first == "password-wrong" && codes.last == "too-many-attempts")
    }

    @Test func `another person's session is no place to show a password`() async throws {
        let authority = try await TwoTenants()
        let robin = try await arriving(authority)
        #expect(
            try await refusalCode {
                _ = try await authority.house.desk.signIn.further(
                    Secret(authority.kim.password), in: robin.session.session, by: authority.kim.principal)
            } == "sign-in-again")
    }

    @Test func `the rule holds at once: for sessions that are in, and for tokens that are out`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let robin = try await arriving(authority)
        let sessions = authority.house.desk.sessions
        func enter(_ person: Person) async throws -> IssuedSession {
            try await sessions.startEnvironment(
                authority.acme.environment, of: authority.acme.tenant, under: person.session.session.id, address: nil, agent: nil)
        }
        let (alone, withCode) = (try await enter(robin), try await enter(authority.robin))
        let tokens = try await authority.tokens(client, robin)
        let others = try await authority.tokens(client, authority.robin)
        for issued in [tokens, others] { #expect(try await authority.isGood(issued)) }
        let code = try await authority.code(for: client, robin)

        try await refuse(authority)
        #expect(try await authority.session(alone) == nil)
        for issued in [withCode, robin.session] { #expect(try await authority.session(issued) != nil) }
        #expect(try await !authority.isGood(tokens))
        #expect(try await authority.isGood(others))
        #expect(try await oauthError { _ = try await authority.redeem(code, client) } == .invalidGrant)
        let refresh = try #require(tokens.refreshToken).text
        #expect(try await oauthError { _ = try await authority.refresh(refresh, client) } == .invalidGrant)
        #expect(try await refusalCode { _ = try await enter(robin) } == "sign-in-again")
        #expect(try await authority.house.audited("sign_in_rule_changed").count == 1)
    }

    @Test func `what an administrator ended on a device takes a new proof there, for sessions and applications`() async throws {
        let authority = try await TwoTenants()
        let house = authority.house
        let (client, _) = try await authority.application()
        let robin = authority.robin.with(try await house.signIn(authority.robin, with: Installation.browser("a")))
        let device = try #require(robin.session.session.device)
        _ = try await house.desk.sessions.startEnvironment(
            authority.acme.environment, of: authority.acme.tenant, under: robin.session.session.id, address: nil, agent: nil)
        let tokens = try await authority.tokens(client, robin)
        let others = try await authority.tokens(client, authority.robin)
        #expect(try await authority.isGood(tokens))
        try await house.desk.devices.endSessions(
            on: device, of: robin.account, in: authority.acme.tenant, by: authority.robin.principal)
        #expect(try await !authority.isGood(tokens))
        #expect(try await authority.isGood(others), "of another browser")
        let refresh = try #require(tokens.refreshToken).text
        #expect(try await oauthError { _ = try await authority.refresh(refresh, client) } == .invalidGrant)
        guard case .confirm = try await answer(authority, client, robin) else { throw Installation.Missing(what: "confirmation") }
        guard case .redirect(let silent) = try await answer(authority, client, robin, ["prompt": "none"]) else {
            throw Installation.Missing(what: "redirect")
        }
        #expect(TwoTenants.query(silent)["error"] == "login_required")
        house.clock.advance(by: .seconds(30))
        let shown = try await house.desk.signIn.reauthenticate(
            .totp(robin.code(at: house.clock.now())), in: robin.session.session, by: robin.principal)
        #expect(isOpen(try await answer(authority, client, robin.with(shown))))
        #expect(try await authority.isGood(try await authority.tokens(client, robin.with(shown))))
    }

    @Test func `it is one tenant's rule, and its administrators'`() async throws {
        let authority = try await TwoTenants()
        #expect(try await refusalCode { try await refuse(authority, by: authority.kim) } == "not-an-administrator")
        #expect(
            try await refusalCode {
                try await authority.house.desk.signInRules.set(
                    SignInRule(admitsPasskeyAlone: false), of: authority.acme.tenant, by: Installation.shell)
            } == "tenant-decides")
        try await refuse(authority)
        #expect(try await !authority.house.desk.signInRules.rule(of: authority.acme.tenant).admitsPasskeyAlone)
        #expect(try await authority.house.desk.signInRules.rule(of: authority.beta.tenant).admitsPasskeyAlone)
    }
}
