import Vocabulary

/// How likely it is that a sign-in is somebody else's, although everything that was shown was right.
package struct Risk: Sendable, Hashable {
    /// What speaks against it, strongest first; part of stored events, so append only.
    package enum Reason: String, Sendable, Hashable, CaseIterable {
        /// Nobody gets here from the last place in the time that passed.
        case impossibleTravel = "impossible-travel"
        /// Many accounts' passwords were tried from this network just before.
        case spray
        /// A token or session is used in a place that its owner can't have reached.
        case tokenElsewhere = "token-elsewhere"
        /// This account's password was guessed at from elsewhere just before.
        case guessing
        case newCountry = "new-country"
        case newDevice = "new-device"
        /// One of those that attackers try first, or out of a published breach.
        case commonPassword = "common-password"
        case newNetwork = "new-network"

        /// For people, after "because of".
        package var title: String {
            switch self {
            case .impossibleTravel: "impossible travel"
            case .spray: "many accounts tried from there"
            case .tokenElsewhere: "a token used far away"
            case .guessing: "guesses at the password before"
            case .newCountry: "a new country"
            case .newDevice: "a new device"
            case .commonPassword: "a common or stolen password"
            case .newNetwork: "a new network"
            }
        }
    }

    package enum Level: String, Sendable, Hashable, CaseIterable, Comparable {
        case low
        case medium
        case high

        package static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
        private var rank: Int {
            switch self {
            case .low: 0
            case .medium: 1
            case .high: 2
            }
        }
    }

    /// 0…100.
    package let score: Int
    package let reasons: [Reason]

    package static let mediumScore = 40
    package static let highScore = 70

    package var level: Level { score >= Self.highScore ? .high : score >= Self.mediumScore ? .medium : .low }

    package init(score: Int, reasons: [Reason]) {
        self.score = min(100, max(0, score))
        self.reasons = reasons
    }

    /// The points say how seldom an honest person does such a thing, and how often an attacker: docs/benchmarks.md has what they find in a
    /// simulated month. A pure function: what it is not told can't count.
    package static func assess(_ features: SignInFeatures) -> Risk {
        var points: [Reason: Int] = [:]
        if features.hasBaseline {
            // A laptop that somebody used for weeks moves to the other end of the world when its owner switches a VPN on.
            if features.travel?.isImpossible == true {
                points[.impossibleTravel] = features.device == .new ? 60 : features.device == .known ? 30 : 0
            }
            if features.device == .new { points[.newDevice] = 20 }
            if !features.isNetworkSeen { points[.newNetwork] = 10 }
            if features.isCountryNew { points[.newCountry] = features.device == .trusted ? 0 : 20 }
        }
        // Colleagues behind one address mistype, too; an office that is known has to look much worse.
        if features.device == .new {
            let (some, many) = features.isNetworkSeen ? (25, 100) : (5, 20)
            if features.sprayedAccounts >= many { points[.spray] = 60 } else if features.sprayedAccounts >= some { points[.spray] = 40 }
            if features.guesses >= 5 { points[.guessing] = 20 }
        }
        if features.hasCommonPassword { points[.commonPassword] = 10 }
        points = points.filter { $0.value > 0 }
        // A passkey answers at our own address only, so nobody has got it out of its owner by a page that looks like ours.
        let total = points.values.reduce(0, +) - (features.isPasskey ? 40 : 0)
        let order = Reason.allCases
        return Risk(
            score: total,
            reasons: points.keys.sorted {
                (points[$0] ?? 0, order.firstIndex(of: $1) ?? 0) > (points[$1] ?? 0, order.firstIndex(of: $0) ?? 0)
            })
    }

    /// A token or session that was used where its owner can't be.
    package static func assess(token travel: Travel) -> Risk {
        travel.isImpossible ? Risk(score: 70, reasons: [.tokenElsewhere]) : Risk(score: 0, reasons: [])
    }
}

/// What is known of a sign-in that was right in everything.
package struct SignInFeatures: Sendable, Hashable {
    package enum DeviceState: Sendable, Hashable {
        case new
        case known
        case trusted
    }

    /// Whether there is anything to compare with: of somebody's first sign-ins everything is new.
    package var hasBaseline = false
    package var device = DeviceState.new
    package var isNetworkSeen = false
    /// Only where both the place and earlier ones are known.
    package var isCountryNew = false
    /// From where the last sign-in was.
    package var travel: Travel?
    /// How many accounts' passwords failed from the same network in the last hour, this one not counted.
    package var sprayedAccounts = 0
    /// How often this account's password failed from other networks in the last day.
    package var guesses = 0
    package var hasCommonPassword = false
    package var isPasskey = false

    package init() {}
}

/// A way that somebody would have gone.
package struct Travel: Sendable, Hashable {
    package let kilometres: Double
    package let time: Duration

    package init(kilometres: Double, time: Duration) {
        self.kilometres = kilometres
        self.time = time
    }

    /// Airliners make 900 km/h. Below 300 km tables of addresses are wrong more often than people are fast.
    package var isImpossible: Bool {
        guard kilometres >= 300 else { return false }
        let hours = Double(max(time, .seconds(1)).microseconds) / 3_600_000_000
        return kilometres / hours > 1000
    }
}
