import Audit
import Storage
import Vocabulary

/// An account's belonging to a tenant, with its roles there.
package struct Membership: Sendable, Hashable {
    package let id: MembershipID
    package let account: AccountID
    package let tenant: TenantID
    package let roles: [Role]
    package let createdAt: Instant
}

/// A stretch of a tenant's people.
package struct MembershipPage: Sendable {
    package let members: [Membership]
    /// Pass as `after` for the page that follows; nil on the last one.
    package let next: MembershipID?
    /// Pass as `before` for the page before; nil on the first one.
    package let previous: MembershipID?
    /// How many people the tenant has in all.
    package let total: Int
}

/// Who belongs to which tenant, and as what. Kept in the control plane, so that restoring a tenant's data never brings back who may see it.
package struct Memberships: Sendable {
    let plane: ControlPlane

    package init(_ plane: ControlPlane) { self.plane = plane }

    package static let migrations: [Migration] = [
        Migration("identity_0007_memberships") { dialect in
            [
                """
                CREATE TABLE membership (
                    id TEXT NOT NULL PRIMARY KEY,
                    account TEXT NOT NULL REFERENCES account (id),
                    tenant TEXT NOT NULL,
                    created_at \(dialect.instant) NOT NULL,
                    UNIQUE (tenant, account)
                )\(dialect.strict)
                """,
                "CREATE INDEX membership_by_account ON membership (account)",
                """
                CREATE TABLE membership_role (
                    membership TEXT NOT NULL REFERENCES membership (id) ON DELETE CASCADE,
                    role TEXT NOT NULL,
                    PRIMARY KEY (membership, role)
                )\(dialect.strict)
                """,
            ]
        }
    ]

    /// The account's roles in a tenant; empty means that it is no member. Answered from memory on most requests.
    package func roles(of account: AccountID, in tenant: TenantID) async throws -> [String] {
        let key = RoleKey(account: account, tenant: tenant)
        if let known = plane.roles[key] { return known }
        let generation = plane.roles.generation
        let roles = try await plane.database.read { try Self.find(account, in: tenant, reader: $0)?.roles.map(\.name) ?? [] }
        plane.roles.insert(roles, for: key, readAt: generation)
        return roles
    }

    package func find(_ account: AccountID, in tenant: TenantID) async throws -> Membership? {
        try await plane.database.read { try Self.find(account, in: tenant, reader: $0) }
    }

    /// The tenants that an account belongs to, oldest membership first.
    package func list(of account: AccountID) async throws -> [Membership] {
        try await plane.database.read { reader in
            try Self.memberships(in: reader, where: "membership.account = \(account)")
        }
    }

    /// A tenant's people, oldest membership first.
    package func list(in tenant: TenantID) async throws -> [Membership] {
        try await plane.database.read { reader in
            try Self.memberships(in: reader, where: "membership.tenant = \(tenant)")
        }
    }

    /// Some of a tenant's people, oldest membership first: those that follow `after`, or those right before `before`, or the first ones.
    package func page(
        in tenant: TenantID, after: MembershipID? = nil, before: MembershipID? = nil, limit: Int = 50
    ) async throws -> MembershipPage {
        try await plane.database.read { reader in
            let place: SQL =
                if let before {
                    "AND id < \(before) ORDER BY id DESC"
                } else if let after {
                    "AND id > \(after) ORDER BY id"
                } else {
                    "ORDER BY id"
                }
            let found = try reader.rows("SELECT id FROM membership WHERE tenant = \(tenant) \(place) LIMIT \(limit + 1)").map {
                try $0.get(0, as: MembershipID.self)
            }
            let hasMore = found.count > limit
            let kept = found.prefix(limit)
            let total = try reader.value("SELECT count(*) FROM membership WHERE tenant = \(tenant)", as: Int.self) ?? 0
            guard !kept.isEmpty else { return MembershipPage(members: [], next: nil, previous: nil, total: total) }
            let members = try Self.memberships(in: reader, where: "membership.id IN (\(kept.map { "\($0)" as SQL }.joined()))")
            let hasNext = before != nil || hasMore
            let hasPrevious = before != nil ? hasMore : after != nil
            return MembershipPage(
                members: members, next: hasNext ? members.last?.id : nil, previous: hasPrevious ? members.first?.id : nil, total: total)
        }
    }

    /// Replaces a member's roles. Every role that is added or taken must be one that the principal may give.
    package func setRoles(_ names: [String], of account: AccountID, in tenant: TenantID, by principal: Principal) async throws {
        let wanted = try Self.parse(names)
        try await plane.write { transaction in
            let now = plane.clock.now()
            guard let membership = try Self.find(account, in: tenant, reader: transaction) else { throw Refusal.notFound("member") }
            let present = Set(membership.roles)
            let added = wanted.subtracting(present)
            let taken = present.subtracting(wanted)
            try Self.require(principal, mayGive: added.union(taken), in: tenant, transaction)
            if taken.contains(.owner) { try Self.requireAnotherOwner(than: account, in: tenant, transaction) }
            try add(added, to: membership.id, of: account, in: tenant, by: principal, at: now, in: transaction)
            for role in taken.sorted(by: { $0.name < $1.name }) {
                try transaction.run("DELETE FROM membership_role WHERE membership = \(membership.id) AND role = \(role.name)")
                try plane.audit.record(.roleWithdrawn(account: account, role: role.name), by: principal, at: now, in: transaction)
            }
            try plane.invalidate(.account(account), in: transaction)
        }
    }

    /// Takes somebody out of a tenant. Their sessions there end in the same transaction.
    package func end(_ account: AccountID, in tenant: TenantID, by principal: Principal) async throws {
        try await plane.write { transaction in
            let now = plane.clock.now()
            guard let membership = try Self.find(account, in: tenant, reader: transaction) else { throw Refusal.notFound("member") }
            // Everybody may leave; sending somebody else away takes the right to give what they have.
            if principal.account != account { try Self.require(principal, mayGive: Set(membership.roles), in: tenant, transaction) }
            if membership.roles.contains(.owner) { try Self.requireAnotherOwner(than: account, in: tenant, transaction) }
            try transaction.run("DELETE FROM membership_role WHERE membership = \(membership.id)")
            try transaction.run("DELETE FROM membership WHERE id = \(membership.id)")
            try Sessions(plane).endAll(of: account, in: tenant, because: .membershipEnded, at: now, in: transaction)
            try plane.audit.record(.membershipEnded(membership: membership.id, account: account), by: principal, at: now, in: transaction)
        }
    }

    /// Joins an account to a tenant without an invitation: for the platform itself and the shell (demo data, repair), never for people.
    @discardableResult
    package func join(_ account: AccountID, to tenant: TenantID, roles names: [String], by principal: Principal) async throws -> Membership
    {
        let roles = try Self.parse(names)
        return try await plane.write { transaction in
            switch principal.kind {
            case .shell, .platform: break
            case .account, .client, .anonymous:
                throw Refusal.forbidden("invite-instead", "People join by an invitation that they accept. Invite them instead.")
            }
            return try join(account, to: tenant, roles: roles, by: principal, in: transaction)
        }
    }
}

