import Audit
import Storage
import Vocabulary

/// What a tenant asks of whoever comes into its environments, beyond the two factors that everybody shows.
///
/// It decides about the tenant's own environments and nothing else: at the apex, and at other tenants', a session is worth what it was.
package struct SignInRule: Sendable, Hashable {
    /// Whether a passkey that its owner unlocked is enough. Otherwise the password or a code has to come with it.
    package var admitsPasskeyAlone = true

    package init(admitsPasskeyAlone: Bool = true) { self.admitsPasskeyAlone = admitsPasskeyAlone }

    /// `methods`: what was shown, as ``Session/methods``.
    package func admits(_ methods: [String]) -> Bool {
        admitsPasskeyAlone || !Self.furtherProofs.isDisjoint(with: methods)
    }

    /// What isn't kept where the passkey is.
    private static let furtherProofs: Set = ["pwd", "otp", "rec"]

    /// `WHERE`'s side of the same for a `session`, whose tenant doesn't take passkeys alone.
    static let isPasskeyAlone: SQL = """
        NOT (' ' || session.methods || ' ' LIKE '% pwd %' OR ' ' || session.methods || ' ' LIKE '% otp %'
            OR ' ' || session.methods || ' ' LIKE '% rec %')
        """
}

/// The tenants' rules.
package struct SignInRules: Sendable {
    let plane: ControlPlane

    package init(_ plane: ControlPlane) { self.plane = plane }

    package static let migrations: [Migration] = [
        Migration("identity_0017_sign_in_rule") { dialect in
            [
                """
                CREATE TABLE sign_in_rule (
                    tenant TEXT NOT NULL PRIMARY KEY,
                    passkey_alone INTEGER NOT NULL
                )\(dialect.strict)
                """
            ]
        }
    ]

    package func rule(of tenant: TenantID) async throws -> SignInRule {
        try await plane.database.read { try Self.rule(of: tenant, in: $0) }
    }

    /// By the tenant's administrators. It holds at once: sessions at the tenant's hosts that it doesn't admit end, and their owners come
    /// back by showing what was missing; tokens are judged at each use.
    package func set(_ rule: SignInRule, of tenant: TenantID, by principal: Principal) async throws {
        try await plane.write { transaction in
            try Memberships.require(principal, mayGive: [.administrator], in: tenant, transaction)
            let now = plane.clock.now()
            try transaction.run(
                """
                INSERT INTO sign_in_rule (tenant, passkey_alone) VALUES (\(tenant), \(rule.admitsPasskeyAlone))
                ON CONFLICT (tenant) DO UPDATE SET passkey_alone = excluded.passkey_alone
                """)
            try plane.audit.record(
                .signInRuleChanged(tenant: tenant, passkeyAlone: rule.admitsPasskeyAlone), by: principal, at: now, in: transaction)
            guard !rule.admitsPasskeyAlone else { return }
            // The apex session lives on, so nobody has to begin anew.
            try transaction.run(
                """
                UPDATE session SET ended_at = \(now), ending = 'expired'
                WHERE tenant = \(tenant) AND ended_at IS NULL AND \(SignInRule.isPasskeyAlone)
                """)
            try plane.invalidate(.rights, in: transaction)
        }
    }
}

// MARK: Inside a transaction of somebody else

extension SignInRules {
    package static func rule(of tenant: TenantID, in reader: any Reader) throws -> SignInRule {
        let alone = try reader.value("SELECT passkey_alone FROM sign_in_rule WHERE tenant = \(tenant)", as: Int.self)
        return SignInRule(admitsPasskeyAlone: alone != 0)
    }
}
