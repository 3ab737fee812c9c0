import Identity
import IdentityTesting
import OIDCProvider
import TestSupport
import Testing
import Vocabulary

@Suite("Authorization endpoint")
struct AuthorizationTests {
    private func error(_ authority: TwoTenants, _ client: Client, _ changes: [String: String?]) async throws -> String? {
        let answer = try await authority.provider.authorization.answer(
            authority.request(client, changes), session: try await authority.session(authority.robin.session))
        guard case .redirect(let location) = answer else { return "signIn" }
        return TwoTenants.query(location)["error"]
    }

    @Test func `a good request brings a code, the state and the issuer`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let answer = try await authority.provider.authorization.answer(
            authority.request(client), session: try await authority.session(authority.robin.session))
        guard case .redirect(let location) = answer else { throw Installation.Missing(what: "redirect") }
        let query = TwoTenants.query(location)
        #expect(location.hasPrefix(TwoTenants.redirectURI + "?"))
        #expect(query["state"] == "st4te" && query["iss"] == Installation.origin && query["code"]?.utf8.count == 43)
    }

    @Test(
        arguments: [
            (["response_type": nil], "invalid_request"), (["response_type": "token"], "unsupported_response_type"),
            (["response_type": "code id_token"], "unsupported_response_type"), (["response_mode": "fragment"], "invalid_request"),
            (["code_challenge": nil], "invalid_request"), (["code_challenge_method": nil], "invalid_request"),
            (["code_challenge_method": "plain"], "invalid_request"), (["code_challenge": "short"], "invalid_request"),
            (["scope": "admin"], "invalid_scope"), (["scope": nil], "invalid_scope"), (["scope": "openid \"x"], "invalid_scope"),
            (["request": "x.y.z"], "request_not_supported"), (["request_uri": "https://evil.example"], "request_uri_not_supported"),
            (["registration": "{}"], "registration_not_supported"), (["prompt": "none login"], "invalid_request"),
            (["max_age": "-1"], "invalid_request"), (["max_age": "soon"], "invalid_request"),
            (["resource": "https://evil.example"], "invalid_target"),
            (["resource": "https://beta.holdfast.localhost:8443"], "invalid_target"),
        ] as [([String: String?], String)])
    func `a wrong request goes back with its error`(_ changes: [String: String?], _ code: String) async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        #expect(try await error(authority, client, changes) == code)
    }

    @Test func `a parameter that appears twice is refused, and neither state is echoed`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let parameters = OAuthParameters([
            ("client_id", client.id), ("redirect_uri", TwoTenants.redirectURI), ("state", "one"), ("state", "two"),
            ("response_type", "code"),
        ])
        let answer = try await authority.provider.authorization.answer(parameters, session: nil)
        guard case .redirect(let location) = answer else { throw Installation.Missing(what: "redirect") }
        #expect(TwoTenants.query(location)["error"] == "invalid_request" && TwoTenants.query(location)["state"] == nil)
    }

    @Test(arguments: [
        "https://app.example/callback/", "https://app.example/callback?x=1", "https://app.example/callback#x",
        "https://APP.example/callback",
        "https://app.example.evil.example/callback", "https://app.example@evil.example/callback", "https://app.example/%63allback",
        "https://app.example:443/callback", "http://app.example/callback", "https://evil.example\\@app.example/callback",
        "//app.example/callback",
        "https://app.example/callback/../x", "javascript:alert(1)", " https://app.example/callback",
    ])
    func `a browser is sent nowhere but to the very address that was registered`(_ uri: String) async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        #expect(
            try await refusalCode {
                _ = try await authority.provider.authorization.answer(
                    authority.request(client, ["redirect_uri": uri]), session: try await authority.session(authority.robin.session))
            } == "redirect-uri")
    }

    @Test func `only the port of a native application's loopback address may differ`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application(redirectURIs: ["http://127.0.0.1/done"])
        #expect(client.admitsRedirect(to: "http://127.0.0.1:51000/done"))
        for uri in [
            "http://127.0.0.1:51000/other", "http://127.0.0.2:1/done", "http://localhost:1/done", "http://127.0.0.1:99999/done",
            "http://127.0.0.1:1@evil.example/done",
        ] {
            #expect(!client.admitsRedirect(to: uri))
        }
    }

    @Test(arguments: [
        "http://app.example/cb", "https://*.app.example/cb", "https://app.example/cb#f", "https://u:p@app.example/cb", "javascript:x", "cb",
        "",
        "https://app.example/c b", "HTTPS://app.example/cb", "data:text/html,x", "app:/cb",
    ])
    func `an address that can't be compared safely is not registered`(_ uri: String) async throws {
        let authority = try await TwoTenants()
        #expect(try await refusalCode { _ = try await authority.application(redirectURIs: [uri]) } == "redirect-uri")
    }

    @Test func `an unknown or disabled client is answered with a page`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        try await authority.provider.clients.disable(client.id, by: Installation.shell)
        for id in [client.id, "nobody", "environment-nobody", "environment-\(authority.house.environment())"] {
            #expect(
                try await refusalCode {
                    _ = try await authority.provider.authorization.answer(
                        authority.request(client, ["client_id": id]), session: try await authority.session(authority.robin.session))
                } == "unknown-client")
        }
    }

    @Test func `without a finished session there is no code`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let halfway = try await authority.house.desk.signIn.password(
            identifier: authority.robin.identifier, password: Secret(authority.robin.password), by: Installation.visitor(), agent: nil)
        for session in [nil, halfway.issued.session] {
            guard case .signIn = try await authority.provider.authorization.answer(authority.request(client), session: session) else {
                Issue.record("answered without a session")
                continue
            }
            let silent = try await authority.provider.authorization.answer(authority.request(client, ["prompt": "none"]), session: session)
            guard case .redirect(let location) = silent else { throw Installation.Missing(what: "redirect") }
            #expect(TwoTenants.query(location)["error"] == "login_required")
        }
    }

    @Test func `after signing in the request goes on, with nothing changed`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        guard case .signIn(let continuation) = try await authority.provider.authorization.answer(authority.request(client), session: nil)
        else {
            throw Installation.Missing(what: "continuation")
        }
        #expect(AuthorizationEndpoint.resumption(of: continuation) == "/oauth/authorize?continue=\(continuation)")
        #expect(AuthorizationEndpoint.resumption(of: "//evil.example") == "/")
        let issued = try await authority.house.signIn(authority.robin)
        let answer = try await authority.provider.authorization.answer(
            OAuthParameters([("continue", continuation), ("redirect_uri", "https://evil.example")]), session: issued.session)
        guard case .redirect(let location) = answer else { throw Installation.Missing(what: "redirect") }
        #expect(location.hasPrefix(TwoTenants.redirectURI + "?") && TwoTenants.query(location)["state"] == "st4te")
        let forged = String(continuation.dropLast(4)) + "AAAA"
        #expect(
            try await refusalCode {
                _ = try await authority.provider.authorization.answer(OAuthParameters([("continue", forged)]), session: issued.session)
            } == "sign-in-stale")
        authority.house.clock.advance(by: .minutes(31))
        #expect(
            try await refusalCode {
                _ = try await authority.provider.authorization.answer(OAuthParameters([("continue", continuation)]), session: nil)
            } == "sign-in-stale")
    }

    @Test(arguments: [["prompt": "login"], ["max_age": "60"], ["prompt": "select_account"]] as [[String: String?]])
    func `a client that wants a fresh sign-in gets one`(_ changes: [String: String?]) async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        authority.house.clock.advance(by: .minutes(2))
        let old = try await authority.session(authority.robin.session)
        // Who is only too long ago confirms; who shall sign in anew does that whole.
        func kept(in answer: AuthorizationAnswer) throws -> String {
            switch answer {
            case .confirm(let continuation) where changes["max_age"] != nil: continuation
            case .signIn(let continuation) where changes["max_age"] == nil: continuation
            default: throw Installation.Missing(what: "continuation in \(answer)")
            }
        }
        let continuation = try kept(
            in: try await authority.provider.authorization.answer(authority.request(client, changes), session: old))
        // Coming back without having done so leads to the same page once more.
        _ = try kept(in: try await authority.provider.authorization.answer(OAuthParameters([("continue", continuation)]), session: old))
        let fresh = try await authority.house.signIn(authority.robin)
        let answer = try await authority.provider.authorization.answer(
            OAuthParameters([("continue", continuation)]), session: fresh.session)
        guard case .redirect(let location) = answer else { throw Installation.Missing(what: "redirect") }
        let tokens = try await authority.redeem(try #require(TwoTenants.query(location)["code"]), client)
        let claims = try TwoTenants.claims(try #require(tokens.idToken))
        #expect(claims["auth_time"]?.integer == fresh.session.authenticatedAt.seconds)
    }

    @Test func `who is no member of the tenant gets no code for it`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let answer = try await authority.provider.authorization.answer(
            authority.request(client), session: try await authority.session(authority.kim.session))
        guard case .redirect(let location) = answer else { throw Installation.Missing(what: "redirect") }
        #expect(TwoTenants.query(location)["error"] == "access_denied")
    }

    @Test func `a session of a tenant's host is no session of the apex`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let child = try await authority.house.desk.sessions.startEnvironment(
            authority.acme.environment, of: authority.acme.tenant, under: authority.robin.session.session.id, address: nil, agent: nil)
        guard case .signIn = try await authority.provider.authorization.answer(authority.request(client), session: child.session) else {
            throw Installation.Missing(what: "sign-in")
        }
    }
}