// MARK: Inside a transaction of somebody else

extension Memberships {
    package static func find(_ account: AccountID, in tenant: TenantID, reader: any Reader) throws -> Membership? {
        try memberships(in: reader, where: "membership.account = \(account) AND membership.tenant = \(tenant)").first
    }

    /// Joins, or adds roles to a membership that exists. The caller has settled that `principal` may.
    func join(
        _ account: AccountID, to tenant: TenantID, roles: Set<Role>, by principal: Principal, in transaction: any Transaction
    ) throws -> Membership {
        let now = plane.clock.now()
        var membership = try Self.find(account, in: tenant, reader: transaction)
        if membership == nil {
            guard try Accounts.find(account, in: transaction) != nil else { throw Refusal.notFound("account") }
            let id = MembershipID(at: now, entropy: plane.entropy)
            try transaction.run(
                "INSERT INTO membership (id, account, tenant, created_at) VALUES (\(id), \(account), \(tenant), \(now))")
            try plane.audit.record(.membershipCreated(membership: id, account: account), by: principal, at: now, in: transaction)
            membership = Membership(id: id, account: account, tenant: tenant, roles: [], createdAt: now)
        }
        guard let membership else { throw Refusal.notFound("member") }
        try add(roles.subtracting(membership.roles), to: membership.id, of: account, in: tenant, by: principal, at: now, in: transaction)
        try plane.invalidate(.account(account), in: transaction)
        return try Self.find(account, in: tenant, reader: transaction) ?? membership
    }

