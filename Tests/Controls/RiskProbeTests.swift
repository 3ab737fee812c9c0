import Identity
import IdentityTesting
import OIDCProvider
import Storage
import Testing
import Vocabulary

@testable import Controls

@Suite("ID-9 plants sign-ins", .timeLimit(.minutes(2)))
struct RiskProbeTests {
    private func platform(
        _ fixture: PlatformFixture, _ locations: Locations = .nowhere, assess: (@Sendable (SignInFeatures) -> Risk)? = nil
    ) -> Platform {
        fixture.changed { platform in
            platform.signIn.risks = Risks(platform.plane, locations: locations)
            if let assess { platform.signIn.risks.assess = assess }
        }
    }

    @Test func `ID-9 holds where planted sign-ins are caught, with and without a table of places`() async throws {
        let fixture = try await PlatformFixture()
        let without = try await fixture.check("ID-9", on: platform(fixture))
        #expect(without.holds && without.facts["planted"] == 1, "\(without)")
        let with = try await fixture.check("ID-9", on: platform(fixture, try SmallWorld.locations()))
        #expect(with.holds && with.facts["planted"] == 2 && with.facts["caught"] == 2, "\(with)")
        #expect(try await fixture.control.read { try $0.value("SELECT count(*) FROM risk_event", as: Int.self) } == 0)
        #expect(try await fixture.control.read { try $0.value("SELECT count(*) FROM failed_sign_in", as: Int.self) } == 0)
    }

    private func withTokens(_ fixture: PlatformFixture) async throws -> Platform {
        let plane = fixture.platform.plane
        let keys = SigningKeys(plane, sealer: try fixture.keyring.sealer(for: .control, purpose: .sealedColumns))
        try await keys.prepare([.es256])
        var platform = platform(fixture, try SmallWorld.locations())
        platform.grants = GrantTrial(plane, keys: keys, verifier: TokenVerifier(plane, keys: keys))
        return platform
    }

    @Test func `ID-9 holds where a copied token is caught too, and leaves nothing behind`() async throws {
        let fixture = try await PlatformFixture()
        let platform = try await withTokens(fixture)
        for _ in 0..<2 {
            let evidence = try await fixture.check("ID-9", on: platform)
            #expect(evidence.holds && evidence.facts["planted"] == 3 && evidence.facts["caught"] == 3, "\(evidence)")
        }
        for table: SQL in ["account", "session", "oauth_grant", "token_trail", "risk_event"] {
            #expect(try await fixture.control.read { try $0.value("SELECT count(*) FROM \(table)", as: Int.self) } == 0, "\(table)")
        }
    }

    @Test func `ID-9 turns where nobody remembers where a token was`() async throws {
        let fixture = try await PlatformFixture()
        let platform = try await withTokens(fixture)
        let dialect = try await fixture.control.read { $0.dialect }
        for step in dialect.trigger("forgetful", after: "INSERT ON token_trail", when: "1 = 1", "DELETE FROM token_trail") {
            try await fixture.tamper(step)
        }
        let evidence = try await fixture.check("ID-9", on: platform)
        #expect(!evidence.holds, "\(evidence)")
    }

    @Test func `ID-9 turns where nothing is unusual, where everything is, or where it is only noted`() async throws {
        let fixture = try await PlatformFixture()
        let world = try SmallWorld.locations()
        #expect(try await !fixture.check("ID-9", on: platform(fixture, world) { _ in Risk(score: 0, reasons: []) }).holds)
        #expect(try await !fixture.check("ID-9", on: platform(fixture, world) { _ in Risk(score: 90, reasons: [.newDevice]) }).holds)
        #expect(
            try await !fixture.check("ID-9", on: platform(fixture, world) { Risk(score: Risk.assess($0).score / 3, reasons: []) }).holds)
    }
}
