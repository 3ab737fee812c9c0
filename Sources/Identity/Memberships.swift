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
    /// Nil unless it is suspended: roles are kept, and open nothing.
    package var suspendedAt: Instant?
    /// Sessions and tokens from before mean nothing: the person joined, or was let in again, since.
    package var validFrom: Instant

    package var isSuspended: Bool { suspendedAt != nil }
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
        },
        Migration("identity_0014_suspensions") { dialect in
            [
                "ALTER TABLE membership ADD COLUMN suspended_at \(dialect.instant)",
                "ALTER TABLE membership ADD COLUMN resumed_at \(dialect.instant)",
            ]
        },
    ]

    /// The account's roles in a tenant; empty means that it is no member, or disabled. Answered from memory on most requests.
    package func roles(of account: AccountID, in tenant: TenantID) async throws -> [String] {
        let key = RoleKey(account: account, tenant: tenant)
        if let known = plane.roles[key] { return known }
        let generation = plane.roles.generation
        let roles = try await plane.database.read { reader -> [String] in
            guard try Accounts.find(account, in: reader)?.isActive == true else { return [] }
            return try Self.active(account, in: tenant, reader: reader)?.roles.map(\.name) ?? []
        }
        plane.roles.insert(roles, for: key, readAt: generation)
        return roles
    }

    package func find(_ account: AccountID, in tenant: TenantID) async throws -> Membership? {
        try await plane.database.read { try Self.find(account, in: tenant, reader: $0) }
    }

    /// The tenants that an account belongs to, oldest membership first; those where it is suspended aside.
    package func list(of account: AccountID) async throws -> [Membership] {
        try await plane.database.read { reader in
            try Self.memberships(in: reader, where: "membership.account = \(account) AND membership.suspended_at IS NULL")
        }
    }

    /// A tenant's people, oldest membership first.
    package func list(in tenant: TenantID) async throws -> [Membership] {
        try await plane.database.read { reader in
            try Self.memberships(in: reader, where: "membership.tenant = \(tenant)")
        }
    }

    /// Some of a tenant's people, oldest membership first: those that follow `after`, or those right before `before`, or the first ones.
    ///
    /// - Parameter roles: only people who hold one of these.
    package func page(
        in tenant: TenantID, holding roles: [String]? = nil, after: MembershipID? = nil, before: MembershipID? = nil, limit: Int = 50
    ) async throws -> MembershipPage {
        let holding = Self.holding(roles)
        return try await plane.database.read { reader in
            let place: SQL =
                if let before {
                    "AND id < \(before) ORDER BY id DESC"
                } else if let after {
                    "AND id > \(after) ORDER BY id"
                } else {
                    "ORDER BY id"
                }
            let found = try reader.rows("SELECT id FROM membership WHERE tenant = \(tenant) \(holding) \(place) LIMIT \(limit + 1)").map {
                try $0.get(0, as: MembershipID.self)
            }
            let hasMore = found.count > limit
            let kept = found.prefix(limit)
            let total = try Self.count(in: tenant, holding, reader)
            guard !kept.isEmpty else { return MembershipPage(members: [], next: nil, previous: nil, total: total) }
            let members = try Self.memberships(in: reader, where: "membership.id IN (\(kept.map { "\($0)" as SQL }.joined()))")
            let hasNext = before != nil || hasMore
            let hasPrevious = before != nil ? hasMore : after != nil
            return MembershipPage(
                members: members, next: hasNext ? members.last?.id : nil, previous: hasPrevious ? members.first?.id : nil, total: total)
        }
    }

    /// How many people of a tenant hold at least one of `roles`, for each of several such lists; who is disabled or suspended, and sees nothing, aside.
    package func counts(in tenant: TenantID, holding lists: [[String]]) async throws -> [Int] {
        try await plane.database.read { reader in
            var known: [[String]: Int] = [:]
            return try lists.map { roles in
                if let count = known[roles] { return count }
                let active: SQL =
                    "AND suspended_at IS NULL AND account IN (SELECT id FROM account WHERE state = 'active') \(Self.holding(roles))"
                let count = try Self.count(in: tenant, active, reader)
                known[roles] = count
                return count
            }
        }
    }

    /// How many people hold each role.
    package func holders(in tenant: TenantID) async throws -> [String: Int] {
        try await plane.database.read { reader in
            let rows = try reader.rows(
                """
                SELECT membership_role.role, count(*) FROM membership_role
                JOIN membership ON membership.id = membership_role.membership WHERE membership.tenant = \(tenant) GROUP BY membership_role.role
                """)
            return try Dictionary(rows.map { (try $0.get(0), try $0.get(1)) }) { first, _ in first }
        }
    }

    /// The condition that picks those who hold one of `roles`; nothing where everybody is meant.
    private static func holding(_ roles: [String]?) -> SQL {
        guard let roles else { return "" }
        guard !roles.isEmpty else { return "AND 1 = 0" }
        return "AND id IN (SELECT membership FROM membership_role WHERE role IN (\(roles.map { "\($0)" as SQL }.joined())))"
    }

    private static func count(in tenant: TenantID, _ condition: SQL, _ reader: any Reader) throws -> Int {
        try reader.value("SELECT count(*) FROM membership WHERE tenant = \(tenant) \(condition)", as: Int.self) ?? 0
    }

    /// Replaces a member's roles. Every role that is added or taken must be one that the principal may give.
    package func setRoles(
        _ names: [String], of account: AccountID, in tenant: TenantID, vouched: Vouched = .nothing, by principal: Principal
    ) async throws {
        let wanted = try Self.parse(names)
        try await plane.write { transaction in
            let now = plane.clock.now()
            guard let membership = try Self.find(account, in: tenant, reader: transaction) else { throw Refusal.notFound("member") }
            let present = Set(membership.roles)
            let added = wanted.subtracting(present)
            let taken = present.subtracting(wanted)
            try Self.require(principal, mayGive: added.union(taken), in: tenant, vouched: vouched, transaction)
            if taken.contains(.owner) { try Self.requireAnotherOwner(than: account, in: tenant, transaction) }
            try add(added, to: membership.id, of: account, in: tenant, by: principal, at: now, in: transaction)
            for role in taken.sorted(by: { $0.name < $1.name }) {
                try transaction.run("DELETE FROM membership_role WHERE membership = \(membership.id) AND role = \(role.name)")
                try plane.audit.record(.roleWithdrawn(account: account, role: role.name), by: principal, at: now, in: transaction)
            }
            try plane.invalidate(.account(account), in: transaction)
        }
    }

    /// Takes a role from everybody who holds it: what is left to do when its last definition is gone.
    ///
    /// The caller has settled that `principal` may.
    package func withdraw(_ role: String, in tenant: TenantID, by principal: Principal) async throws {
        try await plane.write { transaction in
            let now = plane.clock.now()
            let holders = try Self.memberships(
                in: transaction,
                where: "membership.tenant = \(tenant) AND membership.id IN (SELECT membership FROM membership_role WHERE role = \(role))")
            for holder in holders {
                try transaction.run("DELETE FROM membership_role WHERE membership = \(holder.id) AND role = \(role)")
                try plane.audit.record(.roleWithdrawn(account: holder.account, role: role), by: principal, at: now, in: transaction)
                try plane.invalidate(.account(holder.account), in: transaction)
            }
        }
    }

    /// Keeps somebody out of a tenant until they are let in again. They stay a member with their roles; their sessions and tokens there end.
    package func suspend(_ account: AccountID, in tenant: TenantID, vouched: Vouched = .nothing, by principal: Principal) async throws {
        try await plane.write { transaction in
            let (now, membership) = (plane.clock.now(), try Self.other(account, in: tenant, vouched: vouched, by: principal, transaction))
            guard !membership.isSuspended else { return }
            if membership.roles.contains(.owner) { try Self.requireAnotherOwner(than: account, in: tenant, transaction) }
            try transaction.run("UPDATE membership SET suspended_at = \(now) WHERE id = \(membership.id)")
            try Sessions(plane).endAll(of: account, in: tenant, because: .membershipSuspended, at: now, in: transaction)
            try plane.audit.record(
                .membershipSuspended(membership: membership.id, account: account), by: principal, at: now, in: transaction)
        }
    }

    /// Lets somebody in again. They sign in anew; applications ask them anew.
    package func resume(_ account: AccountID, in tenant: TenantID, vouched: Vouched = .nothing, by principal: Principal) async throws {
        try await plane.write { transaction in
            let (now, membership) = (plane.clock.now(), try Self.other(account, in: tenant, vouched: vouched, by: principal, transaction))
            guard membership.isSuspended else { return }
            try transaction.run("UPDATE membership SET suspended_at = NULL, resumed_at = \(now) WHERE id = \(membership.id)")
            try plane.audit.record(.membershipResumed(membership: membership.id, account: account), by: principal, at: now, in: transaction)
            try plane.invalidate(.account(account), in: transaction)
        }
    }

    /// Somebody else than the principal, who may give what they have.
    private static func other(
        _ account: AccountID, in tenant: TenantID, vouched: Vouched, by principal: Principal, _ reader: any Reader
    ) throws -> Membership {
        guard let membership = try find(account, in: tenant, reader: reader) else { throw Refusal.notFound("member") }
        try require(principal, mayGive: Set(membership.roles), in: tenant, vouched: vouched, reader)
        guard principal.account != account else {
            throw Refusal.forbidden("not-yourself", "Nobody disables themselves. You can leave, or ask another administrator.")
        }
        return membership
    }

    /// Takes somebody out of a tenant. Their sessions there, and the invitations that they sent, end in the same transaction.
    package func end(_ account: AccountID, in tenant: TenantID, vouched: Vouched = .nothing, by principal: Principal) async throws {
        try await plane.write { transaction in
            let now = plane.clock.now()
            guard let membership = try Self.find(account, in: tenant, reader: transaction) else { throw Refusal.notFound("member") }
            // Everybody may leave; sending somebody else away takes the right to give what they have.
            if principal.account != account {
                try Self.require(principal, mayGive: Set(membership.roles), in: tenant, vouched: vouched, transaction)
            }
            if membership.roles.contains(.owner) { try Self.requireAnotherOwner(than: account, in: tenant, transaction) }
            try transaction.run("DELETE FROM membership_role WHERE membership = \(membership.id)")
            try transaction.run("DELETE FROM membership WHERE id = \(membership.id)")
            try Sessions(plane).endAll(of: account, in: tenant, because: .membershipEnded, at: now, in: transaction)
            try Invitations.withdrawAll(sentBy: account, in: tenant, on: plane, by: principal, transaction)
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
    /// The membership, where it opens anything.
    package static func active(_ account: AccountID, in tenant: TenantID, reader: any Reader) throws -> Membership? {
        try find(account, in: tenant, reader: reader).flatMap { $0.isSuspended ? nil : $0 }
    }

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
            membership = Membership(id: id, account: account, tenant: tenant, roles: [], createdAt: now, validFrom: now)
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
    static func require(
        _ principal: Principal, mayGive roles: Set<Role>, in tenant: TenantID, vouched: Vouched = .nothing, _ reader: any Reader
    ) throws {
        if let account = principal.account {
            let held = try active(account, in: tenant, reader: reader)?.roles ?? []
            if held.contains(.owner) || held.contains(.administrator) {
                guard roles.allSatisfy({ $0.mayBeGiven(byHolderOf: held) }) else {
                    throw Refusal.forbidden("above-own-rights", "You can't give or take a role that is above your own. Ask an owner.")
                }
                return
            }
            if !held.isEmpty, let given = vouched.roles {
                guard roles.isSubset(of: given), roles.isDisjoint(with: [.owner, .administrator]) else {
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
            WHERE membership.tenant = \(tenant) AND membership.suspended_at IS NULL
            """
        ).map { try $0.get(0) }
    }

    static func all(in tenant: TenantID, reader: any Reader) throws -> [Membership] {
        try memberships(in: reader, where: "membership.tenant = \(tenant)")
    }

    private static func memberships(in reader: any Reader, where condition: SQL) throws -> [Membership] {
        var found: [Membership] = []
        try reader.each(
            """
            SELECT membership.id, membership.account, membership.tenant, membership.created_at, membership_role.role,
                membership.suspended_at, membership.resumed_at
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
            let (joined, resumed) = (try row.get(3, as: Instant.self), try row.get(6, as: Instant?.self))
            found.append(
                Membership(
                    id: id, account: try row.get(1), tenant: try row.get(2), roles: roles, createdAt: joined, suspendedAt: try row.get(5),
                    validFrom: resumed ?? joined))
        }
        return found
    }
}