    private func add(
        _ roles: Set<Role>, to membership: MembershipID, of account: AccountID, in tenant: TenantID, by principal: Principal,
        at now: Instant,
        in transaction: any Transaction
    ) throws {
        for role in roles.sorted(by: { $0.name < $1.name }) {
            try transaction.run(
                """
                INSERT INTO membership_role (membership, role) VALUES (\(membership), \(role.name)) ON CONFLICT DO NOTHING
                """)
            try plane.audit.record(
                .roleAssigned(account: account, role: role.name, tenant: tenant), by: principal, at: now, in: transaction)
        }
    }

    /// At least one, at most 20, each a role's name.
    static func parse(_ names: [String]) throws -> Set<Role> {
        let roles = names.compactMap(Role.init)
        guard !roles.isEmpty, roles.count == names.count, roles.count <= 20 else {
            throw Refusal.invalid("roles", "Choose at least one role from the list.", field: "roles")
        }
        return Set(roles)
    }

    /// An operator of the platform may only give a tenant its first owner; after that the tenant's own people decide.
    static func require(_ principal: Principal, mayGive roles: Set<Role>, in tenant: TenantID, _ reader: any Reader) throws {
        if let account = principal.account {
            let held = try find(account, in: tenant, reader: reader)?.roles ?? []
            if held.contains(.owner) || held.contains(.administrator) {
                guard roles.allSatisfy({ $0.mayBeGiven(byHolderOf: held) }) else {
                    throw Refusal.forbidden("above-own-rights", "You can't give or take a role that is above your own. Ask an owner.")
                }
                return
            }
        }
        guard try Staff.isOperator(principal, in: reader) else {
            throw Refusal.forbidden("not-an-administrator", "Only an administrator can do this. Ask one of yours.")
        }
        guard try owners(of: tenant, reader).isEmpty else {
            throw Refusal.forbidden("tenant-decides", "This tenant has an owner, who decides about its people.")
        }
    }

    private static func requireAnotherOwner(than account: AccountID, in tenant: TenantID, _ reader: any Reader) throws {
        guard try owners(of: tenant, reader).contains(where: { $0 != account }) else {
            throw Refusal.conflict("last-owner", "This is the only owner. Make somebody else an owner first.")
        }
    }

    private static func owners(of tenant: TenantID, _ reader: any Reader) throws -> [AccountID] {
        try reader.rows(
            """
            SELECT membership.account FROM membership
            JOIN membership_role ON membership_role.membership = membership.id AND membership_role.role = 'owner'
            JOIN account ON account.id = membership.account AND account.state = 'active'
            WHERE membership.tenant = \(tenant)
            """
        ).map { try $0.get(0) }
    }

    private static func memberships(in reader: any Reader, where condition: SQL) throws -> [Membership] {
        var found: [Membership] = []
        try reader.each(
            """
            SELECT membership.id, membership.account, membership.tenant, membership.created_at, membership_role.role
            FROM membership LEFT JOIN membership_role ON membership_role.membership = membership.id
            WHERE \(condition) ORDER BY membership.id, membership_role.role
            """
        ) { row in
            let id = try row.get(0, as: MembershipID.self)
            let role = try row.get(4, as: String?.self).flatMap(Role.init)
            var roles = role.map { [$0] } ?? []
            if let last = found.last, last.id == id {
                roles = last.roles + roles
                found.removeLast()
            }
            found.append(Membership(id: id, account: try row.get(1), tenant: try row.get(2), roles: roles, createdAt: try row.get(3)))
        }
        return found
    }
}
