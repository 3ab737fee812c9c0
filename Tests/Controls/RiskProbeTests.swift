import Identity
import IdentityTesting
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

    @Test func `ID-9 turns where nothing is unusual, where everything is, or where it is only noted`() async throws {
        let fixture = try await PlatformFixture()
        let world = try SmallWorld.locations()
        #expect(try await !fixture.check("ID-9", on: platform(fixture, world) { _ in Risk(score: 0, reasons: []) }).holds)
        #expect(try await !fixture.check("ID-9", on: platform(fixture, world) { _ in Risk(score: 90, reasons: [.newDevice]) }).holds)
        #expect(
            try await !fixture.check("ID-9", on: platform(fixture, world) { Risk(score: Risk.assess($0).score / 3, reasons: []) }).holds)
    }
}
