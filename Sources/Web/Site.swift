import Vocabulary

/// Which front door a request came to, decided by its host name alone and never by anything else it says.
package enum Site: Hashable, Sendable {
    /// The identity provider and the vendor's console.
    case apex
    /// One environment of one tenant; `label` is the first label of its host name.
    case environment(EnvironmentID, label: String)

    package var environment: EnvironmentID? {
        if case .environment(let id, _) = self { id } else { nil }
    }
}

/// Knows which environment answers to a label below the apex.
package protocol Hosts: Sendable {
    /// Nil where there is no such environment. Called for every request: answers come from a cache.
    func site(label: String) async throws -> Site?
}

/// Who a request comes from, once its session or token was verified.
package struct Visitor: Sendable, Equatable {
    /// How the visitor proved who they are. Only `cookie` can be abused by another site.
    package enum Means: Sendable, Equatable {
        case cookie
        case bearer(scopes: Set<String>)
        case shell
    }

    package let principal: Principal
    /// Role names in the environment that the request is for; empty at the apex.
    package let roles: [String]
    /// The sign-in identifier, for display.
    package let name: String
    package let means: Means
    /// Whether the vendor's own staff, who may see the console.
    package let isOperator: Bool
    /// When they last showed a factor; nil where that isn't known.
    package let authenticatedAt: Instant?
    /// Which device of theirs it is; nil for programs.
    package let device: DeviceID?

    package init(
        principal: Principal, roles: [String] = [], name: String = "", means: Means = .cookie, isOperator: Bool = false,
        authenticatedAt: Instant? = nil, device: DeviceID? = nil
    ) {
        self.principal = principal
        self.roles = roles
        self.name = name
        self.means = means
        self.isOperator = isOperator
        self.authenticatedAt = authenticatedAt
        self.device = device
    }

    package var account: AccountID? { principal.account }
    package var session: SessionID? { principal.session }
}
