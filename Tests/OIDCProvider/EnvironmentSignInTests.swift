import Identity
import IdentityTesting
import OIDCProvider
import TestSupport
import Testing
import Vocabulary

@Suite("Signing in at a tenant's host")
struct EnvironmentSignInTests {
    /// Start at the host, through the apex as `person`, to the parameters that come back.
    private func travel(_ authority: TwoTenants, _ person: Person, _ host: EnvironmentHost, path: String? = "/collections?page=2")
        async throws
        -> (departure: EnvironmentSignIn.Departure, arrival: [String: String])
    {
        let departure = try authority.provider.environmentSignIn.start(at: host, returningTo: path)
        #expect(departure.location.hasPrefix(Installation.origin + "/oauth/authorize?"))
        let parameters = OAuthParameters(TwoTenants.query(departure.location).map { ($0.key, $0.value) })
        let answer = try await authority.provider.authorization.answer(parameters, session: try await authority.session(person.session))
        guard case .redirect(let location) = answer else { throw Installation.Missing(what: "redirect") }
        #expect(location.hasPrefix(host.redirectURI + "?"))
        return (departure, TwoTenants.query(location))
    }

    private func finish(_ authority: TwoTenants, _ arrival: [String: String], _ host: EnvironmentHost, cookie: String?) async throws -> (
        session: IssuedSession, path: String
    ) {
        try await authority.provider.environmentSignIn.finish(
            OAuthParameters(arrival.map { ($0.key, $0.value) }), at: host, cookie: cookie, by: Installation.visitor(), agent: nil)
    }

    @Test func `the whole way brings a session of that host, below the apex session`() async throws {
        let authority = try await TwoTenants()
        let (departure, arrival) = try await travel(authority, authority.robin, authority.acme)
        let (issued, path) = try await finish(authority, arrival, authority.acme, cookie: departure.cookie)
        #expect(path == "/collections?page=2")
        #expect(issued.session.environment == authority.acme.environment && issued.session.parent == authority.robin.session.session.id)
        #expect(try await authority.session(issued)?.factorVerified == true)
        try await authority.house.desk.sessions.signOut(authority.robin.session.session, by: authority.robin.principal)
        #expect(try await authority.session(issued) == nil)
    }

    @Test func `an answer doesn't fit another browser, host, state or issuer`() async throws {
        let authority = try await TwoTenants()
        let (departure, arrival) = try await travel(authority, authority.robin, authority.acme)
        let (other, _) = try await travel(authority, authority.robin, authority.acme)
        func code(_ arrival: [String: String], _ host: EnvironmentHost, _ cookie: String?) async throws -> String? {
            try await refusalCode { _ = try await finish(authority, arrival, host, cookie: cookie) }
        }
        #expect(try await code(arrival, authority.acme, nil) == "sign-in-broken")
        #expect(try await code(arrival, authority.acme, other.cookie) == "sign-in-broken")
        #expect(try await code(arrival, authority.beta, departure.cookie) == "sign-in-broken")
        #expect(try await code(arrival.merging(["state": "x"]) { $1 }, authority.acme, departure.cookie) == "sign-in-broken")
        #expect(
            try await code(arrival.merging(["iss": "https://evil.example"]) { $1 }, authority.acme, departure.cookie) == "sign-in-broken")
        #expect(try await code(arrival.filter { $0.key != "iss" }, authority.acme, departure.cookie) == "sign-in-broken")
        #expect(try await code(arrival, authority.acme, departure.cookie) == nil)
        #expect(try await code(arrival, authority.acme, departure.cookie) == "sign-in-broken")
    }

    @Test func `who is no member is told so`() async throws {
        let authority = try await TwoTenants()
        let (departure, arrival) = try await travel(authority, authority.kim, authority.acme)
        #expect(
            try await refusalCode { _ = try await finish(authority, arrival, authority.acme, cookie: departure.cookie) } == "not-a-member")
    }

    @Test func `a member who is sent away on the way arrives nowhere`() async throws {
        let authority = try await TwoTenants()
        let second = try await authority.house.member("second@acme.example", of: authority.acme.tenant, inviter: authority.robin)
        let (departure, arrival) = try await travel(authority, second, authority.acme)
        try await authority.house.desk.memberships.end(second.account, in: authority.acme.tenant, by: authority.robin.principal)
        #expect(
            try await refusalCode { _ = try await finish(authority, arrival, authority.acme, cookie: departure.cookie) } == "sign-in-broken"
        )
    }

    @Test(
        arguments: [
            (nil, "/"), ("", "/"), ("/", "/"), ("/a/b?c=d", "/a/b?c=d"), ("//evil.example", "/"), ("/\\evil.example", "/"),
            ("https://evil.example", "/"),
            ("/x\r\nSet-Cookie: a=b", "/"), ("/sign-in/start", "/"), ("/é", "/"), ("javascript:x", "/"),
        ] as [(String?, String)])
    func `nobody is led to another host afterwards`(_ path: String?, _ taken: String) {
        #expect(EnvironmentSignIn.localPath(path) == taken)
    }

    // MARK: Signing out by an application

    @Test func `an application signs its person out and gets them back`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let tokens = try await authority.tokens(client, authority.robin)
        let hint = try #require(tokens.idToken).spelledOut
        let endpoint = authority.provider.endSession
        let session = try await authority.session(authority.robin.session)
        let back = OAuthParameters([("id_token_hint", hint), ("post_logout_redirect_uri", "https://app.example/bye"), ("state", "s")])
        #expect(
            try await refusalCode {
                _ = try await endpoint.answer(
                    OAuthParameters([("id_token_hint", hint), ("post_logout_redirect_uri", "https://evil.example/")]), session: session,
                    by: authority.robin.principal)
            } == "redirect-uri")
        #expect(try await endpoint.answer(OAuthParameters([]), session: session, by: authority.robin.principal) == .confirm)
        #expect(
            try await endpoint.answer(
                OAuthParameters([("id_token_hint", tokens.accessToken.spelledOut)]), session: session, by: authority.robin.principal)
                == .confirm)
        #expect(try await authority.session(authority.robin.session) != nil)
        authority.house.clock.advance(by: .minutes(20))
        #expect(
            try await endpoint.answer(back, session: session, by: authority.robin.principal) == .redirect("https://app.example/bye?state=s")
        )
        #expect(try await authority.session(authority.robin.session) == nil)
        #expect(try await !authority.isGood(tokens))
        #expect(try await endpoint.answer(back, session: nil, by: Installation.visitor()) == .redirect("https://app.example/bye?state=s"))
    }
}
