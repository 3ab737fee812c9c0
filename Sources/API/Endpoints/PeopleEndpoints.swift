import HTTPTypes
import Hummingbird
import Identity
import Records
import Tenants
import Vocabulary
import Web

/// People belong to the tenant, so these look the same from each of its environments; what roles mean is the environment's own.
extension Endpoint {
    static let people: [Endpoint] = [
        Endpoint(.get, "/people", needs: .managePeople) { call in
            let tenant = try await call.tenant(managing: [])
            let members = try await call.parts.memberships.list(in: tenant.id)
            let accounts = try await call.parts.accounts.find(members.map(\.account))
            return .json(["people": .array(members.map { $0.document(accounts[$0.account]) })])
        },
        Endpoint(.put, "/people/{account}/roles", needs: .managePeople) { call in
            let account: AccountID = try call.context.id("account", what: "member")
            let actor = try call.actor()
            let roles = try await call.body(RolesBody.self).roles
            let tenant = try await call.tenant(managing: roles)
            let present = try await call.parts.memberships.find(account, in: tenant.id)?.roles.map(\.name) ?? []
            if Role.arePowerful(Set(present).symmetricDifference(roles)) { try call.context.requireRecentProof() }
            try await call.parts.memberships.setRoles(roles, of: account, in: tenant.id, by: actor.principal)
            guard let member = try await call.parts.memberships.find(account, in: tenant.id) else { throw Refusal.notFound("member") }
            return .json(member.document(try await call.parts.accounts.find(account)))
        },
        Endpoint(.delete, "/people/{account}", needs: .managePeople) { call in
            let account: AccountID = try call.context.id("account", what: "member")
            let tenant = try await call.tenant(managing: [])
            try await call.parts.memberships.end(account, in: tenant.id, by: call.actor().principal)
            return .noContent()
        },
        Endpoint(.get, "/people/{account}/devices", needs: .managePeople) { call in
            let account: AccountID = try call.context.id("account", what: "member")
            let tenant = try await call.tenant(managing: [])
            let uses = try await call.parts.devices.uses(by: account, in: tenant.id)
            return .json(["devices": .array(uses.map(\.document))])
        },
    ]

    static let invitations: [Endpoint] = [
        Endpoint(.get, "/invitations", needs: .managePeople) { call in
            let tenant = try await call.tenant(managing: [])
            let invitations = try await call.parts.invitations.list(in: tenant.id)
            return .json(["invitations": .array(invitations.map(\.document))])
        },
        Endpoint(.post, "/invitations", needs: .managePeople) { call in
            let actor = try call.actor()
            let body = try await call.body(InvitationBody.self)
            let tenant = try await call.tenant(managing: body.roles)
            if Role.arePowerful(body.roles) { try call.context.requireRecentProof() }
            let invitation = try await call.parts.invitations.invite(
                body.address, to: tenant.id, named: tenant.name, roles: body.roles, by: actor.principal)
            return .json(invitation.document, status: .created)
        },
        Endpoint(.post, "/invitations/{invitation}/resending", needs: .managePeople) { call in
            let id: InvitationID = try call.context.id("invitation", what: "invitation")
            let tenant = try await call.tenant(managing: [])
            return .json(try await call.parts.invitations.resend(id, in: tenant.id, by: call.actor().principal).document)
        },
        Endpoint(.delete, "/invitations/{invitation}", needs: .managePeople) { call in
            let id: InvitationID = try call.context.id("invitation", what: "invitation")
            let tenant = try await call.tenant(managing: [])
            try await call.parts.invitations.withdraw(id, in: tenant.id, by: call.actor().principal)
            return .noContent()
        },
    ]
}

extension Call {
    /// The tenant, once it is clear that the visitor may manage its people and give `roles`.
    func tenant(managing roles: [String]) async throws -> Tenant {
        try await workspace().roles.requireGrantable(roles, by: actor())
        let environment = try await parts.tenants.environment(context.requireEnvironment())
        return try await parts.tenants.find(environment.tenant)
    }
}

extension Membership {
    func document(_ account: Account?) -> JSONValue {
        [
            "account": .string(self.account.description), "identifier": account.map { .string($0.identifier) } ?? .null,
            "name": account.map { .string($0.displayName) } ?? .null, "roles": .array(roles.map { .string($0.name) }),
            "since": .string(createdAt.description),
        ]
    }
}

extension DeviceUse {
    var document: JSONValue {
        [
            "id": .string(device.description), "platform": .string(platform.name),
            "state": .string(isRevoked ? "revoked" : isTrusted ? "trusted" : "known"), "first_used_at": .string(firstSeenAt.description),
            "last_used_at": .string(lastSeenAt.description),
        ]
    }
}

extension Invitation {
    var document: JSONValue {
        [
            "id": .string(id.description), "address": .string(address), "roles": .array(roles.map { .string($0.name) }),
            "state": .string(state.rawValue), "created_at": .string(createdAt.description), "expires_at": .string(expiresAt.description),
        ]
    }
}
