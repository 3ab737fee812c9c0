import Audit
import Storage
import Vocabulary

/// Ends everything that an account has open, everywhere: from the account's page, or by the link in the mail about a new device, for which
/// nobody has to sign in. Whoever steals that link can sign somebody out with it, and nothing else.
package struct WayOut: Sendable {
    let plane: ControlPlane

    package init(_ plane: ControlPlane) { self.plane = plane }

    static let linkLife = Duration.days(7)

    /// All sessions and tokens of the person; but those of `kept` and what hangs on it, where that is given.
    ///
    /// Returns how many sessions that were open have ended.
    @discardableResult
    package func endEverything(of account: AccountID, but kept: Session? = nil, by principal: Principal) async throws -> Int {
        guard principal.account == account else { throw Refusal.notFound("account") }
        return try await plane.write { try end(account, but: kept.map { $0.parent ?? $0.id }, by: principal, in: $0) }
    }

    /// By somebody at the machine's own command line, for a person who asks for it.
    @discardableResult
    package func endEverything(of account: AccountID, byOperator principal: Principal) async throws -> Int {
        try await plane.write { transaction in
            try Staff.requireOperator(principal, in: transaction)
            return try end(account, but: nil, by: principal, in: transaction)
        }
    }

    /// The page behind the link in the mail. Looks only: mail programs open links by themselves.
    ///
    /// Throws ``Refusal`` `link-spent`.
    package func inspect(_ token: String) async throws -> Account {
        try await plane.database.read { try account(behind: token, in: $0) }
    }

    @discardableResult
    package func follow(_ token: String, by principal: Principal) async throws -> Int {
        try await plane.write { transaction in
            let account = try account(behind: token, in: transaction)
            guard case .fresh = try OneTimeCodes(plane).redeem(token, for: .wayOut, in: transaction) else { throw PasswordReset.badLink }
            return try end(account.id, but: nil, by: principal, in: transaction)
        }
    }

    func issue(for account: AccountID, in transaction: any Transaction) throws -> String {
        let token = try OneTimeCodes(plane).issue(.wayOut, for: account.description, life: Self.linkLife, in: transaction)
        return "\(plane.origin)/sign-out/everywhere/\(token.text)"
    }

    private func end(_ account: AccountID, but kept: SessionID?, by principal: Principal, in transaction: any Transaction) throws -> Int {
        let now = plane.clock.now()
        let others: SQL = kept.map { "AND id <> \($0) AND (parent IS NULL OR parent <> \($0))" } ?? ""
        let ended = try Sessions(plane).endForGood("account = \(account) \(others)", at: now, in: transaction)
        try plane.audit.record(.everythingEnded(account: account, sessions: ended), by: principal, at: now, in: transaction)
        try plane.invalidate(.account(account), in: transaction)
        return ended
    }

    private func account(behind token: String, in reader: any Reader) throws -> Account {
        guard let code = try OneTimeCodes(plane).inspect(token, for: .wayOut, in: reader), let id = AccountID(code.subject),
            let account = try Accounts.find(id, in: reader), account.isActive
        else { throw PasswordReset.badLink }
        return account
    }
}
