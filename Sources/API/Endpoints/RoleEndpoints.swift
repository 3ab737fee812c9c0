import HTTPTypes
import Hummingbird
import Identity
import Records
import Tenants
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
            let role = try await call.rolesNow().define(name, label: body.label, permissions: body.matrix(), by: actor)
            return .json(role.document)
        },
        Endpoint(.post, "/roles/{role}/copies", needs: .manageRoles) { call in
            let body = try await call.body(RoleCopyBody.self)
            let taken = try await call.roleNamesInUse()
            let role = try await call.rolesNow().create(
                label: body.label, like: call.context.parameter("role"), avoiding: taken, by: call.actor())
            return .json(role.document, status: .created)
        },
        Endpoint(.delete, "/roles/{role}", needs: .manageRoles) { call in
            let name = try call.context.parameter("role")
            try await call.rolesNow().remove(name, by: call.actor())
            try await call.withdrawIfUndefined(name)
            return .noContent()
        },
        Endpoint(.get, "/roles/{role}/outlook", needs: .manageRoles) { call in
            let (actor, roles) = (try call.actor(), try await call.workspace().roles)
            let role = try await roles.find(call.context.parameter("role"), by: actor)
            return .json(try await roles.outlook(of: [role.name], by: actor).document)
        },
    ]

    /// Who can see what.
    static let access: [Endpoint] = [
        Endpoint(.get, "/access", needs: .managePeople) { call in
            let reaches = try await call.workspace().roles.reach(by: call.actor())
            let tenant = try await call.tenant()
            var collections: [JSONValue] = []
            for reach in reaches {
                let permissions = Permission.allCases.filter(\.isPerCollection)
                let counts = try await call.parts.memberships.counts(
                    in: tenant.id, holding: permissions.map { reach.roles(allowing: $0) })
                let people = zip(permissions, counts).map { ($0.rawValue, JSONValue.integer(Int64($1))) }
                collections.append([
                    "collection": .string(reach.collection.slug), "people": .object(Dictionary(people) { first, _ in first }),
                ])
            }
            return .json(["collections": .array(collections)])
        },
        Endpoint(.get, "/access/{collection}", needs: .managePeople) { call in
            let slug = try call.collection()
            guard let reach = try await call.workspace().roles.reach(by: call.actor()).first(where: { $0.collection.slug == slug }) else {
                throw Refusal.notFound("collection")
            }
            var after: MembershipID?
            if let cursor = call.request.query("cursor") {
                guard let id = MembershipID(cursor) else {
                    throw Refusal(.invalid, "invalid-cursor", "Take the cursor from the page before.", fields: [])
                }
                after = id
            }
            let page = try await call.parts.memberships.page(
                in: try await call.tenant().id, holding: reach.roles.keys.sorted(), after: after, limit: 100)
            let accounts = try await call.parts.accounts.find(page.members.map(\.account))
            let people = page.members.compactMap { member -> JSONValue? in
                guard let account = accounts[member.account], account.isActive else { return nil }
                let names = member.roles.map(\.name)
                return [
                    "account": .string(account.id.description), "identifier": .string(account.identifier),
                    "name": .string(account.displayName),
                    "roles": .array(names.filter { reach.roles[$0] != nil }.map { .string($0) }),
                    "permissions": reach.permissions(ofHolderOf: names).document,
                ]
            }
            return .json(["people": .array(people), "next": page.next.map { .string($0.description) } ?? .null])
        },
        Endpoint(.get, "/staff", needs: .managePeople) { call in
            _ = try await call.vouch()
            let places = try await call.parts.tenants.environments(of: call.tenant().id)
            let staff = try await call.parts.staff.access()
            let environments: [JSONValue] = places.map { place in
                let people: [JSONValue] = staff.filter { $0.kind.rawValue == place.kind.rawValue }.map { one in
                    ["name": .string(one.name), "role": .string(one.role.rawValue), "since": .string(one.since.description)]
                }
                return ["environment": .string(place.label), "kind": .string(place.kind.rawValue), "people": .array(people)]
            }
            return .json(["environments": .array(environments)])
        },
        Endpoint(.get, "/people/{account}/access", needs: .managePeople) { call in
            let account: AccountID = try call.context.id("account", what: "member")
            let actor = try call.actor()
            let roles = try await call.workspace().roles
            try await roles.require(.managePeople, by: actor)
            guard let member = try await call.parts.memberships.find(account, in: call.tenant().id) else {
                throw Refusal.notFound("member")
            }
            return .json(try await roles.outlook(of: member.roles.map(\.name), by: actor).document)
        },
    ]
}

extension Call {
    /// Roles, once it is clear that the visitor may change them, and showed a moment ago that it is them.
    fileprivate func rolesNow() async throws -> Roles {
        let roles = try await workspace().roles
        try await roles.require(.manageRoles, by: actor())
        try context.requireRecentProof()
        return roles
    }

    /// Names by which somebody holds, or is offered, a role: a new role must not fall to them.
    fileprivate func roleNamesInUse() async throws -> Set<String> {
        let tenant = try await tenant().id
        return try await parts.invitations.rolesOffered(in: tenant).union(parts.memberships.holders(in: tenant).keys)
    }

    /// A role that no environment defines any more is taken from those who hold it, so that a later one of that name is not theirs.
    fileprivate func withdrawIfUndefined(_ role: String) async throws {
        for space in try await elsewhere() where try await space.roles.isDefined(role) { return }
        try await parts.memberships.withdraw(role, in: tenant().id, by: actor().principal)
    }
}

extension Set<Permission> {
    fileprivate var document: JSONValue { .array(map(\.rawValue).sorted().map { .string($0) }) }
}

extension Outlook {
    fileprivate var document: JSONValue {
        [
            "roles": .array(roles.map { .string($0.name) }), "environment": environment.document,
            "collections": .array(
                views.map { view in
                    [
                        "collection": .string(view.collection.slug), "permissions": view.permissions.document,
                        "fields": .array(view.collection.fields.map { .string($0.key) }),
                    ]
                }),
            "hidden": .array(hidden.map { .string($0.slug) }),
        ]
    }
}
