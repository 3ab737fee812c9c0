import Audit
import Storage
import Vocabulary

/// Role definitions of one environment: the built-in four and the customer's own.
package struct Roles: Sendable {
    let workspace: Workspace

    static let migrations: [Migration] = []

    /// All roles, built-in first.
    package func list(by actor: Actor) async throws -> [Role] { throw Refusal.invalid("todo", "todo") }

    package func find(_ name: String, by actor: Actor) async throws -> Role { throw Refusal.invalid("todo", "todo") }

    /// Makes or changes a custom role. Needs `manageRoles`, and every permission that is added or taken.
    @discardableResult
    package func define(_ name: String, label: String, permissions: Permissions, by actor: Actor) async throws -> Role {
        throw Refusal.invalid("todo", "todo")
    }

    /// Turns one cell of the matrix of a custom role.
    @discardableResult
    package func set(_ permission: Permission, in collection: CollectionID?, of role: String, to granted: Bool, by actor: Actor)
        async throws -> Role
    {
        throw Refusal.invalid("todo", "todo")
    }

    package func remove(_ name: String, by actor: Actor) async throws { throw Refusal.invalid("todo", "todo") }

    /// What `actor` may do, all roles joined.
    package func permissions(of actor: Actor) async throws -> Permissions { throw Refusal.invalid("todo", "todo") }

    /// Refuses unless `actor` may give or take `roles` (names): needs `managePeople` and every permission of those roles.
    package func requireGrantable(_ roles: [String], by actor: Actor) async throws { throw Refusal.invalid("todo", "todo") }

    /// Refuses with 403 (and audits it) unless `actor` has `permission`.
    package func require(_ permission: Permission, in collection: CollectionID? = nil, by actor: Actor) async throws {
        throw Refusal.invalid("todo", "todo")
    }
}
