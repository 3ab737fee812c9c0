import Vocabulary

/// When a ban begins and how long it lasts. Decides; ``Sentry`` counts and ``Bans`` stores.
package struct BanPolicy: Sendable, Hashable {
    /// After this long without an offence a score is half of what it was.
    package var halfLife = Duration.minutes(5)
    /// A score that brings a ban.
    package var limit = 100.0
    /// The same for a network, where at least ``networkOffenders`` of its subscribers took part.
    package var networkLimit = 400.0
    package var networkOffenders = 4
    package var shortest = Duration.minutes(1)
    package var longest = Duration.hours(24)
    /// A ban that ended longer ago is no repetition.
    package var memory = Duration.days(7)

    package init() {}

    /// `strike` counts from 1: 1 minute, 2, 4, … up to a day.
    package func length(ofStrike strike: Int) -> Duration {
        let doublings = max(0, min(strike - 1, 20))
        return min(longest, shortest * (1 << doublings))
    }

    /// Which strike a ban at `now` is, after `last`. A lifted one was a mistake and doesn't count.
    package func strike(after last: Ban?, at now: Instant) -> Int {
        guard let last, last.liftedAt == nil, now - last.until < memory else { return 1 }
        return last.strike + 1
    }

    /// A score after `elapsed` without an offence.
    package func faded(_ score: Double, after elapsed: Duration) -> Double {
        guard elapsed > .zero else { return score }
        let lives = Double(elapsed.microseconds) / Double(halfLife.microseconds)
        return lives > 60 ? 0 : score * Self.half(lives)
    }

    /// 2 to the power of `-lives`, without a mathematics library: exact for whole numbers, within 1 % between them.
    private static func half(_ lives: Double) -> Double {
        var result = 1.0
        var whole = lives.rounded(.down)
        let rest = lives - whole
        while whole > 0 {
            result /= 2
            whole -= 1
        }
        // 2^-x for 0 ≤ x < 1, by its series to the fourth term.
        let x = rest * 0.693_147_180_559_945_3
        return result * (1 - x + x * x / 2 - x * x * x / 6 + x * x * x * x / 24)
    }
}

/// What one subscriber or network has on its account.
package struct Tally: Sendable, Hashable {
    package private(set) var score = 0.0
    private var last: Duration
    /// Of a network: the first few subscribers that took part.
    private var offenders: [NetworkAddress] = []

    package init(at now: Duration) { last = now }

    /// - Parameters:
    ///   - now: steady time, since some moment in the past.
    ///   - offender: whom of a network to remember; nil for a subscriber's own tally.
    package mutating func add(_ offence: Offence, by offender: NetworkAddress? = nil, at now: Duration, _ policy: BanPolicy) {
        score = score(at: now, policy) + offence.weight
        last = now
        if let offender, offenders.count < policy.networkOffenders, !offenders.contains(offender) { offenders.append(offender) }
    }

    package func score(at now: Duration, _ policy: BanPolicy) -> Double { policy.faded(score, after: now - last) }

    package func isDue(_ policy: BanPolicy) -> Bool { score >= policy.limit }
    package func isNetworkDue(_ policy: BanPolicy) -> Bool {
        score >= policy.networkLimit && offenders.count >= policy.networkOffenders
    }
}
