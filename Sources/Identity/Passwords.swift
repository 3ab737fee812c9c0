import Audit
import Sealing
import Storage
import Vocabulary

/// Passwords, of which only an argon2id hash is stored. Nobody can read or set somebody else's.
package struct Passwords: Sendable {
    let plane: ControlPlane
    let hasher: PasswordHasher
    let letters: LetterBox

    package init(_ plane: ControlPlane, hasher: PasswordHasher, letters: LetterBox) {
        self.plane = plane
        self.hasher = hasher
        self.letters = letters
    }

    package static let migrations: [Migration] = [
        Migration("identity_0002_passwords") { dialect in
            [
                """
                CREATE TABLE password (
                    account TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
                    hash TEXT NOT NULL,
                    set_at \(dialect.instant) NOT NULL
                )\(dialect.strict)
                """,
                // A tenant may ask its people for the classic rule.
                """
                CREATE TABLE password_rule (
                    tenant TEXT NOT NULL PRIMARY KEY,
                    classic INTEGER NOT NULL
                )\(dialect.strict)
                """,
            ]
        }
    ]

    package static let lengthMigrations: [Migration] = [
        Migration("identity_0016_password_length") { _ in ["ALTER TABLE password_rule ADD COLUMN shortest INTEGER NOT NULL DEFAULT 8"] }
    ]

    /// The policy that holds for an account: the strictest of its tenants'.
    package func policy(for account: AccountID) async throws -> PasswordPolicy {
        try await plane.database.read { try Self.policy(for: account, in: $0) }
    }

    /// The policy that a tenant asks for.
    package func policy(of tenant: TenantID) async throws -> PasswordPolicy {
        try await plane.database.read { try Self.policy(of: tenant, in: $0) }
    }

    /// A tenant's administrators set it; it holds from the next change of a password on.
    /// - Throws: ``Refusal`` `password-rule`
    package func setRule(_ policy: PasswordPolicy, of tenant: TenantID, by principal: Principal) async throws {
        let (classic, shortest) = (policy.classic, policy.shortest)
        try await plane.write { transaction in
            try Memberships.require(principal, mayGive: [.administrator], in: tenant, transaction)
            try transaction.run(
                """
                INSERT INTO password_rule (tenant, classic, shortest) VALUES (\(tenant), \(classic), \(shortest))
                ON CONFLICT (tenant) DO UPDATE SET classic = excluded.classic, shortest = excluded.shortest
                """)
            try plane.audit.record(
                .passwordRuleChanged(tenant: tenant, classic: classic, shortest: shortest), by: principal, at: plane.clock.now(),
                in: transaction)
        }
    }

    /// A new password for a signed-in person who knows the old one. All other sessions end, and a mail says so: if it was somebody else, the
    /// owner learns of it. Each guess at the old one is counted and in the log, as at signing in.
    package func change(from current: Secret, to new: Secret, in session: Session, by principal: Principal) async throws {
        guard principal.account == session.account, session.factorVerified else { throw Sessions.signInAgain }
        try RecentProof.require(since: session.authenticatedAt, at: plane.clock.now())
        let id = session.account
        let throttle = Throttle(plane)
        let (account, hash, policy, admission) = try await plane.write { transaction in
            guard let account = try Accounts.find(id, in: transaction) else { throw Sessions.signInAgain }
            let admission = try throttle.admit([throttle.password(account.identifier, knownAddress: "change")], in: transaction)
            if case .blocked = admission { try record("throttled", account, by: principal, in: transaction) }
            return (account, try Self.hash(of: id, in: transaction), try Self.policy(for: id, in: transaction), admission)
        }
        if case .blocked(let wait) = admission { throw SignIn.tooMany(wait) }
        guard let hash, try await isRight(current, against: hash, of: account) else {
            try await plane.write { try record("wrong-password", account, by: principal, in: $0) }
            throw Refusal.invalid("password-wrong", "Your current password is not right.", field: "current")
        }
        try await policy.check(new, context: [account.identifier, account.displayName, plane.product], breached: plane.breachedPasswords)
        let newHash = try await hasher.hash(PasswordPolicy.normalise(new))
        try await plane.write { transaction in
            try throttle.clear([throttle.password(account.identifier, knownAddress: "change")], in: transaction)
            // The old hash as condition: of two changes at once, the second finds that it no longer knows the current password.
            guard try Self.store(newHash, for: id, replacing: hash, on: plane, by: principal, in: transaction) else {
                throw Refusal.conflict("password-changed", "Your password was changed meanwhile. Please try again.")
            }
            try letters.drop(.passwordChanged(to: account.identifier, product: plane.product, keepsOne: true), transaction)
            try OneTimeCodes(plane).burn(.passwordReset, for: id.description, in: transaction)
            try Sessions(plane).endAll(
                of: id, but: session.parent ?? session.id, because: .passwordChanged, at: plane.clock.now(), in: transaction)
        }
    }

    private func isRight(_ password: Secret, against hash: String, of account: Account) async throws -> Bool {
        do {
            return try await hasher.verify(PasswordPolicy.normalise(password), against: hash)
        } catch {
            // Never judged: the hasher was busy.
            let throttle = Throttle(plane)
            try await plane.write {
                try throttle.takeBack([throttle.password(account.identifier, knownAddress: "change")], in: $0)
            }
            throw error
        }
    }

    private func record(_ outcome: String, _ account: Account, by principal: Principal, in transaction: any Transaction) throws {
        let event = AuditEvent.signInAttempted(
            account: account.id, identifierDigest: plane.keyedDigest(account.identifier, for: "audit-identifier"),
            method: "password-change", outcome: outcome)
        try plane.audit.record(event, by: principal, at: plane.clock.now(), in: transaction)
    }
}

