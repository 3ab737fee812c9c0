import Vocabulary

/// A role's name inside a tenant. What it permits is defined in each environment; here only its rank counts:
/// nobody hands out more than they have.
package struct Role: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package var description: String { name }

    package static let owner = Role(trusted: "owner")
    package static let administrator = Role(trusted: "administrator")
    package static let editor = Role(trusted: "editor")
    package static let reader = Role(trusted: "reader")
    package static let builtIn = [owner, administrator, editor, reader]

    /// Whether one of them gives power over other people: to give or take such a role takes a recent proof.
    package static func arePowerful(_ names: some Sequence<String>) -> Bool {
        names.contains { $0 == owner.name || $0 == administrator.name }
    }

    /// Nil unless it is a slug of at most 40 characters.
    package init?(_ name: String) {
        guard Text.isSlug(name) else { return nil }
        self.name = name
    }

    private init(trusted: String) { name = trusted }

    /// Whether somebody with `roles` may change who has this role. Owners give everything; administrators everything but ownership.
    package func mayBeGiven(byHolderOf roles: [Role]) -> Bool {
        roles.contains(.owner) || (roles.contains(.administrator) && self != .owner)
    }
}
