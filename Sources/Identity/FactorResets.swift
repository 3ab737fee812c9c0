import Audit
import Storage
import Vocabulary

/// Asking for, approving, taking back and using a ``FactorReset``. Never by staff, never by one administrator alone.
package struct FactorResets: Sendable {
    let signIn: SignIn
    private var plane: ControlPlane { signIn.plane }

    package init(_ signIn: SignIn) { self.signIn = signIn }

    package static let migrations: [Migration] = [
        Migration("identity_0011_factor_resets") { dialect in
            [
                """
                CREATE TABLE factor_reset (
                    id TEXT NOT NULL PRIMARY KEY,
                    account TEXT NOT NULL REFERENCES account (id),
                    tenant TEXT NOT NULL,
                    requested_by TEXT NOT NULL REFERENCES account (id),
                    requested_at \(dialect.instant) NOT NULL,
                    approved_by TEXT REFERENCES account (id),
                    opens_at \(dialect.instant),
                    state TEXT NOT NULL CHECK (state IN ('requested', 'approved', 'withdrawn', 'used'))
                )\(dialect.strict)
                """,
                "CREATE INDEX factor_reset_by_account ON factor_reset (account)",
            ]
        }
    ]

    /// The one that is under way for a member of a tenant.
    package func open(of account: AccountID, in tenant: TenantID) async throws -> FactorReset? {
        try await plane.database.read { try open(of: account, in: tenant, $0) }
    }

    /// By one administrator. The person is told, and how to stop it.
    package func request(_ account: AccountID, in tenant: TenantID, by principal: Principal) async throws {
        try await plane.write { transaction in
            let (person, actor) = try judge(account, in: tenant, by: principal, transaction)
            guard try Factors.isEnrolled(account, in: transaction) else {
                throw Refusal.conflict("no-factor", "This person has no second factor yet. They set one up when they next sign in.")
            }
            guard try open(of: account, in: tenant, transaction) == nil else {
                throw Refusal.conflict("reset-open", "A reset is under way for this person already.")
            }
            let now = plane.clock.now()
            try transaction.run(
                """
                INSERT INTO factor_reset (id, account, tenant, requested_by, requested_at, state)
                VALUES (\(FactorResetID(at: now, entropy: plane.entropy)), \(account), \(tenant), \(actor), \(now), 'requested')
                """)
            try plane.audit.record(.factorResetRequested(account: account, tenant: tenant), by: principal, at: now, in: transaction)
            try signIn.letters.drop(.factorResetRequested(to: person.identifier, product: plane.product), transaction)
        }
    }

    /// By another administrator. Sends the link.
    package func approve(_ id: FactorResetID, in tenant: TenantID, by principal: Principal) async throws {
        try await plane.write { transaction in
            let reset = try find(id, in: tenant, transaction)
            let (person, actor) = try judge(reset.account, in: tenant, by: principal, transaction)
            let now = plane.clock.now()
            guard reset.state == .requested, reset.isOpen(at: now) else { throw Refusal.notFound("reset") }
            guard actor != reset.requestedBy else {
                throw Refusal.forbidden("second-administrator", "You asked for this reset. Another administrator has to approve it.")
            }
            let places = try transaction.value("SELECT count(*) FROM membership WHERE account = \(person.id)", as: Int.self) ?? 0
            let opensAt = places > 1 ? now + FactorReset.objection : now
            try transaction.run(
                """
                UPDATE factor_reset SET state = 'approved', approved_by = \(actor), opens_at = \(opensAt)
                WHERE id = \(id) AND state = 'requested'
                """)
            let until = opensAt + FactorReset.linkLife
            let token = try OneTimeCodes(plane).issue(.factorReset, for: id.description, life: until - now, in: transaction)
            try plane.audit.record(.factorResetApproved(account: person.id, tenant: tenant), by: principal, at: now, in: transaction)
            try signIn.letters.drop(
                .factorReset(
                    to: person.identifier, link: "\(plane.origin)/factor-reset/\(token.text)", product: plane.product,
                    waits: places > 1, until: until), transaction)
        }
    }

    package func withdraw(_ id: FactorResetID, in tenant: TenantID, by principal: Principal) async throws {
        try await plane.write { transaction in
            let reset = try find(id, in: tenant, transaction)
            _ = try judge(reset.account, in: tenant, by: principal, transaction)
            guard reset.isOpen(at: plane.clock.now()) else { throw Refusal.notFound("reset") }
            try Self.withdraw("id = \(id)", on: plane, by: principal, in: transaction)
        }
    }

    // MARK: By the person

    /// Whom the link is for.
    ///
    /// Throws ``Refusal`` `link-spent`, and `link-early` before the time to object is over.
    package func inspect(_ token: String) async throws -> Account {
        try await plane.database.read { try behind(token, $0).account }
    }

    /// Link and password together: every old factor goes, all sessions end, and what follows is enrolling anew.
    ///
    /// Throws ``Refusal`` of ``inspect(_:)`` and of ``SignIn/password(identifier:password:by:agent:)``.
    package func use(_ token: String, password: Secret, by principal: Principal, agent: UserAgent?) async throws -> IssuedSession {
        let account = try await inspect(token)
        _ = try await signIn.password(identifier: account.identifier, password: password, by: principal, agent: agent)
        return try await plane.write { transaction in
            let (reset, account) = try behind(token, transaction)
            guard case .fresh = try OneTimeCodes(plane).redeem(token, for: .factorReset, in: transaction) else {
                throw PasswordReset.badLink
            }
            let now = plane.clock.now()
            let owner = Principal(.account(account.id), address: principal.address)
            try transaction.run("UPDATE factor_reset SET state = 'used' WHERE id = \(reset.id)")
            try transaction.run("DELETE FROM totp_factor WHERE account = \(account.id)")
            try transaction.run("DELETE FROM passkey WHERE account = \(account.id)")
            try transaction.run("DELETE FROM recovery_code WHERE account = \(account.id)")
            try signIn.sessions.endAll(of: account.id, because: .revoked, at: now, in: transaction)
            try plane.audit.record(.factorResetUsed(account: account.id, tenant: reset.tenant), by: owner, at: now, in: transaction)
            try signIn.letters.drop(.factorResetUsed(to: account.identifier, product: plane.product), transaction)
            return try signIn.sessions.startApex(
                account: account.id, stage: .enrolment, methods: ["pwd"], by: owner, agent: agent, in: transaction)
        }
    }

    /// Whoever shows a factor has one. Called with each proof, so signing in as always is how to object.
    static func withdrawAll(of account: AccountID, on plane: ControlPlane, by principal: Principal, in transaction: any Transaction) throws
    {
        try withdraw("account = \(account)", on: plane, by: principal, in: transaction)
    }

    private static func withdraw(_ which: SQL, on plane: ControlPlane, by principal: Principal, in transaction: any Transaction) throws {
        let ended = try transaction.rows(
            """
            UPDATE factor_reset SET state = 'withdrawn' WHERE \(which) AND state IN ('requested', 'approved') RETURNING id, account, tenant
            """)
        for row in ended {
            try OneTimeCodes(plane).burn(.factorReset, for: try row.get(0, as: FactorResetID.self).description, in: transaction)
            try plane.audit.record(
                .factorResetWithdrawn(account: try row.get(1), tenant: try row.get(2)), by: principal, at: plane.clock.now(),
                in: transaction)
        }
    }
}

