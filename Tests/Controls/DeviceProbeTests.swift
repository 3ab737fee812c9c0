import Identity
import OIDCProvider
import Storage
import Testing
import Vocabulary

@testable import Controls

@Suite("ID-17 tries devices", .timeLimit(.minutes(2)))
struct DeviceProbeTests {
    private func platform(_ fixture: PlatformFixture) async throws -> Platform {
        let plane = fixture.platform.plane
        let keys = SigningKeys(plane, sealer: try fixture.keyring.sealer(for: .control, purpose: .sealedColumns))
        try await keys.prepare()
        let trial = GrantTrial(plane, keys: keys, verifier: TokenVerifier(plane, keys: keys))
        return fixture.changed { $0.grants = trial }
    }

    @Test func `ID-17 holds where a revoked device is out at once, and leaves nothing behind`() async throws {
        let fixture = try await PlatformFixture()
        let platform = try await platform(fixture)
        for _ in 0..<2 {
            let evidence = try await fixture.check("ID-17", on: platform)
            #expect(evidence.holds, "\(evidence)")
            #expect(evidence.facts["devices"] == 2)
        }
        for table: SQL in ["account", "session", "device", "arrival", "oauth_grant", "totp_factor", "password"] {
            #expect(try await fixture.control.read { try $0.value("SELECT count(*) FROM \(table)", as: Int.self) } == 0, "\(table)")
        }
    }

    @Test func `ID-17 turns when revoking ends nothing, only the sessions, or too much`() async throws {
        let fixture = try await PlatformFixture()
        let platform = try await platform(fixture)
        let plane = platform.plane
        let nothing = try await DevicesKnown(revoke: { _, _, _ in }).check(platform)
        #expect(!nothing.holds)
        #expect(try await !DevicesKnown(endHere: { _, _, _, _ in }).check(platform).holds)
        let tooMuch = try await DevicesKnown(endHere: { devices, device, account, tenant in
            try await devices.endSessions(on: device, of: account.id, in: tenant, by: account.principal)
            try await devices.revoke(device, by: account.principal)
        }).check(platform)
        #expect(!tooMuch.holds)
        let registerOnly = try await DevicesKnown(revoke: { _, device, _ in
            try await plane.write { _ = try $0.run("UPDATE device SET revoked_at = 1 WHERE id = \(device)") }
        }).check(platform)
        #expect(!registerOnly.holds)
        let everything = try await DevicesKnown(revoke: { devices, device, principal in
            try await WayOut(plane).endEverything(of: try #require(principal.account), by: principal)
            try await devices.revoke(device, by: principal)
        }).check(platform)
        #expect(!everything.holds)
        #expect(try await DevicesKnown().check(platform).holds)
    }

    @Test func `ID-17 says nothing where there is no provider`() async throws {
        let fixture = try await PlatformFixture()
        await #expect(throws: CannotProbe.self) { try await fixture.check("ID-17") }
    }
}
