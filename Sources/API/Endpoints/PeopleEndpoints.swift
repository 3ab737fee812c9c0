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
            _ = try await call.vouch()
            let members = try await call.parts.memberships.list(in: call.tenant().id)
            let accounts = try await call.parts.accounts.find(members.map(\.account))
            return .json(["people": .array(members.map { $0.document(accounts[$0.account]) })])
        },
        Endpoint(.put, "/people/{account}/roles", needs: .managePeople) { call in
            let account: AccountID = try call.context.id("account", what: "member")
            let actor = try call.actor()
            let roles = try await call.body(RolesBody.self).roles
            let tenant = try await call.tenant()
            let present = try await call.parts.memberships.find(account, in: tenant.id)?.roles.map(\.name) ?? []
            let vouched = try await call.vouch(
                giving: roles.filter { !present.contains($0) }, taking: present.filter { !roles.contains($0) })
            try call.context.requireRecentProof()
            try await call.parts.memberships.setRoles(roles, of: account, in: tenant.id, vouched: vouched, by: actor.principal)
            guard let member = try await call.parts.memberships.find(account, in: tenant.id) else { throw Refusal.notFound("member") }
            return .json(member.document(try await call.parts.accounts.find(account)))
        },
        Endpoint(.delete, "/people/{account}", needs: .managePeople) { call in
            let account: AccountID = try call.context.id("account", what: "member")
            let tenant = try await call.tenant()
            let held = try await call.parts.memberships.find(account, in: tenant.id)?.roles.map(\.name) ?? []
            let vouched = try await call.vouch(taking: held)
            try call.context.requireRecentProof()
            try await call.parts.memberships.end(account, in: tenant.id, vouched: vouched, by: call.actor().principal)
            return .noContent()
        },
        Endpoint(.put, "/people/{account}/suspension", needs: .managePeople) { call in
            let (account, tenant, vouched) = try await call.member()
            try await call.parts.memberships.suspend(account, in: tenant, vouched: vouched, by: call.actor().principal)
            return .noContent()
        },
        Endpoint(.delete, "/people/{account}/suspension", needs: .managePeople) { call in
            let (account, tenant, vouched) = try await call.member()
            try await call.parts.memberships.resume(account, in: tenant, vouched: vouched, by: call.actor().principal)
            return .noContent()
        },
        Endpoint(.put, "/people/{account}/successor", needs: .managePeople) { call in
            let body = try await call.body(SuccessorBody.self)
            let (account, tenant, _) = try await call.member()
            guard let successor = AccountID(body.account), let other = try await call.parts.memberships.find(successor, in: tenant),
                !other.isSuspended
            else { throw Refusal.invalid("successor", "Name the account of a member.", field: "account") }
            for space in try await [call.workspace()] + call.elsewhere() {
                try await space.handovers.handOver(from: account, to: successor, by: call.actor())
            }
            return .noContent()
        },
        Endpoint(.get, "/people/{account}/devices", needs: .managePeople) { call in
            let account: AccountID = try call.context.id("account", what: "member")
            let tenant = try await call.tenant(managing: [])
            let uses = try await call.parts.devices.uses(by: account, in: tenant.id)
            return .json(["devices": .array(uses.map(\.document))])
        },
        Endpoint(.delete, "/people/{account}/devices/{device}/sessions", needs: .managePeople) { call in
            let device: DeviceID = try call.context.id("device", what: "device")
            let (account, tenant, vouched) = try await call.member()
            try await call.parts.devices.endSessions(
                on: device, of: account, in: tenant, vouched: vouched, by: call.actor().principal)
            return .noContent()
        },
    ]

    static let invitations: [Endpoint] = [
        Endpoint(.get, "/invitations", needs: .managePeople) { call in
            _ = try await call.vouch()
            let invitations = try await call.parts.invitations.list(in: call.tenant().id)
            return .json(["invitations": .array(invitations.map(\.document))])
        },
        Endpoint(.post, "/invitations", needs: .managePeople) { call in
            let actor = try call.actor()
            let body = try await call.body(InvitationBody.self)
            let tenant = try await call.tenant()
            let vouched = try await call.vouch(giving: body.roles)
            if Role.arePowerful(body.roles) { try call.context.requireRecentProof() }
            let invitation = try await call.parts.invitations.invite(
                body.address, to: tenant.id, named: tenant.name, roles: body.roles, for: Invitation.life(ofDays: body.days),
                vouched: vouched,
                by: actor.principal)
            return .json(invitation.document, status: .created)
        },
        Endpoint(.post, "/invitations/lists", needs: .managePeople) { call in
            let actor = try call.actor()
            let body = try await call.body(InvitationListBody.self)
            _ = try await call.vouch()
            let defined = try await call.workspace().roles.list(by: actor)
            let words = defined.flatMap { [($0.name, $0.name), ($0.label.lowercased(), $0.name)] }
            let list = try InvitationList(body.addresses, roles: Dictionary(words) { first, _ in first })
            let given = Set(body.roles ?? []).union(list.lines.flatMap(\.roles)).sorted()
            let vouched = try await call.vouch(giving: given)
            if Role.arePowerful(given) { try call.context.requireRecentProof() }
            let tenant = try await call.tenant()
            let outcomes = try await call.parts.invitations.invite(
                list, to: tenant.id, named: tenant.name, roles: body.roles ?? [], for: Invitation.life(ofDays: body.days), vouched: vouched,
                by: actor.principal)
            return .json(["lines": .array(outcomes.map(\.document))])
        },
        Endpoint(.post, "/invitations/{invitation}/resending", needs: .managePeople) { call in
            let (id, tenant, vouched) = try await call.invitation()
            return .json(
                try await call.parts.invitations.resend(id, in: tenant, vouched: vouched, by: call.actor().principal).document)
        },
        Endpoint(.delete, "/invitations/{invitation}", needs: .managePeople) { call in
            let (id, tenant, vouched) = try await call.invitation()
            try await call.parts.invitations.withdraw(id, in: tenant, vouched: vouched, by: call.actor().principal)
            return .noContent()
        },
    ]
}

