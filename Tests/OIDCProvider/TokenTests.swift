import Identity
import IdentityTesting
import JWTKit
import OIDCProvider
import TestSupport
import Testing
import Vocabulary

@Suite("Token endpoint")
struct TokenTests {
    @Test func `a code brings tokens with the right claims`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let tokens = try await authority.tokens(client, authority.robin)
        let access = try TwoTenants.claims(tokens.accessToken)
        #expect(try TwoTenants.header(tokens.accessToken)["typ"] == "at+jwt")
        #expect(access["iss"]?.string == Installation.origin && access["sub"]?.string == authority.robin.account.description)
        #expect(access["aud"]?.array?.first?.string == authority.acme.origin && access["client_id"]?.string == client.id)
        #expect(
            access["auth_time"]?.integer == authority.robin.session.session.authenticatedAt.seconds
                && access["acr"]?.string == "https://refeds.org/profile/mfa" && access["amr"]?.array == ["pwd", "otp", "mfa"])
        #expect(access["jti"]?.string != nil && access["scope"]?.string == "email offline_access openid read")
        let identity = try TwoTenants.claims(try #require(tokens.idToken))
        #expect(
            identity["aud"]?.string == client.id && identity["nonce"]?.string == "n0nce"
                && identity["email"]?.string == "robin@acme.example")
        #expect(
            identity["amr"]?.array == ["pwd", "otp", "mfa"] && identity["acr"]?.string == "https://refeds.org/profile/mfa"
                && identity["sid"]?.string == authority.robin.session.session.id.description)
        #expect(tokens.json["token_type"] == "Bearer" && tokens.json["expires_in"] == 600 && tokens.json["refresh_token"] != nil)
    }

    @Test(arguments: [SigningAlgorithm.es256, .rs256])
    func `a foreign verifier accepts our signatures from the published keys alone`(_ algorithm: SigningAlgorithm) async throws {
        let authority = try await TwoTenants(algorithms: [.es256, .rs256])
        let (client, _) = try await authority.application(algorithm: algorithm)
        let tokens = try await authority.tokens(client, authority.robin)
        let keys = JWTKeyCollection()
        try await keys.add(jwksJSON: try await authority.provider.keys.publicKeys().text)
        let token = try #require(tokens.idToken)
        #expect(try TwoTenants.header(token)["alg"]?.string == algorithm.rawValue)
        let payload = try await keys.verify(token.spelledOut, as: IdentityPayload.self)
        #expect(payload.nonce == "n0nce")
        _ = try await keys.verify(tokens.accessToken.spelledOut, as: SubjectPayload.self)
    }

    private struct IdentityPayload: JWTPayload {
        let nonce: String
        func verify(using _: some JWTAlgorithm) async throws {}
    }

    private struct SubjectPayload: JWTPayload {
        let sub: String
        func verify(using _: some JWTAlgorithm) async throws {}
    }

    @Test(
        arguments: [
            ["code_verifier": String(repeating: "w", count: 43)], ["redirect_uri": "https://app.example/other"],
            ["code": String(repeating: "A", count: 43)],
        ] as [[String: String?]])
    func `a code in the wrong hands brings nothing, and is used up`(_ changes: [String: String?]) async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let code = try await authority.code(for: client, authority.robin)
        #expect(try await oauthError { _ = try await authority.redeem(code, client, changes) } == .invalidGrant)
        if changes["code"] == nil { #expect(try await oauthError { _ = try await authority.redeem(code, client) } == .invalidGrant) }
    }

    @Test(
        arguments: [
            (["grant_type": nil], OAuthError.Code.invalidRequest), (["grant_type": "password"], .unsupportedGrantType),
            (["grant_type": "client_credentials"], .unsupportedGrantType), (["code": nil], .invalidRequest),
            (["code_verifier": nil], .invalidRequest),
            (["code_verifier": "short"], .invalidRequest), (["redirect_uri": nil], .invalidRequest),
        ] as [([String: String?], OAuthError.Code)])
    func `a malformed request is refused in the words of the standard`(_ changes: [String: String?], _ code: OAuthError.Code) async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let granted = try await authority.code(for: client, authority.robin)
        #expect(try await oauthError { _ = try await authority.redeem(granted, client, changes) } == code)
    }

    @Test func `another client's code is worth nothing`() async throws {
        let authority = try await TwoTenants()
        let (one, _) = try await authority.application()
        let (two, _) = try await authority.application()
        let code = try await authority.code(for: one, authority.robin)
        #expect(try await oauthError { _ = try await authority.redeem(code, two) } == .invalidGrant)
    }

    @Test func `a code lives a minute`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let code = try await authority.code(for: client, authority.robin)
        authority.house.clock.advance(by: .seconds(60))
        #expect(try await oauthError { _ = try await authority.redeem(code, client) } == .invalidGrant)
    }

    @Test func `a code of another kind is no authorization code`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        try await authority.house.desk.passwordReset.request(identifier: authority.robin.identifier, by: Installation.visitor())
        let reset = try authority.house.token(mailedTo: authority.robin.identifier)
        #expect(try await oauthError { _ = try await authority.redeem(reset, client) } == .invalidGrant)
        let code = try await authority.code(for: client, authority.robin)
        #expect(try await refusalCode { _ = try await authority.house.desk.passwordReset.inspect(code) } == "link-spent")
    }

    // MARK: Used once

    @Test func `using a code twice ends what it brought`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let code = try await authority.code(for: client, authority.robin)
        let tokens = try await authority.redeem(code, client)
        #expect(try await authority.isGood(tokens))
        #expect(try await oauthError { _ = try await authority.redeem(code, client) } == .invalidGrant)
        #expect(try await !authority.isGood(tokens))
        let refresh = try #require(tokens.refreshToken)
        #expect(try await oauthError { _ = try await authority.refresh(refresh.text, client) } == .invalidGrant)
    }

    @Test func `of two hundred parallel redemptions of a code exactly one succeeds`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let code = try await authority.code(for: client, authority.robin)
        #expect(await successes(of: 200) { _ in _ = try await authority.redeem(code, client) } == 1)
    }

    @Test func `of two hundred parallel uses of a refresh token exactly one succeeds, and the family ends`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let tokens = try await authority.tokens(client, authority.robin)
        let refresh = try #require(tokens.refreshToken).text
        #expect(await successes(of: 200) { _ in _ = try await authority.refresh(refresh, client) } == 1)
        #expect(try await !authority.isGood(tokens))
    }

    @Test func `refreshing rotates, and an old token that comes back kills the family`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let first = try await authority.tokens(client, authority.robin)
        let second = try await authority.refresh(try #require(first.refreshToken).text, client)
        let third = try await authority.refresh(try #require(second.refreshToken).text, client)
        #expect(try await authority.isGood(third))
        #expect(try await oauthError { _ = try await authority.refresh(try #require(first.refreshToken).text, client) } == .invalidGrant)
        for tokens in [first, second, third] { #expect(try await !authority.isGood(tokens)) }
        #expect(try await oauthError { _ = try await authority.refresh(try #require(third.refreshToken).text, client) } == .invalidGrant)
    }

    @Test func `refreshing can narrow the scope and never widen it`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let first = try await authority.tokens(client, authority.robin)
        let token = try #require(first.refreshToken).text
        #expect(try await oauthError { _ = try await authority.refresh(token, client, scope: "read write") } == .invalidScope)
        let second = try await authority.refresh(token, client, scope: "read")
        #expect(second.scope == "read" && second.idToken == nil)
    }

    @Test func `another client's refresh token is unknown, and stays good for its owner`() async throws {
        let authority = try await TwoTenants()
        let (one, _) = try await authority.application()
        let (two, _) = try await authority.application()
        let token = try #require(try await authority.tokens(one, authority.robin).refreshToken).text
        #expect(try await oauthError { _ = try await authority.refresh(token, two) } == .invalidGrant)
        _ = try await authority.refresh(token, one)
    }

    // MARK: Clients

    @Test func `a confidential client needs its secret`() async throws {
        let authority = try await TwoTenants()
        let (client, secret) = try await authority.application(kind: .confidential)
        let (_, other) = try await authority.application(kind: .confidential)
        for wrong in [nil, other] {
            let code = try await authority.code(for: client, authority.robin)
            #expect(try await oauthError { _ = try await authority.redeem(code, client, secret: wrong) } == .invalidClient)
            _ = try await authority.redeem(code, client, secret: secret)
        }
        let stored = try await authority.house.plane.database.read {
            try $0.rows("SELECT secret_digest FROM oauth_client").map { try $0.get(0, as: String.self) }
        }
        #expect(!stored.contains(try #require(secret).text))
    }

    @Test func `nobody outside is a house client`() async throws {
        let authority = try await TwoTenants()
        for credentials in [
            Clients.Credentials.none(id: authority.acme.clientID),
            .secret(id: authority.acme.clientID, Secret(String(repeating: "A", count: 43))),
        ] {
            #expect(try await oauthError { _ = try await authority.provider.clients.authenticate(credentials) } == .invalidClient)
        }
        authority.hosts.remove(authority.acme)
        #expect(try await oauthError { _ = try await authority.provider.clients.authenticate(.house(authority.acme)) } == .invalidClient)
    }
}
