import Hummingbird
import Records
import Vocabulary
import Web

extension ShellCommands {
    private struct Copy: Decodable {
        let label: String
        let like: String?
    }

    private struct Label: Decodable {
        let label: String
    }

    private struct Cell: Decodable {
        let permission: String
        /// Slug; nil: all collections.
        let collection: String?
        let granted: Bool
    }

    func addRoleCommands(to router: Router<HoldfastContext>) {
        command("role list", .get, "/environments/{label}/roles", on: router) { _, context in
            let environment = try await environment(context.parameter("label"))
            let (roles, actor) = (try await installation.workspace(of: environment.id).roles, keeper(context))
            let holders = try await installation.identity.memberships.holders(in: environment.tenant)
            return .list(
                try await roles.list(by: actor).map { role in
                    [
                        "name": .string(role.name), "label": .string(role.label), "built_in": .bool(role.isBuiltIn),
                        "people": .integer(Int64(holders[role.name] ?? 0)),
                    ]
                })
        }
        command("role show", .get, "/environments/{label}/roles/{role}", on: router) { _, context in
            let space = try await installation.workspace(of: try await environment(context.parameter("label")).id)
            let role = try await space.roles.find(context.parameter("role"), by: keeper(context))
            let collections = try await space.collections.list(by: keeper(context))
            let everywhere = JSONValue.string(role.permissions.everywhere.map(\.rawValue).sorted().joined(separator: " "))
            let rows: [JSONValue] = collections.map { collection in
                let allowed = role.permissions.allowed(in: collection.id).map(\.rawValue).sorted().joined(separator: " ")
                return ["collection": .string(collection.slug), "permissions": .string(allowed)]
            }
            return .list([["collection": "(all)", "permissions": everywhere]] + rows)
        }
        command("role create", .post, "/environments/{label}/roles", on: router) { request, context in
            let wanted = try await request.decode(Copy.self, in: context)
            let environment = try await environment(context.parameter("label"))
            let people = installation.identity
            let taken = try await people.invitations.rolesOffered(in: environment.tenant).union(
                people.memberships.holders(in: environment.tenant).keys)
            let role = try await installation.workspace(of: environment.id).roles.create(
                label: wanted.label, like: wanted.like, avoiding: taken, by: keeper(context))
            return .json(["name": .string(role.name), "label": .string(role.label)], status: .created)
        }
        command("role change", .post, "/environments/{label}/roles/{role}", on: router) { request, context in
            let wanted = try await request.decode(Cell.self, in: context)
            guard let permission = Permission(rawValue: wanted.permission) else {
                let all = Permission.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal.invalid("unknown-permission", "A permission is one of \(all).", field: "permission")
            }
            let space = try await installation.workspace(of: try await environment(context.parameter("label")).id)
            var collection: CollectionID?
            if let slug = wanted.collection { collection = try await space.collections.find(slug, by: keeper(context)).id }
            let role = try await space.roles.set(
                permission, in: collection, of: context.parameter("role"), to: wanted.granted, by: keeper(context))
            return .json(["name": .string(role.name), "label": .string(role.label)])
        }
        command("role rename", .put, "/environments/{label}/roles/{role}/label", on: router) { request, context in
            let label = try await request.decode(Label.self, in: context).label
            let space = try await installation.workspace(of: try await environment(context.parameter("label")).id)
            let role = try await space.roles.rename(context.parameter("role"), to: label, by: keeper(context))
            return .json(["name": .string(role.name), "label": .string(role.label)])
        }
        command("role remove", .delete, "/environments/{label}/roles/{role}", on: router) { _, context in
            let (environment, name) = (try await environment(context.parameter("label")), try context.parameter("role"))
            try await installation.workspace(of: environment.id).roles.remove(name, by: keeper(context))
            for other in try await installation.tenants.environments(of: environment.tenant) where other.state == .active {
                if try await installation.workspace(of: other.id).roles.isDefined(name) { return .json(["name": .string(name)]) }
            }
            try await installation.identity.memberships.withdraw(name, in: environment.tenant, by: context.principal)
            return .json(["name": .string(name)])
        }
    }

    /// Whoever sits at the machine can do in an environment what its owner can.
    private func keeper(_ context: HoldfastContext) -> Actor { Actor(principal: context.principal, roles: [Role.owner]) }
}