extension Call {
    /// Whether the visitor still belongs here: for what goes on after the request was let in.
    func isWelcome() async throws -> Bool {
        guard let account = context.visitor?.account else { return true }
        return try await !parts.memberships.roles(of: account, in: tenant().id).isEmpty
    }

    func tenant() async throws -> Tenant {
        try await parts.tenants.find(parts.tenants.environment(context.requireEnvironment()).tenant)
    }

    /// The tenant, once it is clear that the visitor may manage its people and give `roles`.
    func tenant(managing roles: [String]) async throws -> Tenant {
        _ = try await vouch(giving: roles)
        return try await tenant()
    }

    /// The tenant's environments beside this one.
    func elsewhere() async throws -> [Workspace] {
        let here = try await parts.tenants.environment(context.requireEnvironment())
        var spaces: [Workspace] = []
        for other in try await parts.tenants.environments(of: here.tenant) where other.id != here.id && other.state == .active {
            spaces.append(try await parts.workspace(other.id))
        }
        return spaces
    }

    /// Refuses unless the visitor may manage people, and give and take these roles in every environment of the tenant.
    func vouch(giving given: [String] = [], taking taken: [String] = []) async throws -> Vouched {
        try await workspace().roles.requireGrantable(given, taking: taken, elsewhere: { try await elsewhere() }, by: actor())
        return Vouched(given + taken)
    }

    /// The member in the path, whom the visitor may send away, and showed a moment ago that it is them.
    fileprivate func member() async throws -> (AccountID, TenantID, Vouched) {
        let account: AccountID = try context.id("account", what: "member")
        _ = try await vouch()
        let tenant = try await tenant().id
        guard let member = try await parts.memberships.find(account, in: tenant) else { throw Refusal.notFound("member") }
        let vouched = try await vouch(taking: member.roles.map(\.name))
        try context.requireRecentProof()
        return (account, tenant, vouched)
    }

    /// The invitation in the path, its tenant, and what is vouched for: that the visitor may give its roles.
    fileprivate func invitation() async throws -> (InvitationID, TenantID, Vouched) {
        let id: InvitationID = try context.id("invitation", what: "invitation")
        _ = try await vouch()
        let tenant = try await tenant().id
        let vouched = try await vouch(taking: parts.invitations.find(id, in: tenant).roles.map(\.name))
        return (id, tenant, vouched)
    }
}

extension Membership {
    func document(_ account: Account?) -> JSONValue {
        [
            "account": .string(self.account.description), "identifier": account.map { .string($0.identifier) } ?? .null,
            "name": account.map { .string($0.displayName) } ?? .null, "roles": .array(roles.map { .string($0.name) }),
            "since": .string(createdAt.description), "suspended_at": suspendedAt.map { .string($0.description) } ?? .null,
        ]
    }
}

extension InvitationList.Outcome {
    fileprivate var document: JSONValue {
        [
            "line": .integer(Int64(line.number)), "address": .string(line.address),
            "invitation": invitation?.document ?? .null,
            "problem": refusal.map { ["code": .string($0.code), "message": .string($0.message)] } ?? .null,
        ]
    }
}

extension DeviceUse {
    var document: JSONValue {
        [
            "id": .string(device.description), "platform": .string(platform.name),
            "state": .string(isRevoked ? "revoked" : isTrusted ? "trusted" : "known"), "first_used_at": .string(firstSeenAt.description),
            "last_used_at": .string(lastSeenAt.description), "sessions": .integer(Int64(sessions)),
            "ended_at": endedAt.map { .string($0.description) } ?? .null, "ended_by": endedBy.map { .string($0.description) } ?? .null,
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
