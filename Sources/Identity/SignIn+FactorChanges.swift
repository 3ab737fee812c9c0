import Audit
import Storage
import Vocabulary

// Taking factors away. Never the last one, never without a recent proof, never unnoticed.
extension SignIn {
    /// Throws ``Refusal`` `last-factor`, `confirm-it-is-you`.
    package func removePasskey(_ id: PasskeyID, in session: Session, by principal: Principal) async throws {
        try await remove("passkey", in: session, by: principal) { transaction in
            try transaction.run("DELETE FROM passkey WHERE id = \(id) AND account = \(session.account)") == 1
        }
    }

    /// Throws ``Refusal`` `last-factor`, `confirm-it-is-you`.
    package func removeAuthenticator(in session: Session, by principal: Principal) async throws {
        try await remove("totp", in: session, by: principal) { transaction in
            try transaction.run("DELETE FROM totp_factor WHERE account = \(session.account) AND state = 'active'") == 1
        }
    }

    private func remove(
        _ factor: String, in session: Session, by principal: Principal, _ delete: @escaping @Sendable (any Transaction) throws -> Bool
    ) async throws {
        guard session.stage == .complete else { throw Sessions.signInAgain }
        try requireRecent(session)
        try await plane.write { transaction in
            guard let account = try Accounts.find(session.account, in: transaction) else { throw Sessions.signInAgain }
            guard try delete(transaction) else { throw Refusal.notFound(factor == "totp" ? "authenticator" : "passkey") }
            // Counted after, in the same transaction: of two removals at once the second finds none left.
            guard try Factors.isEnrolled(account.id, in: transaction) else { throw Self.lastFactor }
            try plane.audit.record(
                .factorRemoved(account: account.id, factor: factor), by: principal, at: plane.clock.now(), in: transaction)
            let what = factor == "totp" ? "authenticator app" : "passkey"
            try letters.drop(.factorRemoved(to: account.identifier, what: what, product: plane.product), transaction)
        }
    }

    private static let lastFactor = Refusal.conflict(
        "last-factor", "This is your only second factor. Add another passkey or an authenticator app first.")
}
