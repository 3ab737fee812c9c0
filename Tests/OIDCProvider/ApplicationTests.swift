import Identity
import IdentityTesting
import OIDCProvider
import TestSupport
import Testing
import Vocabulary

@Suite("Applications and devices")
struct ApplicationTests {
    /// Robin's phone with a session of its own, which an application was allowed in.
    private func phone(_ authority: TwoTenants) async throws -> Person {
        authority.robin.with(try await authority.house.signIn(authority.robin, with: Installation.browser("b")))
    }

    @Test func `revoking a device ends what applications got there, and only that`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let phone = try await phone(authority)
        let (here, there) = (try await authority.tokens(client, authority.robin), try await authority.tokens(client, phone))
        #expect(try await authority.isGood(here))
        #expect(try await authority.isGood(there))
        try await authority.house.desk.devices.revoke(try #require(phone.session.session.device), by: phone.principal)
        #expect(try await !authority.isGood(there))
        #expect(try await authority.isGood(here))
        let refresh = try #require(there.refreshToken).text
        #expect(try await oauthError { _ = try await authority.refresh(refresh, client) } == .invalidGrant)
        _ = try await authority.refresh(try #require(here.refreshToken).text, client)
    }

    @Test func `access that outlives its session ends with the device, also after the session fell asleep`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let phone = try await phone(authority)
        var tokens = try await authority.tokens(client, phone)
        authority.house.clock.advance(by: .hours(13))
        try await authority.house.desk.sweep()
        tokens = try await authority.refresh(try #require(tokens.refreshToken).text, client)
        #expect(try await authority.isGood(tokens))
        try await authority.house.desk.devices.revoke(try #require(phone.session.session.device), by: phone.principal)
        #expect(try await !authority.isGood(tokens))
        #expect(try await oauthError { _ = try await authority.refresh(try #require(tokens.refreshToken).text, client) } == .invalidGrant)
        // For as long as any grant could stand, what became of its session is remembered.
        authority.house.clock.advance(by: .days(89))
        try await authority.house.desk.sweep()
        #expect(try await authority.house.plane.database.read { try Sessions.find(phone.session.session.id, in: $0) } != nil)
    }

    @Test func `a person sees what acts for them, and ends it`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let applications = Applications(authority.house.plane)
        #expect(try await applications.list(of: authority.robin.account).isEmpty)
        let tokens = [try await authority.tokens(client, authority.robin), try await authority.tokens(client, authority.robin)]
        authority.house.clock.advance(by: .minutes(1))
        _ = try await authority.refresh(try #require(tokens[0].refreshToken).text, client)
        let listed = try await applications.list(of: authority.robin.account)
        #expect(listed.map(\.name) == ["App"] && listed[0].families == 2 && listed[0].lastUsedAt > listed[0].since)
        #expect(try await applications.list(of: authority.kim.account).isEmpty)
        await #expect(throws: Refusal.self) {
            try await applications.end(client.id, of: authority.robin.account, by: authority.kim.principal)
        }
        try await applications.end(client.id, of: authority.robin.account, by: authority.robin.principal)
        for token in tokens { #expect(try await !authority.isGood(token)) }
        #expect(try await applications.list(of: authority.robin.account).isEmpty)
        await #expect(throws: Refusal.self) {
            try await applications.end(client.id, of: authority.robin.account, by: authority.robin.principal)
        }
    }

    @Test func `ending everything ends every application`() async throws {
        let authority = try await TwoTenants()
        let (client, _) = try await authority.application()
        let tokens = [try await authority.tokens(client, authority.robin), try await authority.tokens(client, try await phone(authority))]
        try await authority.house.desk.wayOut.endEverything(of: authority.robin.account, by: authority.robin.principal)
        for token in tokens {
            #expect(try await !authority.isGood(token))
            #expect(
                try await oauthError { _ = try await authority.refresh(try #require(token.refreshToken).text, client) } == .invalidGrant)
        }
        #expect(try await Applications(authority.house.plane).list(of: authority.robin.account).isEmpty)
    }
}
