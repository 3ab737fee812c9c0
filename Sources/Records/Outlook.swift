import Vocabulary

/// What holders of certain roles see and may do, told by the design alone: no record is read, and nobody acts as anybody.
package struct Outlook: Sendable, Hashable {
    package struct View: Sendable, Hashable {
        package let collection: Collection
        package let permissions: Set<Permission>
    }

    /// Those of the names asked for that are defined here.
    package let roles: [Role]
    /// What is allowed for the environment as a whole.
    package let environment: Set<Permission>
    /// The collections that they see, in order.
    package let views: [View]
    /// Those that they don't.
    package let hidden: [Collection]
}

/// Which roles open one collection, and for what.
package struct Reach: Sendable, Hashable {
    package let collection: Collection
    /// Roles that allow anything in it, with what they allow.
    package let roles: [String: Set<Permission>]
    package let labels: [String: String]

    /// What holders of `names` may do in it, all joined.
    package func permissions(ofHolderOf names: [String]) -> Set<Permission> {
        names.reduce(into: []) { $0.formUnion(roles[$1] ?? []) }
    }

    /// The roles that allow `permission`.
    package func roles(allowing permission: Permission) -> [String] {
        roles.filter { $0.value.contains(permission) }.keys.sorted()
    }
}

extension Roles {
    /// What holders of the roles called `names` would see. Needs `managePeople` or `manageRoles`, and tells only of collections that `actor`
    /// sees too.
    package func outlook(of names: [String], by actor: Actor) async throws -> Outlook {
        try await workspace.read(by: actor) { _, design in
            guard design.allows(actor, .managePeople) || design.allows(actor, .manageRoles) else {
                throw AccessRefused(permission: .manageRoles, collection: nil)
            }
            let roles = design.roles.filter { names.contains($0.name) }
            let permissions = roles.reduce(Permissions()) { $0.union($1.permissions) }
            let known = Self.visible(in: design, to: actor)
            // The same rule by which `Collections` shows and hides them.
            let seen = known.filter { permissions.allows(.view, in: $0.id) || permissions.allows(.design, in: $0.id) }
            return Outlook(
                roles: roles, environment: permissions.everywhere.filter { !$0.isPerCollection },
                views: seen.map { .init(collection: $0, permissions: permissions.allowed(in: $0.id)) },
                hidden: known.filter { collection in !seen.contains { $0.id == collection.id } })
        }
    }

    /// By which roles somebody may do what, in each collection that `actor` sees. Needs `managePeople`.
    package func reach(by actor: Actor) async throws -> [Reach] {
        try await workspace.read(by: actor) { _, design in
            try design.require(.managePeople, by: actor)
            return Self.visible(in: design, to: actor).map { collection in
                let allowed = design.roles.map { ($0.name, $0.permissions.allowed(in: collection.id)) }.filter { !$0.1.isEmpty }
                return Reach(
                    collection: collection, roles: Dictionary(allowed) { first, _ in first },
                    labels: Dictionary(design.roles.map { ($0.name, $0.label) }) { first, _ in first })
            }
        }
    }

    private static func visible(in design: Design, to actor: Actor) -> [Collection] {
        design.collections.filter { collection in
            collection.deletedAt == nil
                && (design.allows(actor, .view, in: collection.id) || design.allows(actor, .design, in: collection.id))
        }
    }
}
