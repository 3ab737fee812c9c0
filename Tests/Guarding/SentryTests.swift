import Audit
import Cluster
import Identity
import IdentityTesting
import Logging
import Storage
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import Guarding

/// Steady time that a test moves.
private final class HandClock: SteadyClock {
    private let time = Mutex<UInt64>(1_000_000_000)
    func nanoseconds() -> UInt64 { time.withLock { $0 } }
    func advance(by duration: Duration) { time.withLock { $0 += UInt64(duration.microseconds) * 1000 } }
}

@Suite("Who is kept out")
struct SentryTests {
    private struct Gate {
        let place: Installation
        let steady = HandClock()
        let bans: Bans
        let sentry: Sentry

        init(exemptions: Sentry.Exemptions = .init(), tallies: Int = Sentry.mostTallies) async throws {
            place = try await Installation(extra: GuardSchema.migrations)
            bans = Bans(place.plane)
            sentry = Self.sentry(bans, steady, exemptions, tallies)
        }

        static func sentry(
            _ bans: Bans, _ steady: HandClock, _ exemptions: Sentry.Exemptions = .init(), _ tallies: Int = Sentry.mostTallies
        )
            -> Sentry
        {
            Sentry(
                bans, exemptions: exemptions, tallies: tallies, steady: steady,
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        }

        func offend(_ offence: Offence, _ count: Int, from address: String) async throws {
            let address = try #require(NetworkAddress(address))
            for _ in 0..<count { await sentry.note(offence, from: address) }
        }

        func remaining(_ address: String) async throws -> Duration? {
            await sentry.standing(of: try #require(NetworkAddress(address)))?.remaining
        }

        func pass(_ duration: Duration) {
            steady.advance(by: duration)
            place.clock.advance(by: duration)
        }
    }

    private static let attacker = "11.22.33.44"

    @Test func `a scanner is refused from the next request on, its neighbour is not, and it ends by itself`() async throws {
        let gate = try await Gate()
        try await gate.offend(.probe, 2, from: Self.attacker)
        #expect(try await gate.remaining(Self.attacker) == nil)
        try await gate.offend(.probe, 1, from: Self.attacker)
        #expect(try await gate.remaining(Self.attacker) == .minutes(1))
        #expect(try await gate.remaining("11.22.33.45") == nil)
        gate.pass(.seconds(59))
        #expect(try await gate.remaining(Self.attacker) == .seconds(1))
        gate.pass(.seconds(1))
        #expect(try await gate.remaining(Self.attacker) == nil)
        try await gate.offend(.probe, 3, from: Self.attacker)
        #expect(try await gate.remaining(Self.attacker) == .minutes(2), "the second time is twice as long")
        #expect(try await gate.bans.inForce().map(\.strike) == [2])
        #expect(try await gate.bans.history().map(\.strike) == [1])
    }

    @Test func `two hundred offences at the same moment make one ban`() async throws {
        let gate = try await Gate()
        let address = try #require(NetworkAddress(Self.attacker))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<200 { group.addTask { await gate.sentry.note(.probe, from: address) } }
        }
        let bans = try await gate.bans.inForce()
        #expect(bans.map(\.range.description) == [Self.attacker])
        #expect(bans.map(\.strike) == [1])
        let events = try await AuditEntries(database: gate.place.plane.database).page(.init(events: ["banned"]), limit: 10).entries
        #expect(events.count == 1)
    }

    @Test func `two hundred impositions at the same moment make one ban`() async throws {
        let gate = try await Gate()
        let range = try #require(AddressRange(Self.attacker))
        let made = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    (try? await gate.bans.impose(on: range, for: .probe, by: Principal(.platform(component: "guard")))) ?? nil != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(made == 1)
    }

    @Test func `several from one network get the network banned, IPv4 and IPv6`() async throws {
        let gate = try await Gate()
        for last in 1...4 { try await gate.offend(.probe, 3, from: "11.22.33.\(last)") }
        #expect(try await gate.remaining("11.22.33.200") != nil)
        #expect(try await gate.remaining("11.22.34.200") == nil)
        for net in 1...4 { try await gate.offend(.probe, 3, from: "2a00:1:2:\(net)::9") }
        #expect(try await gate.remaining("2a00:1:2:ffff::1") != nil)
        #expect(try await gate.remaining("2a00:1:3::1") == nil)
    }

