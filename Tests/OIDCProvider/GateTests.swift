import Identity
import IdentityTesting
import OIDCProvider
import TestSupport
import Testing
import Vocabulary

/// What may have happened between one step and the next.
enum Happening: String, CaseIterable, Sendable {
    case accountDisabled, membershipEnded, clientDisabled, sessionRevoked, signedOut, passwordReset, grantRevoked
}

@Suite("The gate")
struct GateTests {
    private func happen(_ happening: Happening, _ authority: TwoTenants, _ client: Client, _ tokens: IssuedTokens?) async throws {
        let desk = authority.house.desk
        let kim = authority.robin
        switch happening {
        case .accountDisabled: try await desk.accounts.disable(kim.account, by: Installation.shell)
        case .membershipEnded:
            let other = try await authority.house.member("second@acme.example", of: authority.acme.tenant, inviter: kim)
            try await desk.memberships.end(kim.account, in: authority.acme.tenant, by: other.principal)
        case .clientDisabled: try await authority.provider.clients.disable(client.id, by: Installation.shell)
        case .sessionRevoked: try await desk.sessions.revoke(kim.session.session.id, by: kim.principal)
        case .signedOut: try await desk.sessions.signOut(kim.session.session, by: kim.principal)
        case .passwordReset:
            try await desk.passwordReset.request(identifier: kim.identifier, by: Installation.visitor())
            authority.house.clock.advance(by: .seconds(30))
            try await desk.passwordReset.finish(
                try authority.house.token(mailedTo: kim.identifier), newPassword: Secret("a kettle of new fish"),
                proof: .totp(kim.code(at: authority.house.clock.now())), by: Installation.visitor())
        case .grantRevoked:
            guard let tokens else { return }
            try await authority.provider.revocation.answer(
                OAuthParameters([("token", tokens.accessToken.spelledOut)]), from: .none(id: client.id), by: Installation.visitor())
        }
    }

    @Test(arguments: Happening.allCases.filter { $0 != .grantRevoked })
    func `a code is worth nothing after`(_ happening: Happening) async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let code = try await authority.code(for: client, authority.robin)
        try await happen(happening, authority, client, nil)
        #expect(try await oauthError { _ = try await authority.redeem(code, client) } != nil)
    }

    @Test(arguments: Happening.allCases)
    func `refresh and access tokens are worth nothing after`(_ happening: Happening) async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let tokens = try await authority.tokens(client, authority.robin)
        #expect(try await authority.isGood(tokens))
        try await happen(happening, authority, client, tokens)
        #expect(try await !authority.isGood(tokens))
        #expect(try await oauthError { _ = try await authority.refresh(try #require(tokens.refreshToken).text, client) } != nil)
    }

    @Test func `an application's own access outlives a browser that fell asleep, but not its own end`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        var tokens = try await authority.tokens(client, authority.robin)
        let bound = try await authority.tokens(client, authority.robin, ["scope": "openid read"])
        #expect(bound.refreshToken == nil)
        authority.house.clock.advance(by: .hours(13))
        try await authority.house.desk.sweep()
        for _ in 0..<6 {
            tokens = try await authority.refresh(try #require(tokens.refreshToken).text, client)
            #expect(try await authority.isGood(tokens))
            authority.house.clock.advance(by: .days(13))
        }
        authority.house.clock.advance(by: .days(13))
        #expect(try await oauthError { _ = try await authority.refresh(try #require(tokens.refreshToken).text, client) } == .invalidGrant)
    }

    @Test func `a refresh token that nobody uses for two weeks is worthless`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let tokens = try await authority.tokens(client, authority.robin)
        authority.house.clock.advance(by: .days(14))
        #expect(try await oauthError { _ = try await authority.refresh(try #require(tokens.refreshToken).text, client) } == .invalidGrant)
    }

    @Test func `a clock that goes back a year makes no token good`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let tokens = try await authority.tokens(client, authority.robin)
        authority.house.clock.advance(by: .days(-365))
        #expect(try await !authority.isGood(tokens))
        #expect(try await oauthError { _ = try await authority.refresh(try #require(tokens.refreshToken).text, client) } == .invalidGrant)
    }
}
