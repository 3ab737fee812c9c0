import Foundation
import Identity
import IdentityTesting
import TestSupport
import Testing
import Vocabulary

@Suite("Risk")
struct RiskTests {
    private func features(_ change: (inout SignInFeatures) -> Void = { _ in }) -> SignInFeatures {
        var features = SignInFeatures()
        features.hasBaseline = true
        features.device = .known
        features.isNetworkSeen = true
        change(&features)
        return features
    }

    private let flight = Travel(kilometres: 8000, time: .hours(1))

    @Test func `what people do every day is no risk`() {
        #expect(Risk.assess(features()).score == 0)
        #expect(Risk.assess(features { $0.isNetworkSeen = false }).level == .low)
        #expect(Risk.assess(features { $0.device = .new }).level == .low)
        #expect(Risk.assess(features { ($0.device, $0.isNetworkSeen) = (.new, false) }).level == .low)
        #expect(
            Risk.assess(features { ($0.isCountryNew, $0.isNetworkSeen) = (true, false) }).level == .low, "a journey with one's own laptop")
        #expect(Risk.assess(SignInFeatures()).level == .low, "of a first sign-in everything is new")
    }

    @Test func `what attackers do is`() {
        let stranger = features { ($0.device, $0.isNetworkSeen, $0.isCountryNew) = (.new, false, true) }
        #expect(Risk.assess(stranger).level == .medium)
        var far = stranger
        far.travel = flight
        #expect(Risk.assess(far).level == .high)
        #expect(Risk.assess(far).reasons.first == .impossibleTravel)
        #expect(Risk.assess(features { ($0.device, $0.isNetworkSeen, $0.sprayedAccounts) = (.new, false, 20) }).level == .high)
        #expect(Risk.assess(features { ($0.device, $0.isNetworkSeen, $0.sprayedAccounts) = (.new, false, 5) }).level == .high)
        #expect(Risk.assess(features { ($0.device, $0.isNetworkSeen, $0.guesses) = (.new, false, 6) }).level == .medium)
    }

    @Test func `a device that is known or trusted counts for its owner`() {
        let moved = features { ($0.travel, $0.isNetworkSeen, $0.isCountryNew) = (flight, false, true) }
        #expect(Risk.assess(moved).level == .medium)
        #expect(Risk.assess(features { ($0.travel, $0.device, $0.isCountryNew) = (flight, .trusted, true) }).score == 0)
        #expect(Risk.assess(features { $0.travel = flight }).level == .low, "a VPN that was seen before")
    }

    @Test func `a passkey counts for its owner, and never below nothing`() {
        var far = features { ($0.device, $0.isNetworkSeen, $0.isCountryNew, $0.travel) = (.new, false, true, flight) }
        let by = Risk.assess(far).score
        far.isPasskey = true
        #expect(Risk.assess(far).score == max(0, by - 40 + (by == 100 ? 10 : 0)))
        #expect(Risk.assess(features { $0.isPasskey = true }).score == 0)
    }

    /// No fact that speaks against a sign-in makes it look better.
    @Test func `scores only grow with what speaks against a sign-in`() {
        let worse: [@Sendable (inout SignInFeatures) -> Void] = [
            { $0.isNetworkSeen = false }, { $0.isCountryNew = true }, { $0.travel = Travel(kilometres: 8000, time: .hours(1)) },
            { $0.sprayedAccounts = 30 }, { $0.guesses = 50 }, { $0.hasCommonPassword = true },
        ]
        for device in [SignInFeatures.DeviceState.trusted, .known, .new] {
            for mask in 0..<(1 << worse.count) {
                var base = features { $0.device = device }
                for (bit, change) in worse.enumerated() where mask & (1 << bit) != 0 { change(&base) }
                for change in worse {
                    var more = base
                    change(&more)
                    #expect(Risk.assess(more).score >= Risk.assess(base).score)
                }
            }
        }
    }

    @Test func `somebody can fly, and nobody can be in two places`() {
        #expect(!Travel(kilometres: 8000, time: .hours(10)).isImpossible)
        #expect(Travel(kilometres: 8000, time: .hours(7)).isImpossible)
        #expect(!Travel(kilometres: 250, time: .zero).isImpossible)
        #expect(Travel(kilometres: 400, time: .zero).isImpossible)
        #expect(Risk.assess(token: flight).level == .high)
        #expect(Risk.assess(token: Travel(kilometres: 8000, time: .hours(20))).level == .low)
    }

    // MARK: History

    @Test func `what was seen within ninety days is known, and travel counts from the last place`() throws {
        let world = try SmallWorld.locations()
        let start = Instant(seconds: 1_790_000_000)
        func past(_ country: String, _ number: Int, _ at: Instant) -> SignInHistory.Past {
            let address = SmallWorld.address(in: country, number << 8)
            return .init(at: at, network: Neighbourhood.of(address), country: NetworkAddress(address).flatMap { world.country(of: $0) })
        }
        var history = SignInHistory()
        #expect(!history.features(of: past("DE", 1, start), on: .new, in: world).hasBaseline)
        history.add(past("DE", 1, start))
        history.add(past("DE", 2, start + .hours(1)))
        let home = history.features(of: past("DE", 1, start + .hours(2)), on: .known, in: world)
        #expect(home.hasBaseline && home.isNetworkSeen && !home.isCountryNew && home.travel == nil)
        let far = history.features(of: past("SG", 1, start + .hours(3)), on: .new, in: world)
        #expect(!far.isNetworkSeen && far.isCountryNew && far.travel?.isImpossible == true)
        #expect(far.travel?.time == .hours(2))
        let neighbour = history.features(of: past("FR", 1, start + .hours(3)), on: .new, in: world)
        #expect(neighbour.travel?.isImpossible == false)
        let later = history.features(of: past("DE", 1, start + .days(100)), on: .known, in: world)
        #expect(!later.hasBaseline && !later.isNetworkSeen)
        let nowhere = history.features(of: .init(at: start + .hours(3), network: nil, country: nil), on: .new, in: .nowhere)
        #expect(nowhere.isNetworkSeen && !nowhere.isCountryNew && nowhere.travel == nil)
        // A clock that went back: what lies in the future is not known.
        #expect(!history.features(of: past("DE", 1, start - .days(1)), on: .known, in: world).hasBaseline)
    }

    // MARK: Locations

    @Test func `an address has the country of its range, of either family`() throws {
        let world = try SmallWorld.locations()
        func country(_ text: String) throws -> String? { world.country(of: try #require(NetworkAddress(text))) }
        #expect(try country("10.0.0.0") == "DE")
        #expect(try country("10.255.255.255") == "DE")
        #expect(try country("11.0.0.0") == "FR")
        #expect(try country("9.255.255.255") == nil)
        #expect(try country("0.0.0.0") == nil)
        #expect(try country("255.255.255.255") == nil)
        #expect(try country("2a10:ff::1") == "DE")
        #expect(try country("2a11::") == "FR")
        #expect(try country("::1") == nil)
        #expect(try country("ffff:ffff::1") == nil)
        #expect(try country("::ffff:10.1.2.3") == "DE")
        #expect(world.distance(from: "DE", to: "PL") == 0)
        #expect(try #require(world.distance(from: "DE", to: "SG")) > 9000)
        #expect(world.distance(from: "DE", to: "XX") == nil)
        #expect(Locations.nowhere.country(of: try #require(NetworkAddress("10.0.0.1"))) == nil)
    }

    @Test func `a file that is cut or none of ours is no table`() {
        for length in 0..<SmallWorld.file.count { #expect(Locations(SmallWorld.file.prefix(length)) == nil) }
        #expect(Locations(SmallWorld.file + [0]) == nil)
        var other = SmallWorld.file
        other[5] = UInt8(ascii: "2")
        #expect(Locations(other) == nil)
        var huge = SmallWorld.file
        huge.replaceSubrange(12..<16, with: [255, 255, 255, 255])
        #expect(Locations(huge) == nil)
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: ".deps/share/locations")))
    func `the installed table knows well-known addresses`() throws {
        let file = try Data(contentsOf: URL(fileURLWithPath: ".deps/share/locations"), options: .mappedIfSafe)
        let world = try #require(Locations(file))
        for (address, country) in [("193.0.6.139", "NL"), ("133.11.0.1", "JP"), ("2001:4860:4860::8888", "US"), ("217.0.0.1", "DE")] {
            #expect(world.country(of: try #require(NetworkAddress(address))) == country, "\(address)")
        }
        #expect(world.country(of: try #require(NetworkAddress("192.168.1.1"))) == nil)
        #expect(world.distance(from: "DE", to: "FR") == 0)
        #expect(try #require(world.distance(from: "DE", to: "US")) > 3500)
    }

    // MARK: A month

    /// Prints what docs/benchmarks.md says.
    @Test func `in a simulated month most attacks are caught, and few people are bothered`() throws {
        var (medium, high) = (SimulatedMonth.Score(), SimulatedMonth.Score())
        var kinds: [String: (planted: Int, caught: Int)] = [:]
        for seed in 1...3 as ClosedRange<UInt64> {
            let month = try SimulatedMonth(seed: seed)
            medium = medium + month.medium
            high = high + month.high
            for (kind, count) in month.kinds {
                kinds[kind, default: (0, 0)].planted += count.planted
                kinds[kind, default: (0, 0)].caught += count.caught
            }
        }
        func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }
        for (name, score) in [("medium", medium), ("high", high)] {
            print(
                "risk \(name): \(score.attacks) attacks, \(score.ordinary) ordinary; precision \(percent(score.precision)), recall \(percent(score.recall)), false alarms \(percent(score.falseAlarms))"
            )
        }
        for (kind, count) in kinds.sorted(by: { $0.key < $1.key }) { print("risk \(kind): \(count.caught) of \(count.planted)") }
        #expect(medium.recall > 0.75 && high.precision > 0.8)
        #expect(medium.falseAlarms < 0.01 && high.falseAlarms < 0.002)
    }
}

extension SimulatedMonth.Score {
    fileprivate static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.attacks += right.attacks
        sum.ordinary += right.ordinary
        sum.caught += right.caught
        sum.alarmed += right.alarmed
        return sum
    }
}
