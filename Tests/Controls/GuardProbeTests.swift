import Guarding
import Logging
import Storage
import Synchronization
import Testing
import Vocabulary

@testable import Controls

@Suite("GD-1 looks at the door", .timeLimit(.minutes(2)))
struct GuardProbeTests {
    /// How a door that doesn't keep the promise goes wrong.
    enum Fault: CaseIterable {
        case countsNothing, letsTheBannedIn, shutsOutNeighbours, hidesTheEnd, staysShut
    }

    private func platform(_ fixture: PlatformFixture, _ fault: Fault? = nil) -> Platform {
        let bans = Bans(fixture.platform.plane)
        let sentry = Sentry(bans, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let wasShut = Mutex(false)
        fixture.platform.door.open { address, path in
            guard let network = NetworkAddress(address) else { throw CannotProbe("no address") }
            let isScan = ScannersPath.matches(path)
            if let standing = await sentry.standing(of: network), !(fault == .letsTheBannedIn && !isScan) {
                wasShut.withLock { $0 = true }
                return .init(status: 429, retryAfter: fault == .hidesTheEnd ? nil : Int(standing.remaining.components.seconds))
            }
            let stays = wasShut.withLock { $0 }
            if stays, fault == .shutsOutNeighbours, address != AttackersBanned.attacker { return .init(status: 429, retryAfter: 60) }
            if stays, fault == .staysShut, address == AttackersBanned.attacker { return .init(status: 429, retryAfter: 60) }
            if isScan, fault != .countsNothing { await sentry.note(.probe, from: network) }
            return .init(status: isScan ? 404 : 200)
        }
        return fixture.changed { $0.guarding = .init(bans: bans, sentry: sentry) }
    }

    @Test func `GD-1 holds where a scanner is banned, again and again, and leaves no ban behind`() async throws {
        let fixture = try await PlatformFixture()
        let platform = platform(fixture)
        for _ in 0..<2 {
            let evidence = try await fixture.check("GD-1", on: platform)
            #expect(evidence.holds, "\(evidence)")
            #expect(evidence.facts["requests"] == .integer(4))
        }
        #expect(try await Bans(fixture.platform.plane).inForce().isEmpty)
    }

    @Test(arguments: Fault.allCases)
    func `GD-1 turns when the door doesn't keep the promise`(fault: Fault) async throws {
        let fixture = try await PlatformFixture()
        let evidence = try await fixture.check("GD-1", on: platform(fixture, fault))
        #expect(!evidence.holds, "\(fault): \(evidence)")
    }

    @Test func `GD-1 says nothing where there is no door`() async throws {
        let fixture = try await PlatformFixture()
        await #expect(throws: CannotProbe.self) { try await fixture.check("GD-1") }
    }
}
