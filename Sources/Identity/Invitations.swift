import Audit
import Sealing
import Storage
import Vocabulary

/// Invitations by mail: how people come to a tenant.
package struct Invitations: Sendable {
    let plane: ControlPlane
    let sessions: Sessions
    let hasher: PasswordHasher
    let letters: LetterBox

    package init(_ plane: ControlPlane, sessions: Sessions, hasher: PasswordHasher, letters: LetterBox) {
        self.plane = plane
        self.sessions = sessions
        self.hasher = hasher
        self.letters = letters
    }

    package static let migrations: [Migration] = [
        Migration("identity_0008_invitations") { dialect in
            [
                """
                CREATE TABLE invitation (
                    id TEXT NOT NULL PRIMARY KEY,
                    tenant TEXT NOT NULL,
                    tenant_name TEXT NOT NULL,
                    address TEXT NOT NULL,
                    roles TEXT NOT NULL,
                    invited_by TEXT,
                    state TEXT NOT NULL CHECK (state IN ('pending', 'accepted', 'withdrawn')),
                    created_at \(dialect.instant) NOT NULL,
                    expires_at \(dialect.instant) NOT NULL
                )\(dialect.strict)
                """,
                "CREATE INDEX invitation_by_tenant ON invitation (tenant, state)",
            ]
        }
    ]

    /// Invites an address. Whoever invites can give only roles that are not above their own.
    ///
    /// An open invitation of the same address to the same tenant is replaced.
    package func invite(
        _ rawAddress: String, to tenant: TenantID, named tenantName: String, roles names: [String], for life: Duration = Invitation.life,
        vouched: Vouched = .nothing, by principal: Principal
    ) async throws -> Invitation {
        guard Invitation.lives.contains(life) else {
            throw Refusal.invalid("invitation-life", "An invitation is good for 1 to 30 days.", field: "days")
        }
        guard let address = Text.identifier(rawAddress) else { throw Accounts.wrongIdentifier }
        let roles = try Memberships.parse(names)
        return try await plane.write { transaction in
            try Memberships.require(principal, mayGive: roles, in: tenant, vouched: vouched, transaction)
            let now = plane.clock.now()
            if let account = try Accounts.find(identifier: address, in: transaction),
                try Memberships.find(account.id, in: tenant, reader: transaction) != nil
            {
                throw Refusal.conflict("member-already", "This person is a member already. Change their roles instead.", field: "address")
            }
            let open = try transaction.rows(
                "SELECT \(Invitation.columns) FROM invitation WHERE tenant = \(tenant) AND address = \(address) AND state = 'pending'")
            for row in open { try withdraw(try Invitation(row: row), by: principal, in: transaction) }
            let invitation = Invitation(
                id: InvitationID(at: now, entropy: plane.entropy), tenant: tenant, tenantName: tenantName, address: address,
                roles: roles.sorted { $0.name < $1.name }, invitedBy: principal.account, state: .pending, createdAt: now,
                expiresAt: now + life)
            try transaction.run(
                """
                INSERT INTO invitation (id, tenant, tenant_name, address, roles, invited_by, state, created_at, expires_at)
                VALUES (\(invitation.id), \(tenant), \(tenantName), \(address), \(invitation.roles.map(\.name).joined(separator: " ")),
                    \(invitation.invitedBy), 'pending', \(now), \(invitation.expiresAt))
                """)
            try send(invitation, by: principal, in: transaction)
            return invitation
        }
    }

    /// Invites the people of a list, each in a transaction of their own: what is wrong with one line keeps nobody else waiting.
    ///
    /// `roles` are for everybody; a line may add its own. The answers are in the order of the lines.
    package func invite(
        _ list: InvitationList, to tenant: TenantID, named tenantName: String, roles: [String], for life: Duration = Invitation.life,
        vouched: Vouched = .nothing, by principal: Principal
    ) async throws -> [InvitationList.Outcome] {
        var outcomes: [InvitationList.Outcome] = []
        for line in list.lines {
            var refusal = line.refusal
            var invitation: Invitation?
            if refusal == nil {
                do {
                    let all = Set(roles).union(line.roles).sorted()
                    invitation = try await invite(
                        line.address, to: tenant, named: tenantName, roles: all, for: life, vouched: vouched, by: principal)
                } catch let found as Refusal {
                    if case .unavailable = found.kind { throw found }
                    refusal = found
                }
            }
            outcomes.append(.init(line: line, invitation: invitation, refusal: refusal))
        }
        return outcomes
    }

    /// A new link, with seven new days; the old one stops working.
    package func resend(_ id: InvitationID, in tenant: TenantID, vouched: Vouched = .nothing, by principal: Principal) async throws
        -> Invitation
    {
        try await plane.write { transaction in
            let invitation = try pending(id, in: tenant, transaction)
            try Memberships.require(principal, mayGive: Set(invitation.roles), in: tenant, vouched: vouched, transaction)
            let row = try transaction.row(
                """
                UPDATE invitation SET expires_at = \(plane.clock.now() + Invitation.life) WHERE id = \(id) AND state = 'pending'
                RETURNING \(Invitation.columns)
                """)
            guard let row else { throw Refusal.notFound("invitation") }
            let renewed = try Invitation(row: row)
            try send(renewed, by: principal, in: transaction)
            return renewed
        }
    }

    package func withdraw(_ id: InvitationID, in tenant: TenantID, vouched: Vouched = .nothing, by principal: Principal) async throws {
        try await plane.write { transaction in
            let invitation = try pending(id, in: tenant, transaction)
            try Memberships.require(principal, mayGive: Set(invitation.roles), in: tenant, vouched: vouched, transaction)
            try withdraw(invitation, by: principal, in: transaction)
        }
    }

    /// A tenant's invitations that wait for an answer, newest first; also those whose link is too old.
    package func list(in tenant: TenantID) async throws -> [Invitation] {
        try await plane.database.read { reader in
            try reader.rows(
                "SELECT \(Invitation.columns) FROM invitation WHERE tenant = \(tenant) AND state = 'pending' ORDER BY id DESC LIMIT 1000"
            ).map(Invitation.init(row:))
        }
    }

    /// One that waits for an answer.
    package func find(_ id: InvitationID, in tenant: TenantID) async throws -> Invitation {
        try await plane.database.read { try pending(id, in: tenant, $0) }
    }

    /// The roles that a tenant's open invitations would give.
    package func rolesOffered(in tenant: TenantID) async throws -> Set<String> {
        try await plane.database.read { reader in
            let rows = try reader.rows("SELECT DISTINCT roles FROM invitation WHERE tenant = \(tenant) AND state = 'pending'")
            return try rows.reduce(into: []) { $0.formUnion(try $1.get(0, as: String.self).split(separator: " ").map(String.init)) }
        }
    }

    // MARK: Accepting

    /// What the page behind the link shows.
    package struct Offer: Sendable, Hashable {
        package let invitation: Invitation
        /// The address has an account: sign in with it, then accept. Else the page asks for a name and a password.
        package let accountExists: Bool
        package let policy: PasswordPolicy
    }

    package func inspect(_ token: String) async throws -> Offer {
        try await plane.database.read { reader in
            guard let invitation = try self.invitation(behind: token, in: reader) else { throw Self.badLink }
            let account = try Accounts.find(identifier: invitation.address, in: reader)
            let hasPassword = try account.flatMap { try Passwords.hash(of: $0.id, in: reader) } != nil
            return Offer(
                invitation: invitation, accountExists: hasPassword, policy: try Passwords.policy(of: invitation.tenant, in: reader))
        }
    }

    /// Somebody new: makes the account and the membership. What follows is the enrolment of a second factor.
    package func accept(
        _ token: String, displayName: String, password: Secret, by principal: Principal, agent: UserAgent?
    ) async throws -> IssuedSession {
        let offer = try await inspect(token)
        guard !offer.accountExists else { throw Self.signInFirst }
        try await offer.policy.check(
            password, context: [offer.invitation.address, displayName, offer.invitation.tenantName, plane.product],
            breached: plane.breachedPasswords)
        let hash = try await hasher.hash(PasswordPolicy.normalise(password))
        return try await plane.write { transaction in
            let invitation = try redeem(token, in: transaction)
            try requireStanding(invitation, transaction)
            let account: Account
            if let found = try Accounts.find(identifier: invitation.address, in: transaction) {
                // An account without a password can only have been made by the platform, for this very person to claim.
                guard try Passwords.hash(of: found.id, in: transaction) == nil, found.isActive else { throw Self.signInFirst }
                account = found
            } else {
                account = try Accounts(plane).create(
                    identifier: invitation.address, displayName: displayName, by: principal, in: transaction)
            }
            let owner = Principal(.account(account.id), address: principal.address)
            try Passwords.store(hash, for: account.id, on: plane, by: owner, in: transaction)
            try join(account.id, invitation, by: owner, in: transaction)
            return try sessions.startApex(
                account: account.id, stage: .enrolment, methods: ["pwd"], by: owner, agent: agent, in: transaction)
        }
    }

    /// Somebody with an account, signed in with it: joins the tenant with the same account.
    package func accept(_ token: String, in session: Session, by principal: Principal) async throws -> Invitation {
        guard session.factorVerified, principal.account == session.account else { throw Sessions.signInAgain }
        return try await plane.write { transaction in
            guard let account = try Accounts.find(session.account, in: transaction), account.isActive else { throw Sessions.signInAgain }
            // Look before using it up: opened in the wrong account, the link must stay good for the right one.
            guard try self.invitation(behind: token, in: transaction)?.address == account.identifier else {
                throw Refusal.forbidden(
                    "other-address", "This invitation is for another address than the one you are signed in with. Sign in with that one.")
            }
            let invitation = try redeem(token, in: transaction)
            try requireStanding(invitation, transaction)
            try join(account.id, invitation, by: principal, in: transaction)
            return invitation
        }
    }

    private static let badLink = Refusal(
        .gone, "invitation-spent", "This invitation was used, withdrawn, or is too old. Ask for a new one.")
    private static let signInFirst = Refusal.conflict(
        "account-exists", "There is an account with this address already. Sign in with it, then open the invitation again.")
}

