import Cluster
import Identity
import Logging
import Storage
import Synchronization
import Vocabulary

/// Stands at the door of one node: counts offences, and says who is kept out.
///
/// It answers from memory. What other nodes banned or lifted comes by ``Coherence``: noted in the transaction, so that it is in force here within a
/// ``CacheLease/length``. The ends of bans are kept in steady time, so a clock that is set back or on neither ends nor prolongs one.
package final class Sentry: Sendable {
    /// Who is never banned, whatever they do.
    package struct Exemptions: Sendable {
        /// Their offences are those of the people behind them.
        package var proxies: [AddressRange]
        /// This machine itself: probes, development, a proxy that was not named.
        package var loopback: Bool

        package init(proxies: [AddressRange] = [], loopback: Bool = true) { (self.proxies, self.loopback) = (proxies, loopback) }
    }

    /// Why somebody is refused.
    package struct Standing: Sendable, Hashable {
        package let range: AddressRange
        package let remaining: Duration
        /// An operator's own ban is for everybody, also for people on devices that they are known on.
        package let isByHand: Bool
    }

    private struct Hold {
        let range: AddressRange
        /// Nil for one that is not written down yet.
        let ban: BanID?
        let ends: Duration
        var isByHand = false
        /// Nil until somebody behind it was looked for.
        var searches: Searches?
    }

    private struct State {
        var tallies: Tallies
        var holds: [AddressRange: Hold] = [:]
        var ranges: [BanID: AddressRange] = [:]
        /// How many holds there are of each prefix length.
        var lengths: [Int: Int] = [:]
        var allowed: [AddressRange] = []
        /// Counts what was noted; what follows says as the how manyth. Nil: nothing since the last look.
        var notes: UInt64 = 1
        var stale: [BanID: UInt64] = [:]
        var allStale: UInt64? = 1
        var listStale: UInt64? = 1
        var tidied = Duration.zero
        /// After a look that failed: until when memory has to do.
        var blindUntil = Duration.zero
        var writing = 0
        var devices = DeviceTallies()
    }

    private let bans: Bans
    private let exemptions: Exemptions
    private let steady: any SteadyClock
    private let logger: Logger
    private let state: Mutex<State>
    private var plane: ControlPlane { bans.plane }
    private var policy: BanPolicy { bans.policy }

    /// Most subscribers and networks whose score is kept, and most bans that are held before they are written.
    package static let mostTallies = 50_000
    /// Most bans that are being written at once; further ones hold here for the shortest time only.
    private static let mostWriting = 32

    package init(
        _ bans: Bans, exemptions: Exemptions = Exemptions(), tallies: Int = Sentry.mostTallies, steady: any SteadyClock = BootClock(),
        logger: Logger
    ) {
        self.bans = bans
        self.exemptions = exemptions
        self.steady = steady
        self.logger = logger
        state = Mutex(State(tallies: Tallies(limit: tallies)))
        bans.plane.coherence.listen { [weak self] invalidation in self?.forget(invalidation) }
    }

    // MARK: Asking

    /// Nil for those who may come in.
    package func standing(of address: NetworkAddress) async -> Standing? {
        guard !isExempt(address) else { return nil }
        if isStale { await refresh() }
        let now = now
        return state.withLock { state in
            guard !state.allowed.contains(where: { $0.contains(address) }) else { return nil }
            return Self.hold(of: address, in: state, at: now).map {
                Standing(range: $0.range, remaining: $0.ends - now, isByHand: $0.isByHand)
            }
        }
    }

    /// What a banned visitor is told.
    package func refusal(for standing: Standing) -> Refusal {
        let seconds = max(1, (standing.remaining + .milliseconds(999)).components.seconds)
        let until = Instant(seconds: (plane.clock.now() + standing.remaining).seconds)
        return Refusal(
            .limited(retryAfter: .seconds(seconds)), "banned",
            "Too many requests from your network were refused lately, so none is answered until \(Ban.words(until)). It may have been somebody else there. Wait, or come from another network; if it happens again, tell whoever runs this server."
        )
    }

    /// Whether people on these devices may come in although their address is kept out.
    package func lets(in devices: Set<DeviceID>) -> Bool {
        let now = now
        return state.withLock { state in !devices.contains { state.devices.isVoid($0, at: now) } }
    }

    /// Whether the database may be asked now who somebody behind this ban is: those who are kept out must not keep it busy.
    package func maySearch(behind range: AddressRange) -> Bool {
        let now = now
        return state.withLock { state in
            guard var hold = state.holds[range] else { return true }
            var searches = hold.searches ?? Searches(at: now)
            defer {
                hold.searches = searches
                state.holds[range] = hold
            }
            return searches.take(at: now)
        }
    }

    // MARK: Counting

    /// Counts an offence. When it was one too many the ban is in force when this returns, and written down if the database can.
    package func note(_ offence: Offence, from address: NetworkAddress) async {
        guard !isExempt(address) else { return }
        if isStale { await refresh() }
        let now = now
        let due: [AddressRange] = state.withLock { state in
            guard !state.allowed.contains(where: { $0.contains(address) }), Self.hold(of: address, in: state, at: now) == nil else {
                return []
            }
            let due = state.tallies.add(offence, from: address.subscriberRange, in: address.networkRange, at: now, policy)
            for range in due {
                Self.drop(state.holds[range], from: &state)
                if state.holds.count < Self.mostTallies {
                    Self.put(Hold(range: range, ban: nil, ends: now + policy.shortest), in: &state)
                }
            }
            return due
        }
        for range in due { await write(range, offence) }
    }

    /// Counts an offence of somebody who is known, beside what their address gets for it.
    package func note(_ offence: Offence, on devices: Set<DeviceID>) {
        let now = now
        state.withLock { state in
            for device in devices { state.devices.add(offence, on: device, at: now, policy) }
        }
    }

    package var tallies: Int { state.withLock { $0.tallies.count } }

    private func write(_ range: AddressRange, _ offence: Offence) async {
        let mayWrite = state.withLock { state in
            guard state.writing < Self.mostWriting else { return false }
            state.writing += 1
            return true
        }
        guard mayWrite else { return }
        // A visitor who hangs up must not take the ban along.
        await Task { [bans, logger] in
            do {
                try await bans.impose(on: range, for: offence, by: Principal(.platform(component: "guard")))
            } catch {
                logger.error("a ban could not be written and holds on this node only", metadata: ["error": "\(type(of: error))"])
            }
        }.value
        state.withLock { $0.writing -= 1 }
    }

    // MARK: Remembering

    private var now: Duration { .nanoseconds(Int64(clamping: steady.nanoseconds())) }

    private func isExempt(_ address: NetworkAddress) -> Bool {
        (exemptions.loopback && address.isLoopback) || exemptions.proxies.contains { $0.contains(address) }
    }

    private func forget(_ invalidation: Invalidation) {
        state.withLock { state in
            state.notes += 1
            switch invalidation {
            case .ban(let id): state.stale[id] = state.notes
            case .allowedRanges: state.listStale = state.notes
            case .everything: (state.allStale, state.listStale) = (state.notes, state.notes)
            case .session, .account, .rights, .environment, .signingKeys, .key, .masterKey: break
            }
        }
    }

    private var isStale: Bool {
        let isCurrent = plane.coherence.lease.isValid
        let now = now
        return state.withLock { state in
            guard now >= state.blindUntil else { return false }
            return !isCurrent || state.allStale != nil || state.listStale != nil || !state.stale.isEmpty
        }
    }

    /// Reads what changed. Who asks meanwhile reads too: nobody gets an answer that is older than their question.
    private func refresh() async {
        let isCurrent = plane.coherence.lease.isValid
        let (notes, all, list, ids, known) = state.withLock { state in
            (
                state.notes, !isCurrent || state.allStale != nil, !isCurrent || state.listStale != nil, Set(state.stale.keys),
                Set(state.ranges.keys)
            )
        }
        let wall = plane.clock.now()
        do {
            let (found, allowed) = try await plane.database.read { reader -> ([Ban], [AddressRange]?) in
                var found: [BanID: Ban] = [:]
                if all {
                    let rows = try reader.rows(
                        "SELECT \(Ban.columns) FROM ban WHERE lifted_at IS NULL AND until > \(wall) ORDER BY until DESC LIMIT \(Self.mostTallies)"
                    )
                    for row in rows {
                        let ban = try Ban(row: row)
                        found[ban.id] = ban
                    }
                }
                for id in (all ? ids.union(known) : ids) where found[id] == nil { found[id] = try Bans.find(id, in: reader) }
                return (Array(found.values), list ? try Bans.allowed(in: reader).map(\.range) : nil)
            }
            let now = now
            state.withLock { state in
                for ban in found { Self.take(ban, into: &state, wall: wall, at: now) }
                if let allowed { state.allowed = allowed }
                // What was noted while we read is still to be read.
                state.stale = state.stale.filter { $0.value > notes }
                if all, let stale = state.allStale, stale <= notes { state.allStale = nil }
                if list, let stale = state.listStale, stale <= notes { state.listStale = nil }
                guard now > state.tidied + .seconds(30) else { return }
                state.tidied = now
                for hold in Array(state.holds.values) where hold.ends <= now { Self.drop(hold, from: &state) }
            }
        } catch {
            let now = now
            state.withLock { $0.blindUntil = now + CacheLease.length }
        }
    }

    /// What is known already keeps its end, whatever the wall clock says now.
    private static func take(_ ban: Ban, into state: inout State, wall: Instant, at now: Duration) {
        let hold = state.holds[ban.range]
        guard ban.liftedAt == nil else {
            if hold?.ban == ban.id || hold?.ban == nil { drop(hold, from: &state) }
            return
        }
        guard hold?.ban != ban.id else { return }
        // A clock that was set back must not make minutes of it a year.
        let remaining = min(ban.until - wall, ban.length)
        guard remaining > .zero else { return }
        drop(hold, from: &state)
        put(Hold(range: ban.range, ban: ban.id, ends: now + remaining, isByHand: ban.reason == .byHand), in: &state)
    }

    private static func put(_ hold: Hold, in state: inout State) {
        state.holds[hold.range] = hold
        if let ban = hold.ban { state.ranges[ban] = hold.range }
        state.lengths[hold.range.prefixBits, default: 0] += 1
    }

    private static func drop(_ hold: Hold?, from state: inout State) {
        guard let hold, state.holds.removeValue(forKey: hold.range) != nil else { return }
        if let ban = hold.ban { state.ranges[ban] = nil }
        let left = (state.lengths[hold.range.prefixBits] ?? 1) - 1
        state.lengths[hold.range.prefixBits] = left > 0 ? left : nil
    }

    private static func hold(of address: NetworkAddress, in state: State, at now: Duration) -> Hold? {
        var longest: Hold?
        for bits in state.lengths.keys {
            guard let hold = state.holds[AddressRange(address, bits: bits)], hold.ends > now else { continue }
            if hold.ends > longest?.ends ?? .zero { longest = hold }
        }
        return longest
    }
}
