import Audit
import Storage
import Vocabulary

/// For one member of the vendor's staff, one kind of environment that they may act on: make, move and remove, or help with. Never its data.
package struct StaffAccess: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case production
        case test
        case sandbox
    }

    package enum Role: String, Sendable, Hashable, CaseIterable {
        case operates = "operator"
        case supports = "support"
    }

    package let account: AccountID
    package let name: String
    package let identifier: String
    package let role: Role
    package let kind: Kind
    package let since: Instant

    /// Production is open to these many, and no more.
    package static let handful = 5

    static let migration = Migration("identity_0015_staff_access") { dialect in
        let everything: [SQL] = Kind.allCases.map { kind in
            """
            INSERT INTO staff_access (account, role, kind, since, given_by)
            SELECT account, 'operator', \(kind.sqlName), since, 'before' FROM staff
            """
        }
        return [
            """
            CREATE TABLE staff_access (
                account TEXT NOT NULL REFERENCES account (id),
                kind TEXT NOT NULL CHECK (kind IN ('production', 'test', 'sandbox')),
                role TEXT NOT NULL CHECK (role IN ('operator', 'support')),
                since \(dialect.instant) NOT NULL,
                given_by TEXT NOT NULL,
                PRIMARY KEY (account, kind)
            )\(dialect.strict)
            """
        ] + everything
    }
}

extension StaffAccess.Kind {
    /// As a literal, where nothing binds.
    fileprivate var sqlName: SQL {
        switch self {
        case .production: "'production'"
        case .test: "'test'"
        case .sandbox: "'sandbox'"
        }
    }
}

extension Staff {
    /// Who has access to what, by name: active accounts only, for others have none. What the console shows, and customers too.
    package func access() async throws -> [StaffAccess] {
        try await plane.database.read { try Self.access(in: $0) }
    }

    static func access(in reader: any Reader) throws -> [StaffAccess] {
        let rows = try reader.rows(
            """
            SELECT staff_access.account, account.display_name, account.identifier, staff_access.role, staff_access.kind, staff_access.since
            FROM staff_access JOIN account ON account.id = staff_access.account WHERE account.state = 'active'
            ORDER BY account.identifier, staff_access.kind
            """)
        return try rows.map { row in
            guard let role = StaffAccess.Role(rawValue: try row.get(3)), let kind = StaffAccess.Kind(rawValue: try row.get(4)) else {
                throw StorageError.unexpectedColumn("staff_access.role")
            }
            return StaffAccess(
                account: try row.get(0), name: try row.get(1), identifier: try row.get(2), role: role, kind: kind, since: try row.get(5))
        }
    }

    /// Opens a kind of environment to somebody, or changes as what.
    ///
    /// Only operators give, and only what they have; nobody gives to themselves; and production is for a handful.
    /// - Throws: `beyond-own-access`, `not-to-yourself`, `handful`, `not-an-operator`.
    package func give(_ kind: StaffAccess.Kind, as role: StaffAccess.Role, to account: AccountID, by principal: Principal) async throws {
        try await plane.write { transaction in
            try Self.requireOperator(principal, in: transaction)
            try Self.requireReach(to: kind, principal, in: transaction)
            guard principal.account != account else {
                throw Refusal.forbidden("not-to-yourself", "Nobody gives access to themselves. Ask another operator.")
            }
            guard let person = try Accounts.find(account, in: transaction), person.isActive else { throw Refusal.notFound("account") }
            if role == .operates, try transaction.row("SELECT 1 FROM staff WHERE account = \(account)") == nil {
                throw Refusal.conflict("not-an-operator", "Appoint this person an operator first.", field: "role")
            }
            let others = try transaction.value(
                """
                SELECT count(*) FROM staff_access JOIN account ON account.id = staff_access.account
                WHERE kind = 'production' AND account.state = 'active' AND account.id <> \(account)
                """, as: Int.self)
            if kind == .production, (others ?? 0) >= StaffAccess.handful {
                throw Refusal.conflict(
                    "handful", "Production is open to \(StaffAccess.handful) people at most. Take it from somebody first.", field: "kind")
            }
            try put(kind, as: role, to: account, by: principal, in: transaction)
        }
    }

    package func take(_ kind: StaffAccess.Kind, from account: AccountID, by principal: Principal) async throws {
        try await plane.write { transaction in
            try Self.requireOperator(principal, in: transaction)
            try remove(kind, from: account, by: principal, in: transaction)
        }
    }

    /// Refuses who may not act on environments of this kind.
    package func requireReach(to kind: StaffAccess.Kind, _ principal: Principal) async throws {
        try await plane.database.read { try Self.requireReach(to: kind, principal, in: $0) }
    }

    func put(
        _ kind: StaffAccess.Kind, as role: StaffAccess.Role, to account: AccountID, by principal: Principal, in transaction: any Transaction
    ) throws {
        let now = plane.clock.now()
        let changed = try transaction.run(
            """
            INSERT INTO staff_access (account, kind, role, since, given_by)
            VALUES (\(account), \(kind.rawValue), \(role.rawValue), \(now), \(Self.name(of: principal)))
            ON CONFLICT (account, kind) DO UPDATE SET role = excluded.role, since = excluded.since, given_by = excluded.given_by
            WHERE staff_access.role <> excluded.role
            """)
        guard changed == 1 else { return }
        try plane.audit.record(
            .staffAccessGiven(account: account, role: role.rawValue, kind: kind.rawValue), by: principal, at: now, in: transaction)
        try plane.invalidate(.account(account), in: transaction)
    }

    func takeAll(from account: AccountID, by principal: Principal, in transaction: any Transaction) throws {
        for kind in StaffAccess.Kind.allCases { try remove(kind, from: account, by: principal, in: transaction) }
    }

    private func remove(
        _ kind: StaffAccess.Kind, from account: AccountID, by principal: Principal, in transaction: any Transaction
    ) throws {
        let role = try transaction.value(
            "DELETE FROM staff_access WHERE account = \(account) AND kind = \(kind.rawValue) RETURNING role", as: String.self)
        guard let role else { return }
        try plane.audit.record(
            .staffAccessTaken(account: account, role: role, kind: kind.rawValue), by: principal, at: plane.clock.now(), in: transaction)
        try plane.invalidate(.account(account), in: transaction)
    }

    /// Whoever sits at the machine reaches everything.
    static func mayReach(_ kind: StaffAccess.Kind, _ principal: Principal, in reader: any Reader) throws -> Bool {
        guard let account = principal.account else { return try isOperator(principal, in: reader) }
        guard try isOperator(principal, in: reader) else { return false }
        return try reader.row(
            "SELECT 1 FROM staff_access WHERE account = \(account) AND kind = \(kind.rawValue) AND role = 'operator'") != nil
    }

    private static func requireReach(to kind: StaffAccess.Kind, _ principal: Principal, in reader: any Reader) throws {
        guard try mayReach(kind, principal, in: reader) else {
            throw Refusal.forbidden(
                "beyond-own-access", "You have no access to \(kind.rawValue) environments. An operator who has can give it to you.")
        }
    }

    private static func name(of principal: Principal) -> String {
        switch principal.kind {
        case .account(let id): "account:\(id)"
        case .shell(let user): "shell:\(user)"
        case .client(let id): "client:\(id)"
        case .platform(let component): "platform:\(component)"
        case .anonymous: "anonymous"
        }
    }
}
