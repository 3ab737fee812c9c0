import Vocabulary

/// What people did on devices that they are known on. Whoever misbehaves there has no pass any more for an hour, so a pass is no way around bans.
struct DeviceTallies: Sendable {
    static let limit = 10_000
    static let length = Duration.hours(1)

    private var tallies: [DeviceID: Tally] = [:]
    private var void: [DeviceID: Duration] = [:]

    mutating func add(_ offence: Offence, on device: DeviceID, at now: Duration, _ policy: BanPolicy) {
        var tally = tallies[device] ?? Tally(at: now)
        tally.add(offence, at: now, policy)
        if tally.isDue(policy) {
            tallies[device] = nil
            if void.count >= Self.limit { void = void.filter { $0.value > now } }
            void[device] = now + Self.length
        } else {
            if tallies[device] == nil, tallies.count >= Self.limit {
                let kept = tallies.sorted { $0.value.score(at: now, policy) > $1.value.score(at: now, policy) }.prefix(Self.limit / 2)
                tallies = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
            }
            tallies[device] = tally
        }
    }

    func isVoid(_ device: DeviceID, at now: Duration) -> Bool { void[device].map { now < $0 } ?? false }
}

/// How often the database may be asked, for one ban, whether somebody behind it is known: two hundred times a second.
struct Searches: Sendable {
    private static let perSecond = 200.0

    private var left = Self.perSecond
    private var last: Duration

    init(at now: Duration) { last = now }

    mutating func take(at now: Duration) -> Bool {
        left = min(Self.perSecond, left + Double((now - last).microseconds) / 1_000_000 * Self.perSecond)
        last = now
        guard left >= 1 else { return false }
        left -= 1
        return true
    }
}
