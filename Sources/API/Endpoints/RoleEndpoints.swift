import Hummingbird
import Records
import Vocabulary
import Web

extension Endpoint {
    static let roles: [Endpoint] = [
        Endpoint(.get, "/permissions", needs: .membership) { call in
            let actor = try call.actor()
            let permissions = try await call.workspace().roles.permissions(of: actor)
            return .json(["roles": .array(actor.roles.map { .string($0) }), "permissions": permissions.document])
        },
        Endpoint(.get, "/roles", needs: .manageRoles) { call in
            let roles = try await call.workspace().roles.list(by: call.actor())
            return .json(["roles": .array(roles.map(\.document))])
        },
        Endpoint(.get, "/roles/{role}", needs: .manageRoles) { call in
            .json(try await call.workspace().roles.find(call.context.parameter("role"), by: call.actor()).document)
        },
        Endpoint(.put, "/roles/{role}", needs: .manageRoles) { call in
            let (actor, name) = (try call.actor(), try call.context.parameter("role"))
            let body = try await call.body(RoleBody.self)
            let role = try await call.workspace().roles.define(name, label: body.label, permissions: body.matrix(), by: actor)
            return .json(role.document)
        },
        Endpoint(.delete, "/roles/{role}", needs: .manageRoles) { call in
            try await call.workspace().roles.remove(call.context.parameter("role"), by: call.actor())
            return .noContent()
        },
    ]
}
