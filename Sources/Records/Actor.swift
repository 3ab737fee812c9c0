import Vocabulary

/// Who asks, and which roles they hold in this tenant. Role names come from the control plane's memberships.
package struct Actor: Sendable, Hashable {
    package let principal: Principal
    package let roles: [String]

    package init(principal: Principal, roles: [String]) {
        self.principal = principal
        self.roles = roles
    }

    /// The platform doing its own work, such as filling a demonstration. Holds every permission.
    package static func platform(_ component: String) -> Actor {
        Actor(principal: Principal(.platform(component: component)), roles: [Role.owner])
    }
}

/// Who wrote something, as it is kept beside records: an account's id, a client's id, or a component's name.
package enum Author: Sendable, Hashable {
    case account(AccountID)
    case client(String)
    case shell(String)
    case platform(String)

    package init(_ principal: Principal) {
        switch principal.kind {
        case .account(let id): self = .account(id)
        case .client(let id): self = .client(id)
        case .shell(let user): self = .shell(user)
        case .platform(let component): self = .platform(component)
        case .anonymous: self = .platform("anonymous")
        }
    }

    package init?(_ text: String) {
        // Over bytes: lists read two of these for each record.
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let name = text[text.utf8.index(after: colon)...]
        switch text[..<colon] {
        case "account":
            guard let id = AccountID(name) else { return nil }
            self = .account(id)
        case "client": self = .client(String(name))
        case "shell": self = .shell(String(name))
        case "platform": self = .platform(String(name))
        default: return nil
        }
    }

    /// `account:<id>`, `client:<id>`, `shell:<user>`, `platform:<component>`.
    package var text: String {
        switch self {
        case .account(let id): "account:" + id.description
        case .client(let id): "client:\(id)"
        case .shell(let user): "shell:\(user)"
        case .platform(let component): "platform:\(component)"
        }
    }

    /// For work that goes on when the person has gone.
    var principal: Principal {
        switch self {
        case .account(let id): Principal(.account(id))
        case .client(let id): Principal(.client(id))
        case .shell(let user): Principal(.shell(user: user))
        case .platform(let component): Principal(.platform(component: component))
        }
    }

    package var account: AccountID? { if case .account(let id) = self { id } else { nil } }
}
