import Audit
import Storage
import Vocabulary

/// Role definitions of one environment: the built-in four and the customer's own.
package struct Roles: Sendable {
    let workspace: Workspace

    static let migrations: [Migration] = [
        Migration("records_0002_roles") { dialect in
            let tail: SQL = dialect == .sqlite ? " STRICT" : ""
            return [
                "CREATE TABLE role (name TEXT PRIMARY KEY, label TEXT NOT NULL)" + tail,
                """
                CREATE TABLE role_permission (
                    role TEXT NOT NULL REFERENCES role (name) DEFERRABLE INITIALLY DEFERRED, collection TEXT NOT NULL, permission TEXT NOT NULL,
                    PRIMARY KEY (role, collection, permission)
                )
                """ + tail,
            ]
        }
    ]

    static let customRolesLimit = 50

    /// All roles, built-in first. Whoever may see people or roles may see what roles mean.
    package func list(by actor: Actor) async throws -> [Role] {
        try await workspace.read(by: actor) { _, design in
            guard design.allows(actor, .managePeople) || design.allows(actor, .manageRoles) else {
                throw AccessRefused(permission: .manageRoles, collection: nil)
            }
            return design.roles
        }
    }

    package func find(_ name: String, by actor: Actor) async throws -> Role {
        guard let role = try await list(by: actor).first(where: { $0.name == name }) else { throw Refusal.notFound("role") }
        return role
    }

    /// Makes or changes a custom role. Needs `manageRoles`, and every permission that is added or taken.
    @discardableResult
    package func define(_ name: String, label: String, permissions: Permissions, by actor: Actor) async throws -> Role {
        guard Text.isSlug(name) else {
            throw Refusal.invalid(
                "role-name", "A role's name is 1 to 40 lower-case letters, digits and hyphens, starting with a letter.", field: "name")
        }
        guard let label = Text.name(label) else {
            throw Self.wrongLabel
        }
        return try await workspace.write(by: actor) { transaction, design in
            try store(name, label: label, permissions: permissions, in: transaction, design, by: actor)
        }
    }

    /// Makes a custom role under a name that nothing else has.
    ///
    /// - Parameters:
    ///   - like: the name of a role to copy; nil: begins with `permissions`.
    ///   - taken: names that mean something elsewhere: who still holds a role of that name must not get this one.
    @discardableResult
    package func create(
        label: String, like: String? = nil, permissions: Permissions = Permissions(), avoiding taken: Set<String> = [], by actor: Actor
    ) async throws -> Role {
        guard let label = Text.name(label) else { throw Self.wrongLabel }
        return try await workspace.write(by: actor) { transaction, design in
            var permissions = permissions
            if let like {
                try design.require(.manageRoles, by: actor)
                guard let model = design.roles.first(where: { $0.name == like }) else { throw Refusal.notFound("role") }
                permissions = permissions.union(model.permissions)
            }
            let name = Self.freshName(for: label, among: taken.union(design.roles.map(\.name)))
            return try store(name, label: label, permissions: permissions, in: transaction, design, by: actor)
        }
    }

    /// Calls a custom role something else. Its name, by which people hold it, stays.
    @discardableResult
    package func rename(_ name: String, to label: String, by actor: Actor) async throws -> Role {
        guard let label = Text.name(label) else { throw Self.wrongLabel }
        return try await workspace.write(by: actor) { transaction, design in
            try design.require(.manageRoles, by: actor)
            guard let role = design.roles.first(where: { $0.name == name }) else { throw Refusal.notFound("role") }
            return try store(name, label: label, permissions: role.permissions, in: transaction, design, by: actor)
        }
    }

    /// Turns one cell of the matrix of a custom role.
    @discardableResult
    package func set(
        _ permission: Permission, in collection: CollectionID?, of role: String, to granted: Bool, by actor: Actor
    ) async throws -> Role {
        try await workspace.write(by: actor) { transaction, design in
            guard let current = design.roles.first(where: { $0.name == role }) else { throw Refusal.notFound("role") }
            let permissions = current.permissions.setting(permission, in: collection, to: granted)
            return try store(role, label: current.label, permissions: permissions, in: transaction, design, by: actor)
        }
    }

    /// Whoever still holds it has nothing from it any more.
    package func remove(_ name: String, by actor: Actor) async throws {
        try await workspace.write(by: actor) { [workspace] transaction, design in
            try design.require(.manageRoles, by: actor)
            try Self.refuseBuiltIn(name)
            guard let role = design.roles.first(where: { $0.name == name }) else { throw Refusal.notFound("role") }
            guard design.permissions(of: actor).covers(role.permissions) else {
                throw Refusal.forbidden("beyond-own-permissions", "You can only take permissions that you have yourself.")
            }
            try transaction.run("DELETE FROM role_permission WHERE role = \(name)")
            try transaction.run("DELETE FROM role WHERE name = \(name)")
            try workspace.audit.record(.roleRemoved(role: name), by: actor.principal, at: workspace.clock.now(), in: transaction)
            try Design.touch(in: transaction, entropy: workspace.entropy)
        }
    }

    /// Whether the environment defines a role of that name.
    package func isDefined(_ name: String) async throws -> Bool {
        try await workspace.database.read { [workspace] reader in
            try workspace.designs.current(in: reader, of: workspace.database.name).roles.contains { $0.name == name }
        }
    }

    /// What `actor` may do, all roles joined.
    package func permissions(of actor: Actor) async throws -> Permissions {
        try await workspace.read(by: actor) { _, design in design.permissions(of: actor) }
    }

    /// Refuses unless `actor` may give the roles named `given` and take those named `taken`: needs `managePeople`, and every permission of
    /// those roles.
    ///
    /// - Parameter elsewhere: the tenant's other environments. A role is held in all of them, and may allow more there than here.
    package func requireGrantable(
        _ given: [String], taking taken: [String] = [], elsewhere: @Sendable () async throws -> [Workspace] = { [] }, by actor: Actor
    ) async throws {
        try await workspace.read(by: actor) { _, design in
            try design.require(.managePeople, by: actor)
            for name in given where !design.roles.contains(where: { $0.name == name }) {
                throw Refusal.invalid("unknown-role", "There is no such role.", field: "roles")
            }
            try Self.requireCovered(given + taken, design, by: actor)
        }
        // What these two have is the same everywhere, and all there is.
        guard !actor.roles.contains(Role.owner), !actor.roles.contains(Role.administrator) else { return }
        for other in try await elsewhere() {
            try await other.read(by: actor) { _, design in try Self.requireCovered(given + taken, design, by: actor) }
        }
    }

    private static func requireCovered(_ names: [String], _ design: Design, by actor: Actor) throws {
        let own = design.permissions(of: actor)
        for role in design.roles where names.contains(role.name) {
            // An administrator has every permission, but only an owner makes owners.
            guard own.covers(role.permissions), role.name != Role.owner || actor.roles.contains(Role.owner) else {
                throw Refusal.forbidden("beyond-own-permissions", "You can only give or take roles whose permissions you have yourself.")
            }
        }
    }

    /// Refuses with 403 (and audits it) unless `actor` has `permission`.
    package func require(_ permission: Permission, in collection: CollectionID? = nil, by actor: Actor) async throws {
        try await workspace.read(by: actor) { _, design in try design.require(permission, in: collection, by: actor) }
    }

    static func custom(from reader: any Reader) throws -> [Role] {
        var permissions: [String: Permissions] = [:]
        try reader.each("SELECT role, collection, permission FROM role_permission") { row in
            guard let permission = Permission(rawValue: try row.get(2)) else { return }
            let role: String = try row.get(0)
            let collection = CollectionID(try row.get(1, as: String.self))
            permissions[role] = (permissions[role] ?? Permissions()).setting(permission, in: collection, to: true)
        }
        return try reader.rows("SELECT name, label FROM role ORDER BY name").map { row in
            let name: String = try row.get(0)
            return Role(name: name, label: try row.get(1), isBuiltIn: false, permissions: permissions[name] ?? Permissions())
        }
    }

    private func store(
        _ name: String, label: String, permissions: Permissions, in transaction: any Transaction, _ design: Design, by actor: Actor
    ) throws -> Role {
        try design.require(.manageRoles, by: actor)
        try Self.refuseBuiltIn(name)
        for id in permissions.collections.keys where design.collection(id) == nil { throw Refusal.notFound("collection") }
        let before = design.roles.first { $0.name == name }
        if before == nil, design.roles.count >= Role.builtIn.count + Self.customRolesLimit {
            throw Refusal.conflict("too-many-roles", "There can be \(Self.customRolesLimit) custom roles. Remove one first.")
        }
        let cells = permissions.differences(from: before?.permissions ?? Permissions())
        let own = design.permissions(of: actor)
        for cell in cells where !own.allows(cell.permission, in: cell.collection) {
            throw Refusal.forbidden("beyond-own-permissions", "You can only give or take permissions that you have yourself.")
        }
        try transaction.run(
            "INSERT INTO role (name, label) VALUES (\(name), \(label)) ON CONFLICT (name) DO UPDATE SET label = excluded.label")
        let now = workspace.clock.now()
        try workspace.audit.record(.roleDefined(role: name), by: actor.principal, at: now, in: transaction)
        for cell in cells {
            let collection = cell.collection?.description ?? ""
            if cell.granted {
                try transaction.run(
                    "INSERT INTO role_permission (role, collection, permission) VALUES (\(name), \(collection), \(cell.permission.rawValue))"
                )
            } else {
                try transaction.run(
                    """
                    DELETE FROM role_permission
                    WHERE role = \(name) AND collection = \(collection) AND permission = \(cell.permission.rawValue)
                    """)
            }
            let event = AuditEvent.permissionChanged(
                role: name, collection: cell.collection, permission: cell.permission.rawValue, granted: cell.granted)
            try workspace.audit.record(event, by: actor.principal, at: now, in: transaction)
        }
        try Design.touch(in: transaction, entropy: workspace.entropy)
        return Role(name: name, label: label, isBuiltIn: false, permissions: permissions)
    }

    private static let wrongLabel = Refusal.invalid("role-label", "Give the role a name of at most 120 characters.", field: "label")

    /// A slug that reads like `label`, with a number behind it where it is taken.
    private static func freshName(for label: String, among taken: Set<String>) -> String {
        let words = label.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }.joined(separator: "-")
        let short = words.prefix(34).split(separator: "-").joined(separator: "-")
        let stem = Text.isSlug(short) ? short : Text.isSlug("role-" + short) ? "role-" + short : "role"
        guard taken.contains(stem) else { return stem }
        var number = 2
        while taken.contains("\(stem)-\(number)") { number += 1 }
        return "\(stem)-\(number)"
    }

    private static func refuseBuiltIn(_ name: String) throws {
        guard !Role.builtIn.contains(where: { $0.name == name }) else {
            throw Refusal.conflict("built-in-role", "Built-in roles can't be changed. Make a role of your own.", field: "name")
        }
    }
}