    @Test func `all addresses of an IPv6 64 are one subscriber`() async throws {
        let gate = try await Gate()
        for last in 1...3 { try await gate.offend(.probe, 1, from: "2a00:1:2:3::\(last)") }
        #expect(try await gate.remaining("2a00:1:2:3:ffff::") != nil)
        #expect(try await gate.bans.inForce().map(\.range.description) == ["2a00:1:2:3::/64"])
    }

    @Test func `lifting lets in at once, taking that back keeps out until the old end`() async throws {
        let gate = try await Gate()
        try await gate.offend(.probe, 3, from: Self.attacker)
        let ban = try #require(try await gate.bans.inForce().first)
        _ = try await gate.bans.lift(ban.id, by: Installation.shell)
        #expect(try await gate.remaining(Self.attacker) == nil)
        gate.pass(.seconds(20))
        _ = try await gate.bans.reinstate(ban.id, by: Installation.shell)
        #expect(try await gate.remaining(Self.attacker) == .seconds(40))
        gate.pass(.seconds(40))
        await #expect(throws: Refusal.self) {
            try await gate.bans.lift(BanID(at: .init(seconds: 1), entropy: gate.place.entropy), by: Installation.shell)
        }
        _ = try await gate.bans.lift(ban.id, by: Installation.shell)
        await #expect(throws: Refusal.self) { try await gate.bans.reinstate(ban.id, by: Installation.shell) }
    }

    @Test func `who is on the list, a named proxy, and this machine are never banned`() async throws {
        let proxies = [try #require(AddressRange("10.0.0.0/8"))]
        let gate = try await Gate(exemptions: .init(proxies: proxies))
        try await gate.bans.allow(try AddressRange.typed("11.22.33.0/24"), by: Installation.shell)
        for address in [Self.attacker, "10.1.2.3", "127.0.0.9", "::1"] {
            try await gate.offend(.probe, 10, from: address)
            #expect(try await gate.remaining(address) == nil, "\(address)")
        }
        #expect(try await gate.bans.inForce().isEmpty)
        try await gate.bans.disallow(try AddressRange.typed("11.22.33.0/24"), by: Installation.shell)
        try await gate.offend(.probe, 3, from: Self.attacker)
        #expect(try await gate.remaining(Self.attacker) != nil)
        try await gate.bans.allow(try AddressRange.typed(Self.attacker), by: Installation.shell)
        #expect(try await gate.remaining(Self.attacker) == nil, "the list stands above a ban")
        let guarded = Gate.sentry(gate.bans, gate.steady, .init(loopback: false))
        let loopback = try #require(NetworkAddress("127.0.0.9"))
        for _ in 0..<3 { await guarded.note(.probe, from: loopback) }
        #expect(await guarded.standing(of: loopback) != nil, "where the flag asks for it")
    }

    @Test func `a clock that jumps neither ends a ban nor makes it a year`() async throws {
        let gate = try await Gate()
        try await gate.offend(.probe, 3, from: Self.attacker)
        #expect(try await gate.remaining(Self.attacker) == .minutes(1))
        for jump in [Duration.days(365), .days(-730), .days(365)] {
            gate.place.clock.advance(by: jump)
            #expect(try await gate.remaining(Self.attacker) == .minutes(1))
            try await gate.place.plane.write { try gate.place.plane.invalidate(.everything, in: $0) }
            #expect(try await gate.remaining(Self.attacker) == .minutes(1), "and so after everything was read anew")
        }
        gate.place.clock.advance(by: .days(-365))
        let restarted = Gate.sentry(gate.bans, gate.steady)
        let address = try #require(NetworkAddress(Self.attacker))
        #expect(
            await restarted.standing(of: address)?.remaining == .minutes(1), "a restart while the clock is wrong: its whole length at most")
        gate.steady.advance(by: .minutes(1))
        #expect(try await gate.remaining(Self.attacker) == nil, "and it ends when its time has passed")
    }

    @Test func `a restart forgets scores and no ban`() async throws {
        let gate = try await Gate()
        try await gate.offend(.probe, 3, from: Self.attacker)
        gate.pass(.seconds(10))
        let next = Gate.sentry(gate.bans, gate.steady)
        #expect(await next.standing(of: try #require(NetworkAddress(Self.attacker)))?.remaining == .seconds(50))
    }

