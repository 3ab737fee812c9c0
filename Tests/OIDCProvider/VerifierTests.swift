import Crypto
import Identity
import IdentityTesting
import OIDCProvider
import TestSupport
import Testing
import Vocabulary

@Suite("Tokens at our own doors")
struct VerifierTests {
    @Test func `a token of one tenant is nothing at another`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let tokens = try await authority.tokens(client, authority.robin)
        #expect(try await authority.isGood(tokens, at: authority.acme))
        #expect(try await !authority.isGood(tokens, at: authority.beta))
        #expect(try await !authority.isGood(tokens, at: authority.beta))
    }

    @Test func `an ID token or a refresh token is no access token`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let tokens = try await authority.tokens(client, authority.robin)
        #expect(try await !authority.isGood(try #require(tokens.idToken).spelledOut))
        #expect(try await !authority.isGood(try #require(tokens.refreshToken).text))
        await #expect(throws: BearerError.invalidToken) {
            _ = try await authority.provider.userInfo.answer(token: try #require(tokens.idToken).spelledOut, from: nil)
        }
    }

    @Test func `a token ends with its time, remembered or not`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let tokens = try await authority.tokens(client, authority.robin)
        #expect(try await authority.isGood(tokens))
        authority.house.clock.advance(by: .seconds(599))
        #expect(try await authority.isGood(tokens))
        authority.house.clock.advance(by: .seconds(1))
        #expect(try await !authority.isGood(tokens))
    }

    @Test func `a token that was tampered with is refused in every way`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let good = try await authority.tokens(client, authority.robin).accessToken
        let parts = good.spelledOut.split(separator: ".").map(String.init)
        let kid = try #require(try TwoTenants.header(good)["kid"]?.string)
        func header(_ members: JSONObject) -> String { Base64URL.encode(JSONValue.object(members).bytes) }
        let claims = try TwoTenants.claims(good).object ?? [:]
        let raised = Base64URL.encode(JSONValue.object(claims.merging(["sub": .string(authority.kim.account.description)]) { $1 }).bytes)
        let hmacInput = header(["alg": "HS256", "typ": "at+jwt", "kid": .string(kid)]) + "." + parts[1]
        // Algorithm confusion: the public key as HMAC secret.
        let jwks = try await authority.provider.keys.publicKeys()
        let secret = SymmetricKey(data: Base64URL.decode(jwks["keys"]?.array?.first?["x"]?.string ?? "") ?? [])
        let hmac = Base64URL.encode(HMAC<SHA256>.authenticationCode(for: Array(hmacInput.utf8), using: secret))
        let forgeries = [
            "\(parts[0]).\(raised).\(parts[2])",
            header(["alg": "none", "typ": "at+jwt", "kid": .string(kid)]) + ".\(parts[1]).",
            header(["alg": "none", "typ": "at+jwt"]) + ".\(parts[1]).\(parts[2])",
            hmacInput + "." + hmac,
            header(["alg": "ES256", "typ": "at+jwt", "kid": "other"]) + ".\(parts[1]).\(parts[2])",
            header(["alg": "ES256", "typ": "at+jwt", "kid": .string(kid), "crit": ["exp"]]) + ".\(parts[1]).\(parts[2])",
            header(["alg": "ES256", "typ": "JWT", "kid": .string(kid)]) + ".\(parts[1]).\(parts[2])",
            "\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[1])", "\(parts[0]).\(parts[1]).\(parts[2]).x",
            "\(parts[0]).\(parts[1]).\(parts[2])=",
            "\(parts[0]).\(parts[1]).AAAA", "", ".", "..", "...", String(repeating: "a.", count: 5000), "é.é.é",
        ]
        for forgery in forgeries { #expect(try await !authority.isGood(forgery), "\(forgery.prefix(60))") }
        #expect(try await authority.isGood(good.spelledOut))
    }

    @Test func `a token of another installation with the same names is refused`() async throws {
        let one = try await TwoTenants()
        let two = try await TwoTenants()
        let (client, _) = try await two.application()
        #expect(try await !one.isGood(try await two.tokens(client, two.robin)))
    }

    @Test func `user information needs the openid scope and shows what the scopes say`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let tokens = try await authority.tokens(client, authority.robin)
        let info = try await authority.provider.userInfo.answer(token: tokens.accessToken.spelledOut, from: nil)
        #expect(
            info["sub"]?.string == authority.robin.account.description && info["email"]?.string == "robin@acme.example"
                && info["name"] == nil)
        let bare = try await authority.tokens(client, authority.robin, ["scope": "read"])
        await #expect(throws: BearerError.invalidToken) {
            _ = try await authority.provider.userInfo.answer(token: bare.accessToken.spelledOut, from: nil)
        }
    }

    @Test func `revoking an unknown or foreign token does nothing and says nothing`() async throws {
        let authority = try await TwoTenants()
        let (one, _) = try await authority.application()
        let (two, _) = try await authority.application()
        let tokens = try await authority.tokens(one, authority.robin)
        for token in ["", "x", String(repeating: "A", count: 43), tokens.accessToken.spelledOut, try #require(tokens.refreshToken).text]
        where !token.isEmpty {
            try await authority.provider.revocation.answer(
                OAuthParameters([("token", token)]), from: .none(id: two.id), by: Installation.visitor())
        }
        #expect(try await authority.isGood(tokens))
        try await authority.provider.revocation.answer(
            OAuthParameters([("token", try #require(tokens.refreshToken).text)]), from: .none(id: one.id), by: Installation.visitor())
        #expect(try await !authority.isGood(tokens))
    }

    // MARK: Keys

    @Test func `a new key is published before it signs, and the old one after it stopped`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        func kids() async throws -> [String] {
            try await authority.provider.keys.publicKeys()["keys"]?.array?.compactMap { $0["kid"]?.string } ?? []
        }
        let old = try #require(try await kids().first)
        try await authority.provider.keys.rotate(.es256, by: Installation.shell)
        #expect(try await kids().count == 2)
        let before = try await authority.tokens(client, authority.robin)
        #expect(try TwoTenants.header(before.accessToken)["kid"]?.string == old)
        authority.house.clock.advance(by: .minutes(10))
        let after = try await authority.refresh(try #require(before.refreshToken).text, client)
        #expect(try TwoTenants.header(after.accessToken)["kid"]?.string != old)
        #expect(try await authority.isGood(after))
        authority.house.clock.advance(by: .days(2))
        let left = try await kids()
        #expect(left.count == 1 && !left.contains(old))
    }

    @Test func `the published keys carry certificates and nothing private`() async throws {
        let authority = try await TwoTenants(algorithms: [.es256, .rs256])
        let keys = try #require(try await authority.provider.keys.publicKeys()["keys"]?.array)
        #expect(Set(keys.compactMap { $0["alg"]?.string }) == ["ES256", "RS256"])
        for key in keys {
            #expect(key["x5c"]?.array?.count == 1 && key["x5t#S256"]?.string?.utf8.count == 43 && key["use"] == "sig")
            let names = Set((key.object ?? [:]).keys)
            #expect(names.isDisjoint(with: ["d", "p", "q", "dp", "dq", "qi", "k"]))
        }
    }

    @Test func `keys survive a restart, sealed in between`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let tokens = try await authority.tokens(client, authority.robin)
        let again = try Provider(authority.house.desk, hosts: authority.hosts, keyring: authority.house.keyring)
        try await again.keys.prepare([.es256])
        _ = try await again.verifier.verify(tokens.accessToken.spelledOut, audience: authority.acme.origin, from: nil)
        #expect(try await again.keys.publicKeys()["keys"]?.array?.count == 1)
    }

    @Test func `discovery names what there is and only that`() {
        let document = Discovery.document(issuer: Installation.origin)
        #expect(document["issuer"]?.string == Installation.origin && document["response_types_supported"] == ["code"])
        #expect(document["code_challenge_methods_supported"] == ["S256"])
        #expect(document["grant_types_supported"] == ["authorization_code", "refresh_token"])
        #expect(document["authorization_response_iss_parameter_supported"] == true)
    }
}
