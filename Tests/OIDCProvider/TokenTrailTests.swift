import Audit
import Identity
import IdentityTesting
import OIDCProvider
import Testing
import Vocabulary

/// An application's tokens, at home and at the other end of the world.
@Suite("Tokens used from elsewhere")
struct TokenTrailTests {
    private let home = SmallWorld.address(in: "DE", 1)
    private let far = SmallWorld.address(in: "AU", 1)

    /// Robin's application has its tokens at home.
    private func travelling(_ action: RiskPolicy.Action? = nil) async throws -> (TwoTenants, Client, IssuedTokens) {
        let authority = try await TwoTenants(locations: try SmallWorld.locations())
        let (client, _) = try await authority.application()
        if let action {
            try await authority.house.desk.risks.setPolicy(
                RiskPolicy(medium: action, high: action), of: authority.acme.tenant, by: authority.robin.principal)
        }
        let tokens = try await authority.redeem(try await authority.code(for: client, authority.robin), client, from: home)
        return (authority, client, tokens)
    }

    private func found(_ authority: TwoTenants) async throws -> [RiskEvent] {
        try await authority.house.desk.risks.list(of: authority.robin.account)
    }

    @Test func `a copy of an access token at the other end of the world ends what it was copied from`() async throws {
        let (authority, client, tokens) = try await travelling()
        authority.house.clock.advance(by: .minutes(5))
        #expect(try await authority.isGood(tokens, from: home))
        #expect(try await !authority.isGood(tokens, from: far))
        #expect(try await !authority.isGood(tokens, from: home))
        let refresh = try #require(tokens.refreshToken).text
        #expect(try await oauthError { _ = try await authority.refresh(refresh, client, from: home) } == .invalidGrant)
        let event = try #require(try await found(authority).first)
        #expect(event.risk.reasons == [.tokenElsewhere] && event.risk.level == .high && event.action == .block)
        #expect(event.application == "App" && event.country == "AU" && event.session == authority.robin.session.session.id)
        let letter = try authority.house.lastLetter(to: authority.robin.identifier)
        #expect(letter.subject == "An application uses your account from far away" && letter.text.contains("App"))
        #expect(try await authority.house.audited("risk_found").count == 1)
        #expect(try await authority.house.audited("token_revoked").count == 1)
        // Whose tokens they are can let it in again.
        #expect(try await authority.session(authority.robin.session) != nil)
    }

    @Test func `a copy of a refresh token gets nothing, and ends the family`() async throws {
        let (authority, client, tokens) = try await travelling()
        authority.house.clock.advance(by: .minutes(20))
        let refresh = try #require(tokens.refreshToken).text
        #expect(try await oauthError { _ = try await authority.refresh(refresh, client, from: far) } == .invalidGrant)
        #expect(try await !authority.isGood(tokens, from: home))
        #expect(try await found(authority).map(\.risk.reasons) == [[.tokenElsewhere]])
    }

    @Test func `by the tenant's rule it is only told of, once in six hours`() async throws {
        let (authority, client, tokens) = try await travelling(.allow)
        var refresh = try #require(tokens.refreshToken).text
        for _ in 0..<4 {
            for place in [far, home] {
                authority.house.clock.advance(by: .minutes(1))
                let next = try await authority.refresh(refresh, client, from: place)
                refresh = try #require(next.refreshToken).text
                #expect(try await authority.isGood(next, from: place))
            }
        }
        #expect(try await found(authority).map(\.action) == [.allow])
        #expect(authority.house.letters(to: authority.robin.identifier, about: "far away") == 1)
        authority.house.clock.advance(by: .hours(6))
        let next = try await authority.refresh(refresh, client, from: home)
        _ = try await authority.refresh(try #require(next.refreshToken).text, client, from: far)
        #expect(try await found(authority).count == 2)
    }

    @Test func `an application that had the time to get there, went next door, or is where its owner signs in, is nothing unusual`()
        async throws
    {
        let (authority, client, tokens) = try await travelling()
        var refresh = try #require(tokens.refreshToken).text
        func go(_ place: String, after time: Duration) async throws {
            authority.house.clock.advance(by: time)
            let next = try await authority.refresh(refresh, client, from: place)
            refresh = try #require(next.refreshToken).text
            #expect(try await authority.isGood(next, from: place))
        }
        try await go(SmallWorld.address(in: "FR", 1), after: .minutes(1))
        try await go(SmallWorld.address(in: "DE", 70_000), after: .minutes(1))
        try await go(far, after: .hours(30))
        // Nobody knows where that is.
        try await go("192.0.2.77", after: .minutes(1))
        try await go(far, after: .minutes(1))
        _ = try await authority.house.signIn(authority.robin, from: SmallWorld.address(in: "DE", 9), with: Installation.browser("a"))
        try await go(home, after: .minutes(1))
        #expect(try await found(authority).isEmpty)
    }

    @Test func `nothing is written for requests from where a token is`() async throws {
        let (authority, _, tokens) = try await travelling()
        authority.house.clock.advance(by: .minutes(1))
        #expect(try await authority.isGood(tokens, from: home))
        func seen() async throws -> Instant? {
            try await authority.house.plane.database.read { try $0.value("SELECT max(seen_at) FROM token_trail") }
        }
        let before = try await seen()
        for number in 0..<20 {
            authority.house.clock.advance(by: .seconds(5))
            #expect(try await authority.isGood(tokens, from: SmallWorld.address(in: "DE", number * 300)))
        }
        #expect(try await seen() == before)
    }

    @Test func `another tenant's administrators don't hear of it`() async throws {
        let (authority, _, tokens) = try await travelling()
        _ = try await authority.house.desk.memberships.join(
            authority.robin.account, to: authority.beta.tenant, roles: ["reader"], by: Installation.shell)
        authority.house.clock.advance(by: .minutes(1))
        #expect(try await !authority.isGood(tokens, from: far))
        let risks = authority.house.desk.risks
        let event = try #require(try await risks.list(in: authority.acme.tenant).first)
        #expect(try await risks.list(in: authority.beta.tenant).isEmpty)
        #expect(
            try await refusalCode { try await risks.dismiss(event.id, in: authority.beta.tenant, by: authority.kim.principal) }
                == "not-found")
    }

    @Test func `a clock that was set back accuses nobody`() async throws {
        let (authority, client, tokens) = try await travelling()
        authority.house.clock.advance(by: .minutes(10))
        let next = try await authority.refresh(try #require(tokens.refreshToken).text, client, from: home)
        authority.house.clock.advance(by: .seconds(-60))
        _ = try await authority.refresh(try #require(next.refreshToken).text, client, from: far)
        #expect(try await found(authority).isEmpty)
    }
}
