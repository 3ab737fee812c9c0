import Vocabulary

/// The scores of this node, of a bounded number of subscribers and networks.
///
/// When it is full the lower half of the scores is forgotten: an attacker can't wash a high one away with a flood of fresh addresses.
struct Tallies: Sendable {
    private(set) var tallies: [AddressRange: Tally] = [:]
    let limit: Int

    var count: Int { tallies.count }

    /// Counts an offence, and says which blocks are due for a ban because of it. Those start anew.
    mutating func add(_ offence: Offence, from subscriber: AddressRange, in network: AddressRange, at now: Duration, _ policy: BanPolicy)
        -> [AddressRange]
    {
        var due: [AddressRange] = []
        var own = tallies[subscriber] ?? Tally(at: now)
        own.add(offence, at: now, policy)
        if own.isDue(policy) {
            due.append(subscriber)
            tallies[subscriber] = nil
        } else {
            put(own, for: subscriber, at: now, policy)
        }
        var around = tallies[network] ?? Tally(at: now)
        around.add(offence, by: subscriber.start, at: now, policy)
        if around.isNetworkDue(policy) {
            due.append(network)
            tallies[network] = nil
        } else {
            put(around, for: network, at: now, policy)
        }
        return due
    }

    mutating func forget(_ range: AddressRange) { tallies[range] = nil }

    private mutating func put(_ tally: Tally, for range: AddressRange, at now: Duration, _ policy: BanPolicy) {
        if tallies[range] == nil, tallies.count >= limit {
            let kept = tallies.sorted { $0.value.score(at: now, policy) > $1.value.score(at: now, policy) }.prefix(limit / 2)
            tallies = Dictionary(uniqueKeysWithValues: kept.map { ($0.key, $0.value) })
        }
        tallies[range] = tally
    }
}

extension NetworkAddress {
    /// What one party has: the address, or its /64 for IPv6.
    package var subscriberRange: AddressRange { AddressRange(self, bits: isIPv4 ? 128 : 64) }
    /// What one party may rent whole: the /24 around it, or its /48 for IPv6.
    package var networkRange: AddressRange { AddressRange(self, bits: isIPv4 ? 96 + 24 : 48) }
}