// MARK: Judging

extension FactorResets {
    /// The person, and the administrator of their tenant who acts. Staff are nobody here, and nobody acts for themselves.
    private func judge(
        _ account: AccountID, in tenant: TenantID, by principal: Principal, _ reader: any Reader
    ) throws -> (person: Account, actor: AccountID) {
        guard let actor = principal.account, let held = try Memberships.active(actor, in: tenant, reader: reader)?.roles,
            held.contains(.owner) || held.contains(.administrator)
        else { throw Refusal.forbidden("not-an-administrator", "Only administrators of the person's own organisation can do this.") }
        guard let member = try Memberships.active(account, in: tenant, reader: reader), let person = try Accounts.find(account, in: reader),
            person.isActive
        else { throw Refusal.notFound("member") }
        guard actor != account else {
            throw Refusal.forbidden(
                "not-for-yourself", "You are signed in, so you have a factor. Change your factors on the page of your account.")
        }
        guard member.roles.allSatisfy({ $0.mayBeGiven(byHolderOf: held) }) else {
            throw Refusal.forbidden("above-own-rights", "This person has a role that is above your own. Ask an owner.")
        }
        guard try !Staff.isOperator(Principal(.account(account)), in: reader) else {
            throw Refusal.forbidden(
                "operator", "This person runs the platform. Only another operator can bring them back, with a new account.")
        }
        return (person, actor)
    }

    private func open(of account: AccountID, in tenant: TenantID, _ reader: any Reader) throws -> FactorReset? {
        let now = plane.clock.now()
        return try reader.rows(
            """
            SELECT \(FactorReset.columns) FROM factor_reset WHERE account = \(account) AND tenant = \(tenant)
                AND state IN ('requested', 'approved') ORDER BY id DESC
            """
        ).map(FactorReset.init(row:)).first { $0.isOpen(at: now) }
    }

    private func find(_ id: FactorResetID, in tenant: TenantID, _ reader: any Reader) throws -> FactorReset {
        let row = try reader.row("SELECT \(FactorReset.columns) FROM factor_reset WHERE id = \(id) AND tenant = \(tenant)")
        guard let reset = try row.map(FactorReset.init(row:)) else { throw Refusal.notFound("reset") }
        return reset
    }

    private func behind(_ token: String, _ reader: any Reader) throws -> (reset: FactorReset, account: Account) {
        let now = plane.clock.now()
        guard let code = try OneTimeCodes(plane).inspect(token, for: .factorReset, in: reader), let id = FactorResetID(code.subject),
            let row = try reader.row("SELECT \(FactorReset.columns) FROM factor_reset WHERE id = \(id)"),
            case let reset = try FactorReset(row: row), reset.state == .approved,
            let account = try Accounts.find(reset.account, in: reader), account.isActive,
            try Memberships.active(account.id, in: reset.tenant, reader: reader) != nil
        else { throw PasswordReset.badLink }
        guard reset.admits(at: now) else {
            throw Refusal(
                .gone, "link-early", "This link works from 24 hours after the approval on, so that there is time to object. Come back then."
            )
        }
        return (reset, account)
    }
}