// MARK: Steps

extension Invitations {
    /// Rights come from who gives them: whoever has left, or may not give these roles any more, gives none.
    private func requireStanding(_ invitation: Invitation, _ reader: any Reader) throws {
        guard let inviter = invitation.invitedBy else { return }
        let gone = Refusal(
            .gone, "inviter-gone", "Whoever invited you can't give these roles any more. Ask for a new invitation.")
        guard let account = try Accounts.find(inviter, in: reader), account.isActive else { throw gone }
        if try Staff.isOperator(Principal(.account(inviter)), in: reader) { return }
        guard let held = try Memberships.active(inviter, in: invitation.tenant, reader: reader)?.roles else { throw gone }
        let highest = invitation.roles.filter { $0 == .owner || $0 == .administrator }
        guard highest.allSatisfy({ $0.mayBeGiven(byHolderOf: held) }) else { throw gone }
    }

    /// What somebody offered who leaves.
    static func withdrawAll(
        sentBy account: AccountID, in tenant: TenantID, on plane: ControlPlane, by principal: Principal, _ transaction: any Transaction
    ) throws {
        let open = try transaction.rows(
            "SELECT \(Invitation.columns) FROM invitation WHERE tenant = \(tenant) AND invited_by = \(account) AND state = 'pending'")
        for row in open { try withdraw(try Invitation(row: row), on: plane, by: principal, in: transaction) }
    }