// MARK: Inside a transaction of somebody else

extension Passwords {
    static func hash(of account: AccountID, in reader: any Reader) throws -> String? {
        try reader.value("SELECT hash FROM password WHERE account = \(account)")
    }

    static func policy(for account: AccountID, in reader: any Reader) throws -> PasswordPolicy {
        try strictest(
            reader.row(
                """
                SELECT MAX(classic), MAX(shortest) FROM membership JOIN password_rule ON password_rule.tenant = membership.tenant
                WHERE membership.account = \(account)
                """))
    }

    static func policy(of tenant: TenantID, in reader: any Reader) throws -> PasswordPolicy {
        try strictest(reader.row("SELECT MAX(classic), MAX(shortest) FROM password_rule WHERE tenant = \(tenant)"))
    }

    private static func strictest(_ row: Row?) throws -> PasswordPolicy {
        guard let row, let classic = try row.get(0, as: Int?.self), let shortest = try row.get(1, as: Int?.self) else {
            return PasswordPolicy()
        }
        return PasswordPolicy(classic: classic != 0, shortest: shortest)
    }

    /// The same password under today's cost. Not a new password, so neither an event nor a new date.
    static func rehash(_ hash: String, for account: AccountID, replacing old: String, in transaction: any Transaction) throws {
        try transaction.run("UPDATE password SET hash = \(hash) WHERE account = \(account) AND hash = \(old)")
    }

    /// Returns whether it was stored: with `old`, only if that is still the hash.
    @discardableResult
    static func store(
        _ hash: String, for account: AccountID, replacing old: String? = nil, on plane: ControlPlane, by principal: Principal,
        in transaction: any Transaction
    ) throws -> Bool {
        let now = plane.clock.now()
        let stored =
            if let old {
                try transaction.run("UPDATE password SET hash = \(hash), set_at = \(now) WHERE account = \(account) AND hash = \(old)")
            } else {
                try transaction.run(
                    """
                    INSERT INTO password (account, hash, set_at) VALUES (\(account), \(hash), \(now))
                    ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at
                    """)
            }
        guard stored == 1 else { return false }
        try plane.audit.record(.passwordSet(account: account), by: principal, at: now, in: transaction)
        return true
    }
}
