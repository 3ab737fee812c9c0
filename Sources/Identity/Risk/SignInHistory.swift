import Vocabulary

/// Where and with what somebody signed in before: what a new sign-in is compared with.
package struct SignInHistory: Sendable {
    package struct Past: Sendable, Hashable {
        package let at: Instant
        package let network: String?
        package let country: Locations.Country?

        package init(at: Instant, network: String?, country: Locations.Country?) {
            self.at = at
            self.network = network
            self.country = country
        }
    }

    /// How far back it reaches.
    package static let reach = Duration.days(90)
    package static let most = 500
    /// So many sign-ins make a baseline.
    static let baseline = 2

    /// Newest first.
    package private(set) var past: [Past]

    package init(_ past: [Past] = []) { self.past = past }

    package mutating func add(_ arrival: Past) {
        past.insert(arrival, at: 0)
        if past.count > Self.most { past.removeLast() }
    }

    /// What `now` is, seen from here. The caller adds what can't be seen here: guesses, spray, the password.
    package func features(of now: Past, on device: SignInFeatures.DeviceState, in locations: Locations) -> SignInFeatures {
        let known = past.filter { now.at - $0.at < Self.reach && $0.at <= now.at }
        var features = SignInFeatures()
        features.device = device
        features.hasBaseline = known.count >= Self.baseline
        features.isNetworkSeen = now.network.map { network in known.contains { $0.network == network } } ?? true
        guard let country = now.country else { return features }
        let seen = known.compactMap(\.country)
        features.isCountryNew = !seen.isEmpty && !seen.contains(country)
        if let last = known.first(where: { $0.country != nil }), let from = last.country, from != country,
            let kilometres = locations.distance(from: from, to: country)
        {
            features.travel = Travel(kilometres: kilometres, time: now.at - last.at)
        }
        return features
    }
}