    @Test func `memory stays bounded under a million addresses, and who was about to be banned is not washed away`() throws {
        var tallies = Tallies(limit: 1000)
        let policy = BanPolicy()
        let attacker = try #require(NetworkAddress(Self.attacker))
        _ = tallies.add(.probe, from: attacker.subscriberRange, in: attacker.networkRange, at: .zero, policy)
        _ = tallies.add(.probe, from: attacker.subscriberRange, in: attacker.networkRange, at: .zero, policy)
        var most = 0
        for number in 0..<1_000_000 {
            let bytes = [12, UInt8(number >> 16 & 0xFF), UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)]
            let address = try #require(NetworkAddress(bytes: bytes))
            _ = tallies.add(.mistake, from: address.subscriberRange, in: address.networkRange, at: .zero, policy)
            most = max(most, tallies.count)
        }
        #expect(most <= 1000)
        let due = tallies.add(.probe, from: attacker.subscriberRange, in: attacker.networkRange, at: .zero, policy)
        #expect(due == [attacker.subscriberRange])
    }

    @Test func `requests that behave, and offences below the limit, write nothing`() async throws {
        let gate = try await Gate()
        let before = try await gate.place.plane.database.position()
        for number in 0..<50 {
            #expect(try await gate.remaining("11.22.\(number).1") == nil)
            try await gate.offend(.error, 5, from: "11.22.\(number).1")
        }
        #expect(try await gate.place.plane.database.position() == before)
    }

    @Test func `only operators ban and lift, and nobody bans half of the internet`() async throws {
        let gate = try await Gate()
        let member = try await gate.place.member("robin@acme.example", of: gate.place.tenant())
        let range = try AddressRange.typed("11.22.33.0/24")
        await #expect(throws: Refusal.self) { try await gate.bans.add(range, for: .hours(1), by: member.principal) }
        await #expect(throws: Refusal.self) { try await gate.bans.allow(range, by: member.principal) }
        let ban = try await gate.bans.add(range, for: .hours(1), by: Installation.shell)
        await #expect(throws: Refusal.self) { try await gate.bans.lift(ban.id, by: member.principal) }
        await #expect(throws: Refusal.self) { try await gate.bans.add(range, for: .hours(1), by: Installation.shell) }
        #expect(try await gate.remaining("11.22.33.99") == .hours(1))
        for wide in ["0.0.0.0/0", "10.0.0.0/7", "::/0", "2000::/3"] {
            await #expect(throws: Refusal.self, "\(wide)") {
                try await gate.bans.add(try AddressRange.typed(wide), for: .hours(1), by: Installation.shell)
            }
        }
    }
}

@Suite("Who comes in all the same")
struct KnownDeviceTests {
    private let policy = BanPolicy()
    private let device = DeviceID(at: Instant(seconds: 1), entropy: SeededEntropy(seed: 1))

    @Test func `who misbehaves on their own device has no pass for an hour, signed in or not`() async throws {
        for (offence, count) in [(Offence.signIn, 25), (.mistake, 2000)] {
            var tallies = DeviceTallies()
            for _ in 0..<count - 1 { tallies.add(offence, on: device, at: .seconds(1), policy) }
            #expect(!tallies.isVoid(device, at: .seconds(1)))
            for _ in 0..<2 { tallies.add(offence, on: device, at: .seconds(1), policy) }
            #expect(tallies.isVoid(device, at: .seconds(1)))
            #expect(tallies.isVoid(device, at: .minutes(60)))
            #expect(!tallies.isVoid(device, at: .minutes(61)))
        }
    }

    @Test func `the scores of devices stay bounded, and the worst are not washed away`() async throws {
        var tallies = DeviceTallies()
        let entropy = SeededEntropy(seed: 2)
        for _ in 0..<24 { tallies.add(.signIn, on: device, at: .seconds(1), policy) }
        for _ in 0..<DeviceTallies.limit + 10 {
            tallies.add(.mistake, on: DeviceID(at: Instant(seconds: 1), entropy: entropy), at: .seconds(1), policy)
        }
        tallies.add(.signIn, on: device, at: .seconds(1), policy)
        #expect(tallies.isVoid(device, at: .seconds(1)))
    }

    @Test func `those who are kept out don't keep the database busy`() {
        var searches = Searches(at: .seconds(5))
        #expect((0..<1000).filter { _ in searches.take(at: .seconds(5)) }.count == 200)
        #expect((0..<1000).filter { _ in searches.take(at: .milliseconds(5500)) }.count == 100)
    }
}
