import Audit
import Storage
import Vocabulary

/// The accounts of an installation.
package struct Accounts: Sendable {
    let plane: ControlPlane

    package init(_ plane: ControlPlane) { self.plane = plane }

    package static let migrations: [Migration] = [
        Migration("identity_0001_accounts") { dialect in
            [
                """
                CREATE TABLE account (
                    id TEXT NOT NULL PRIMARY KEY,
                    identifier TEXT NOT NULL UNIQUE,
                    display_name TEXT NOT NULL,
                    state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
                    created_at \(dialect.instant) NOT NULL
                )\(dialect.strict)
                """
            ]
        }
    ]

    package func find(_ id: AccountID) async throws -> Account? {
        try await plane.database.read { try Self.find(id, in: $0) }
    }

    /// By any spelling of the identifier.
    package func find(identifier raw: String) async throws -> Account? {
        guard let identifier = Text.identifier(raw) else { return nil }
        return try await plane.database.read { try Self.find(identifier: identifier, in: $0) }
    }

    package func find(_ ids: some Sequence<AccountID>) async throws -> [AccountID: Account] {
        let wanted = Array(Set(ids))
        guard !wanted.isEmpty else { return [:] }
        return try await plane.database.read { reader in
            var found: [AccountID: Account] = [:]
            for start in stride(from: 0, to: wanted.count, by: 500) {
                let part = wanted[start..<min(start + 500, wanted.count)]
                let rows = try reader.rows("SELECT \(Account.columns) FROM account WHERE id IN (\(part.map { "\($0)" as SQL }.joined()))")
                for row in rows {
                    let account = try Account(row: row)
                    found[account.id] = account
                }
            }
            return found
        }
    }

    /// In order of identifier, after `cursor`. For the vendor's console.
    package func list(after cursor: String? = nil, limit: Int = 100) async throws -> [Account] {
        try await plane.database.read { reader in
            try reader.rows(
                "SELECT \(Account.columns) FROM account WHERE identifier > \(cursor ?? "") ORDER BY identifier LIMIT \(min(max(limit, 1), 500))"
            ).map(Account.init(row:))
        }
    }

    /// Makes an account without any way to sign in yet; invitations and the first operator's link use it.
    package func create(
        identifier raw: String, displayName rawName: String, by principal: Principal
    ) async throws -> Account {
        try await plane.write { try create(identifier: raw, displayName: rawName, by: principal, in: $0) }
    }

    package func rename(_ id: AccountID, to rawName: String, by principal: Principal) async throws {
        guard principal.account == id else { throw Refusal.forbidden("not-yours", "Only the owner of an account can change its name.") }
        guard let name = Text.name(rawName) else { throw Self.wrongName }
        try await plane.write { transaction in
            guard try transaction.run("UPDATE account SET display_name = \(name) WHERE id = \(id)") == 1 else {
                throw Refusal.notFound("account")
            }
        }
    }

    /// Ends every session, token and code of the account in the same transaction.
    package func disable(_ id: AccountID, by principal: Principal) async throws {
        try await plane.write { transaction in
            try Staff.requireOperator(principal, in: transaction)
            try Staff.requireAnotherOperator(than: id, in: transaction)
            let now = plane.clock.now()
            let changed = try transaction.run("UPDATE account SET state = 'disabled' WHERE id = \(id) AND state = 'active'")
            if changed == 0 {
                guard try Self.find(id, in: transaction) != nil else { throw Refusal.notFound("account") }
                return
            }
            try Sessions(plane).endAll(of: id, because: .accountDisabled, at: now, in: transaction)
            try OneTimeCodes.burnAll(of: id, at: now, in: transaction)
            try plane.audit.record(.accountDisabled(account: id), by: principal, at: now, in: transaction)
        }
    }

    package func enable(_ id: AccountID, by principal: Principal) async throws {
        try await plane.write { transaction in
            try Staff.requireOperator(principal, in: transaction)
            let changed = try transaction.run("UPDATE account SET state = 'active' WHERE id = \(id) AND state = 'disabled'")
            if changed == 0 {
                guard try Self.find(id, in: transaction) != nil else { throw Refusal.notFound("account") }
                return
            }
            try plane.audit.record(.accountEnabled(account: id), by: principal, at: plane.clock.now(), in: transaction)
            try plane.invalidate(.account(id), in: transaction)
        }
    }
}

extension Accounts {
    package static func find(_ id: AccountID, in reader: any Reader) throws -> Account? {
        try reader.row("SELECT \(Account.columns) FROM account WHERE id = \(id)").map(Account.init(row:))
    }

    /// `identifier` as ``Text/identifier(_:)`` spells it.
    package static func find(identifier: String, in reader: any Reader) throws -> Account? {
        try reader.row("SELECT \(Account.columns) FROM account WHERE identifier = \(identifier)").map(Account.init(row:))
    }

    func create(identifier raw: String, displayName rawName: String, by principal: Principal, in transaction: any Transaction) throws
        -> Account
    {
        guard let identifier = Text.identifier(raw) else { throw Self.wrongIdentifier }
        guard let name = Text.name(rawName) else { throw Self.wrongName }
        let now = plane.clock.now()
        let account = Account(
            id: AccountID(at: now, entropy: plane.entropy), identifier: identifier, displayName: name, state: .active, createdAt: now)
        let added = try transaction.run(
            """
            INSERT INTO account (id, identifier, display_name, state, created_at)
            VALUES (\(account.id), \(identifier), \(name), 'active', \(now)) ON CONFLICT (identifier) DO NOTHING
            """)
        guard added == 1 else {
            throw Refusal.conflict("identifier-taken", "There is an account with this address already.", field: "identifier")
        }
        try plane.audit.record(.accountCreated(account: account.id), by: principal, at: now, in: transaction)
        return account
    }

    static let wrongIdentifier = Refusal.invalid(
        "identifier", "This does not look like an e-mail address. Write it as name@example.com.", field: "identifier")
    static let wrongName = Refusal.invalid(
        "display-name", "A name has 1 to 120 characters, without control characters.", field: "displayName")
}
