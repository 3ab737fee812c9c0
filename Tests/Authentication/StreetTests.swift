import Foundation
import HTTPTypes
import Identity
import IdentityTesting
import OIDCProvider
import Testing
import Vocabulary
import Web

@Suite("Who may enter which host")
struct StreetTests {
    @Test func `a person goes in through the apex and comes out everywhere`() async throws {
        let street = try await Street()
        let (cookies, location) = try await street.enter(Street.acme, as: street.authority.robin)
        #expect(location == "/who" && cookies.contains("__Host-session="))
        let page = try await street.get("/who", at: Street.acme, cookie: cookies)
        #expect(page.text == "robin@acme.example owner")
        let out = try await street.post(
            "/sign-out", at: Street.acme, [], headers: [.cookie: cookies, .init("Sec-Fetch-Site") ?? .accept: "same-origin"])
        #expect(out.status == .seeOther && out.headers[.location]?.hasPrefix("https://holdfast.localhost:8443/") == true)
        #expect(try await street.get("/who", at: Street.acme, cookie: cookies).status == .unauthorized)
        #expect(
            try await street.get("/who", at: Street.apex, cookie: Street.session(street.authority.robin.session)).status == .unauthorized)
    }

    @Test func `what is dangerous takes a proof from the last ten minutes, and says so to programs`() async throws {
        let street = try await Street()
        let (client, _) = try await street.authority.application()
        let tokens = try await street.authority.tokens(client, street.authority.robin, ["scope": "openid offline_access write"])
        let (cookies, _) = try await street.enter(Street.acme, as: street.authority.robin)
        let apex = Street.session(street.authority.robin.session)
        func answer(_ host: String, cookie: String? = nil, bearer: String? = nil) async throws -> FinishedAnswer {
            var headers: HTTPFields = [.init("Sec-Fetch-Site") ?? .accept: "same-origin"]
            if let cookie { headers[.cookie] = cookie }
            if let bearer { headers[.authorization] = "Bearer \(bearer)" }
            return try await street.post("/danger", at: host, [], headers: headers)
        }
        #expect(try await answer(Street.acme, cookie: cookies).status == .ok)
        #expect(try await answer(Street.apex, cookie: apex).status == .ok)
        #expect(try await answer(Street.acme, bearer: tokens.accessToken.spelledOut).status == .ok)
        street.authority.house.clock.advance(by: .seconds(601))
        let refresh = try #require(tokens.refreshToken)
        let later = try await street.authority.refresh(refresh.text, client).accessToken.spelledOut
        for refused in [
            try await answer(Street.acme, cookie: cookies), try await answer(Street.apex, cookie: apex),
            try await answer(Street.acme, bearer: later),
        ] {
            #expect(refused.status == .unauthorized && refused.text.contains("urn:holdfast:problem:confirm-it-is-you"))
            let challenge = refused.headers[.wwwAuthenticate] ?? ""
            #expect(challenge.hasPrefix("Bearer error=\"insufficient_user_authentication\"") && challenge.hasSuffix("max_age=600"))
        }
        // A person is led over the apex, where the proof is given, and back.
        let start = try await street.get("/sign-in/start?return=/who&confirm=yes", at: Street.acme)
        let away = try Street.path(start.headers[.location])
        let asked = try await street.get(away.path, at: away.host, cookie: apex)
        #expect(away.path.contains("max_age=600") && asked.headers[.location]?.hasPrefix("/confirm?continue=") == true)
    }

    @Test func `a cookie of one host is nothing at another`() async throws {
        let street = try await Street()
        let (acme, _) = try await street.enter(Street.acme, as: street.authority.robin)
        let apex = Street.session(street.authority.robin.session)
        for (cookie, host, status) in [
            (acme, Street.acme, 200), (acme, Street.beta, 401), (acme, Street.apex, 401), (apex, Street.apex, 200),
            (apex, Street.acme, 401),
            (apex, Street.beta, 401), (acme + "; " + apex, Street.acme, 401),
        ] {
            #expect(try await street.get("/who", at: host, cookie: cookie).status.code == status, "\(host)")
        }
    }

    @Test func `a token of one tenant is nothing at another, and an ID token is nothing anywhere`() async throws {
        let street = try await Street()
        let (client, _) = try await street.authority.application()
        let tokens = try await street.authority.tokens(client, street.authority.robin)
        let access = tokens.accessToken.spelledOut
        #expect(try await street.get("/who", at: Street.acme, bearer: access).text == "robin@acme.example owner")
        #expect(try await street.get("/who", at: Street.beta, bearer: access).status == .unauthorized)
        let identity = try #require(tokens.idToken).spelledOut
        for host in [Street.acme, Street.beta, Street.apex] {
            #expect(try await street.get("/who", at: host, bearer: identity).status == .unauthorized)
        }
        // A bad token is not made good by a cookie beside it.
        let (cookies, _) = try await street.enter(Street.acme, as: street.authority.robin)
        #expect(try await street.get("/who", at: Street.acme, cookie: cookies, bearer: identity).status == .unauthorized)
    }

    @Test(arguments: [
        ("openid", HTTPRequest.Method.get, 403), ("openid", .post, 403), ("read", .get, 200), ("read", .post, 403), ("write", .get, 200),
        ("write", .post, 200),
    ])
    func `a token reads or changes only as its scope says`(_ scope: String, _ method: HTTPRequest.Method, _ status: Int) async throws {
        let street = try await Street()
        let (client, _) = try await street.authority.application()
        let tokens = try await street.authority.tokens(client, street.authority.robin, ["scope": scope])
        let answer = try await street.front.exchange(
            method, "/who", host: Street.acme, headers: [.authorization: "Bearer \(tokens.accessToken.spelledOut)"])
        #expect(answer.status.code == status)
    }

    @Test func `a session without its second factor is nobody`() async throws {
        let street = try await Street()
        let person = street.authority.robin
        let half = try await street.authority.house.desk.signIn.password(
            identifier: person.identifier, password: Secret(person.password), by: Installation.visitor(), agent: nil)
        #expect(try await street.get("/who", at: Street.apex, cookie: Street.session(half.issued)).status == .unauthorized)
        let answer = try await street.get("/oauth/authorize?" + query(street), at: Street.apex, cookie: Street.session(half.issued))
        #expect(answer.headers[.location]?.hasPrefix("/sign-in?continue=") == true)
    }

    private func query(_ street: Street) -> String {
        "client_id=\(street.authority.acme.clientID)&redirect_uri=https%3A%2F%2Facme.holdfast.localhost%3A8443%2Fsign-in%2Fcallback"
            + "&response_type=code&scope=openid&state=s&code_challenge=\(TwoTenants.challenge)&code_challenge_method=S256"
    }

    @Test func `changed roles and a disabled account count on the next request`() async throws {
        let street = try await Street()
        let authority = street.authority
        let second = try await authority.house.member(
            "second@acme.example", of: authority.acme.tenant, roles: ["editor"], inviter: authority.robin)
        let (cookies, _) = try await street.enter(Street.acme, as: second)
        #expect(try await street.get("/who", at: Street.acme, cookie: cookies).text == "second@acme.example editor")
        try await authority.house.desk.memberships.setRoles(
            ["reader"], of: second.account, in: authority.acme.tenant, by: authority.robin.principal)
        #expect(try await street.get("/who", at: Street.acme, cookie: cookies).text == "second@acme.example reader")
        try await authority.house.desk.accounts.disable(second.account, by: Installation.shell)
        #expect(try await street.get("/who", at: Street.acme, cookie: cookies).status == .unauthorized)
    }

    // MARK: The endpoints as HTTP

    @Test func `the token endpoint speaks the standard's words`() async throws {
        let street = try await Street()
        let (client, secret) = try await street.authority.application(kind: .confidential)
        let code = try await street.authority.code(for: client, street.authority.robin)
        let form = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", TwoTenants.redirectURI),
            ("code_verifier", TwoTenants.verifier),
        ]
        let refused = try await street.post("/oauth/token", at: Street.apex, form + [("client_id", client.id)])
        #expect(
            refused.status == .unauthorized && refused.text.contains("\"error\":\"invalid_client\"")
                && refused.headers[.wwwAuthenticate] != nil)
        let basic = Data("\(client.id):\(try #require(secret).text)".utf8).base64EncodedString()
        let twice = try await street.post(
            "/oauth/token", at: Street.apex, form + [("client_secret", "x")], headers: [.authorization: "Basic \(basic)"])
        #expect(twice.status == .badRequest && twice.text.contains("invalid_request"))
        let good = try await street.post("/oauth/token", at: Street.apex, form, headers: [.authorization: "Basic \(basic)"])
        #expect(good.status == .ok && good.headers[.cacheControl] == "no-store")
        let access = try #require(try JSONReader.read(good.body.readableBytesView)["access_token"]?.string)
        let info = try await street.get("/oauth/userinfo", at: Street.apex, bearer: access)
        #expect(info.status == .ok && info.text.contains("robin@acme.example"))
        let revoked = try await street.post(
            "/oauth/revoke", at: Street.apex, [("token", access)], headers: [.authorization: "Basic \(basic)"])
        #expect(revoked.status == .ok)
        let after = try await street.get("/oauth/userinfo", at: Street.apex, bearer: access)
        #expect(after.status == .unauthorized && after.headers[.wwwAuthenticate] == "Bearer error=\"invalid_token\"")
        #expect(try await street.get("/who", at: Street.acme, bearer: access).status == .unauthorized)
    }

    @Test func `a house client can't be used over the network`() async throws {
        let street = try await Street()
        let answer = try await street.post(
            "/oauth/token", at: Street.apex,
            [("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_id", street.authority.acme.clientID)])
        #expect(answer.status == .unauthorized && answer.text.contains("invalid_client"))
    }

    @Test func `the provider is at the apex only`() async throws {
        let street = try await Street()
        for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/.well-known/jwks.json"] {
            let answer = try await street.get(path, at: Street.apex)
            #expect(answer.status == .ok && answer.headers[.contentType] == "application/json")
            #expect(try await street.get(path, at: Street.acme).status == .notFound)
        }
        #expect(try await street.get("/sign-in/start", at: Street.apex).status == .notFound)
    }

    @Test(arguments: [
        "/oauth/authorize", "/oauth/authorize?client_id=%ff", "/oauth/authorize?client_id=x&redirect_uri=https://evil.example",
        "/oauth/end-session?post_logout_redirect_uri=https://evil.example", "/sign-in/callback",
    ])
    func `nonsense leads nowhere`(_ path: String) async throws {
        let street = try await Street()
        let answer = try await street.get(path, at: path.hasPrefix("/sign-in") ? Street.acme : Street.apex)
        #expect((400..<500).contains(answer.status.code) && answer.headers[.location] == nil)
    }

    @Test(arguments: ["Basic", "Basic !!!", "Basic YQ==", "Bearer x", "Digest a=b"])
    func `credentials that can't be read are a bad request`(_ header: String) async throws {
        let street = try await Street()
        let answer = try await street.post(
            "/oauth/token", at: Street.apex, [("grant_type", "refresh_token"), ("refresh_token", "x")], headers: [.authorization: header])
        #expect(answer.status == .badRequest && answer.text.contains("invalid_request"))
    }
}
