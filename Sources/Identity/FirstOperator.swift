import Audit
import Sealing
import Storage
import Vocabulary

/// How an installation gets its first operator: by a link that is printed on the terminal of whoever started it, and works once.
package struct FirstOperator: Sendable {
    let plane: ControlPlane
    let sessions: Sessions
    let hasher: PasswordHasher

    package init(_ plane: ControlPlane, sessions: Sessions, hasher: PasswordHasher) {
        self.plane = plane
        self.sessions = sessions
        self.hasher = hasher
    }

    /// Whether the installation still waits for its first operator.
    package func isAwaited() async throws -> Bool {
        try await plane.database.read { try $0.row("SELECT 1 FROM staff LIMIT 1") == nil }
    }

    /// A fresh link, valid for a day; earlier ones stop working. Nil once there is an operator.
    package func link() async throws -> String? {
        try await plane.write { transaction in
            guard try transaction.row("SELECT 1 FROM staff LIMIT 1") == nil else { return nil }
            let codes = OneTimeCodes(plane)
            try codes.burn(.firstOperator, for: Self.subject, in: transaction)
            let token = try codes.issue(.firstOperator, for: Self.subject, life: .days(1), in: transaction)
            return "\(plane.origin)/first-operator/\(token.text)"
        }
    }

    /// Whether the link is still good: for showing the form.
    package func admits(_ token: String) async throws -> Bool {
        try await plane.database.read { reader in
            guard try reader.row("SELECT 1 FROM staff LIMIT 1") == nil else { return false }
            return try OneTimeCodes(plane).inspect(token, for: .firstOperator, in: reader) != nil
        }
    }

    /// Makes the account, the password and the operator; what follows is the enrolment of a second factor.
    package func claim(
        _ token: String, identifier: String, displayName: String, password: Secret, by principal: Principal, agent: UserAgent?
    ) async throws -> IssuedSession {
        guard try await admits(token) else { throw PasswordReset.badLink }
        guard let normalised = Text.identifier(identifier) else { throw Accounts.wrongIdentifier }
        try await PasswordPolicy().check(
            password, context: [normalised, displayName, plane.product], breached: plane.breachedPasswords)
        let hash = try await hasher.hash(PasswordPolicy.normalise(password))
        return try await plane.write { transaction in
            guard case .fresh = try OneTimeCodes(plane).redeem(token, for: .firstOperator, in: transaction),
                try transaction.row("SELECT 1 FROM staff LIMIT 1") == nil
            else { throw PasswordReset.badLink }
            let account = try Accounts(plane).create(identifier: identifier, displayName: displayName, by: principal, in: transaction)
            let owner = Principal(.account(account.id), address: principal.address)
            try Passwords.store(hash, for: account.id, on: plane, by: owner, in: transaction)
            let staff = Staff(plane)
            try staff.add(account.id, by: owner, in: transaction)
            for kind in StaffAccess.Kind.allCases { try staff.put(kind, as: .operates, to: account.id, by: owner, in: transaction) }
            try plane.audit.record(.installationClaimed(account: account.id), by: owner, at: plane.clock.now(), in: transaction)
            return try sessions.startApex(
                account: account.id, stage: .enrolment, methods: ["pwd"], by: owner, agent: agent, in: transaction)
        }
    }

    private static let subject = "installation"
}
