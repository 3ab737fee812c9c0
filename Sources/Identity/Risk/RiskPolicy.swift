import Vocabulary

/// What is done about a risk: a tenant's rule for its people.
package struct RiskPolicy: Sendable, Hashable {
    package enum Action: String, Sendable, Hashable, CaseIterable, Comparable {
        case allow
        /// Another proof: the owner confirms by mail. A passkey needs none, it is that proof.
        case stepUp = "step-up"
        case block

        package static func < (left: Action, right: Action) -> Bool { left.rank < right.rank }
        private var rank: Int {
            switch self {
            case .allow: 0
            case .stepUp: 1
            case .block: 2
            }
        }
    }

    package var medium = Action.stepUp
    package var high = Action.block

    package init() {}
    package init(medium: Action, high: Action) {
        self.medium = medium
        self.high = high
    }

    package func action(for level: Risk.Level) -> Action {
        switch level {
        case .low: .allow
        case .medium: medium
        case .high: high
        }
    }

    /// Whoever belongs to several tenants has the strictest of their rules.
    package static func strictest(of policies: [RiskPolicy]) -> RiskPolicy {
        guard var strictest = policies.first else { return RiskPolicy() }
        for policy in policies {
            strictest.medium = max(strictest.medium, policy.medium)
            strictest.high = max(strictest.high, policy.high)
        }
        return strictest
    }
}

package typealias RiskEventID = ID<RiskEvent>

/// A sign-in, or an application's token, that was worth a second look, and what became of it.
package struct RiskEvent: Sendable, Hashable {
    package enum State: String, Sendable, Hashable {
        /// Nobody has said anything yet.
        case open
        /// Its owner confirmed it by mail.
        case confirmed
        /// Its owner, or an administrator who asked them, says that it was right.
        case dismissed
    }

    package let id: RiskEventID
    package let account: AccountID
    /// The sign-in's.
    package let session: SessionID
    package let at: Instant
    package let risk: Risk
    package let action: RiskPolicy.Action
    package let state: State
    package let platform: DevicePlatform
    package let network: String?
    package let country: Locations.Country?
    /// What was shown, which counts once the owner has confirmed.
    let methods: [String]
    /// What people call the application whose token it is about. Nil for a sign-in.
    package let application: String?
    /// The application's.
    package let tenant: TenantID?

    /// With what it was done.
    package var means: String { application ?? platform.name }
}
