import Identity
import TestSupport
import Vocabulary

/// A month of an organisation: what its people do, and what attackers who know somebody's password and phished a code do.
/// The same for the same seed.
///
/// People have a laptop and most a phone, a home and an office, and mobile networks that change all the time; some travel, some use a VPN abroad, some
/// buy a new device. Attackers come from far away, from the same country, after a spray, or after guessing.
package struct SimulatedMonth: Sendable {
    package struct Score: Sendable {
        package var attacks = 0
        package var ordinary = 0
        /// Attacks and ordinary sign-ins at or above a level.
        package var caught = 0
        package var alarmed = 0

        package init() {}

        package var precision: Double { caught + alarmed == 0 ? 1 : Double(caught) / Double(caught + alarmed) }
        package var recall: Double { attacks == 0 ? 1 : Double(caught) / Double(attacks) }
        /// Of ordinary sign-ins, how many are bothered.
        package var falseAlarms: Double { ordinary == 0 ? 0 : Double(alarmed) / Double(ordinary) }
    }

    package private(set) var medium = Score()
    package private(set) var high = Score()
    /// Attacks of each kind, and how many of them reach medium.
    package private(set) var kinds: [String: (planted: Int, caught: Int)] = [:]

    package static let people = 400
    package static let days = 30

    private struct Somebody {
        let country: String
        let home: String
        let office: String
        /// Mobile networks of their country.
        let mobile: [String]
        var devices: Set<Int>
        var history = SignInHistory()
        let usesVPN: Bool
        let vpn: String
        let password: Bool
        var abroad: (country: String, until: Int)?
    }

    private var dice: Dice
    private let locations: Locations

    package init(seed: UInt64) throws {
        dice = Dice(seed: seed)
        locations = try SmallWorld.locations()
        run()
    }

    private mutating func run() {
        var people = (0..<Self.people).map { number in somebody(number) }
        // A quiet month before, so that there is something to compare with.
        for day in 0..<(2 * Self.days) {
            for index in people.indices {
                plan(&people[index], day)
                let signIns = 1 + dice.below(3)
                for slot in 0..<signIns where !(day % 7 >= 5 && dice.below(3) > 0) {
                    let minute: Int = 420 + slot * 240 + dice.below(180)
                    ordinary(&people[index], index, day, Self.moment(day, minute), counts: day >= Self.days)
                }
            }
            guard day >= Self.days else { continue }
            for _ in 0..<(2 + dice.below(3)) {
                let victim = dice.below(people.count)
                attack(people[victim], Self.moment(day, dice.below(1440)))
            }
        }
    }

    private static func moment(_ day: Int, _ minute: Int) -> Instant {
        let seconds: Int = 1_790_000_000 + day * 86_400 + minute * 60
        return Instant(seconds: Int64(seconds))
    }

    private mutating func somebody(_ number: Int) -> Somebody {
        let country = dice.below(10) < 8 ? "DE" : SmallWorld.countries[dice.below(5)]
        func network(_ which: Int) -> String { SmallWorld.address(in: country, which << 8) }
        return Somebody(
            country: country, home: network(1000 + number), office: network(10 + number % 12),
            mobile: (0..<6).map { _ in network(50_000 + dice.below(40)) },
            devices: dice.below(10) < 8 ? [number * 10, number * 10 + 1] : [number * 10],
            usesVPN: dice.below(100) < 4, vpn: SmallWorld.address(in: ["US", "GB", "SG"][dice.below(3)], 700 << 8),
            password: dice.below(100) < 3)
    }

    /// Journeys and new devices.
    private mutating func plan(_ person: inout Somebody, _ day: Int) {
        if let journey = person.abroad, journey.until <= day { person.abroad = nil }
        if person.abroad == nil, dice.below(300) == 0 {
            person.abroad = (SmallWorld.countries[dice.below(SmallWorld.countries.count)], day + 3 + dice.below(10))
        }
        if dice.below(400) == 0 { person.devices.insert(1_000_000 + dice.below(1_000_000)) }
    }

    private mutating func ordinary(_ person: inout Somebody, _ index: Int, _ day: Int, _ at: Instant, counts: Bool) {
        let device = person.devices.sorted()[dice.below(person.devices.count)]
        var address: String
        switch dice.below(10) {
        case 0..<4: address = person.office
        case 4..<7: address = person.home
        default: address = person.mobile[dice.below(person.mobile.count)]
        }
        if let journey = person.abroad { address = SmallWorld.address(in: journey.country, (200 + index % 7) << 8) }
        if person.usesVPN, dice.below(5) == 0 { address = person.vpn }
        // A browser whose cookies were cleared is a new one.
        let isNew = known.contains(device) ? dice.below(200) == 0 : true
        known.insert(device)
        let now = past(address, at)
        var features = person.history.features(of: now, on: isNew ? .new : .known, in: locations)
        features.hasCommonPassword = person.password
        features.isPasskey = index % 4 == 0 && !isNew
        let risk = Risk.assess(features)
        person.history.add(now)
        guard counts else { return }
        medium.ordinary += 1
        high.ordinary += 1
        if risk.level >= .medium { medium.alarmed += 1 }
        if risk.level >= .high { high.alarmed += 1 }
    }

    private var known: Set<Int> = []

    private mutating func attack(_ victim: Somebody, _ at: Instant) {
        let kind = ["far away", "far away", "far away", "after a spray", "after guessing", "same country"][dice.below(6)]
        let far = ["US", "BR", "SG", "NG", "AU"][dice.below(5)]
        let address = SmallWorld.address(in: kind == "same country" ? victim.country : far, (30_000 + dice.below(20_000)) << 8)
        var features = victim.history.features(of: past(address, at), on: .new, in: locations)
        features.hasCommonPassword = victim.password
        if kind == "after a spray" { features.sprayedAccounts = 5 + dice.below(60) }
        if kind == "after guessing" { features.guesses = 5 + dice.below(40) }
        let risk = Risk.assess(features)
        let caught = risk.level >= .medium
        medium.attacks += 1
        high.attacks += 1
        if caught { medium.caught += 1 }
        if risk.level >= .high { high.caught += 1 }
        kinds[kind, default: (0, 0)].planted += 1
        if caught { kinds[kind, default: (0, 0)].caught += 1 }
    }

    private func past(_ address: String, _ at: Instant) -> SignInHistory.Past {
        .init(at: at, network: Neighbourhood.of(address), country: NetworkAddress(address).flatMap { locations.country(of: $0) })
    }
}

/// SplitMix64: small, and the same everywhere.
private struct Dice: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(max(1, limit)))
    }
}