    private func invitation(behind token: String, in reader: any Reader) throws -> Invitation? {
        guard let code = try OneTimeCodes(plane).inspect(token, for: .invitation, in: reader), let id = InvitationID(code.subject) else {
            return nil
        }
        return try find(id, in: reader).flatMap { $0.isOpen(at: plane.clock.now()) ? $0 : nil }
    }

    private func redeem(_ token: String, in transaction: any Transaction) throws -> Invitation {
        guard case .fresh(let code) = try OneTimeCodes(plane).redeem(token, for: .invitation, in: transaction),
            let id = InvitationID(code.subject), let invitation = try find(id, in: transaction), invitation.isOpen(at: plane.clock.now())
        else { throw Self.badLink }
        return invitation
    }

    private func join(_ account: AccountID, _ invitation: Invitation, by principal: Principal, in transaction: any Transaction) throws {
        _ = try Memberships(plane).join(account, to: invitation.tenant, roles: Set(invitation.roles), by: principal, in: transaction)
        try transaction.run("UPDATE invitation SET state = 'accepted' WHERE id = \(invitation.id)")
        try plane.audit.record(
            .invitationAccepted(invitation: invitation.id, account: account), by: principal, at: plane.clock.now(), in: transaction)
    }

    private func send(_ invitation: Invitation, by principal: Principal, in transaction: any Transaction) throws {
        let codes = OneTimeCodes(plane)
        try codes.burn(.invitation, for: invitation.id.description, in: transaction)
        let life = invitation.expiresAt - plane.clock.now()
        let token = try codes.issue(.invitation, for: invitation.id.description, life: life, in: transaction)
        let inviter = try invitation.invitedBy.flatMap { try Accounts.find($0, in: transaction)?.displayName }
        try letters.drop(
            .invitation(
                to: invitation.address, tenant: invitation.tenantName, inviter: inviter,
                link: "\(plane.origin)/invitations/\(token.text)", product: plane.product, until: invitation.expiresAt),
            transaction)
        for role in invitation.roles {
            try plane.audit.record(
                .invitationSent(invitation: invitation.id, tenant: invitation.tenant, role: role.name), by: principal,
                at: plane.clock.now(),
                in: transaction)
        }
    }

    private func withdraw(_ invitation: Invitation, by principal: Principal, in transaction: any Transaction) throws {
        try Self.withdraw(invitation, on: plane, by: principal, in: transaction)
    }

    private static func withdraw(
        _ invitation: Invitation, on plane: ControlPlane, by principal: Principal, in transaction: any Transaction
    ) throws {
        try transaction.run("UPDATE invitation SET state = 'withdrawn' WHERE id = \(invitation.id)")
        try OneTimeCodes(plane).burn(.invitation, for: invitation.id.description, in: transaction)
        try plane.audit.record(.invitationWithdrawn(invitation: invitation.id), by: principal, at: plane.clock.now(), in: transaction)
    }

    private func pending(_ id: InvitationID, in tenant: TenantID, _ reader: any Reader) throws -> Invitation {
        guard let invitation = try find(id, in: reader), invitation.tenant == tenant, invitation.state == .pending else {
            throw Refusal.notFound("invitation")
        }
        return invitation
    }

    private func find(_ id: InvitationID, in reader: any Reader) throws -> Invitation? {
        try reader.row("SELECT \(Invitation.columns) FROM invitation WHERE id = \(id)").map(Invitation.init(row:))
    }
}
