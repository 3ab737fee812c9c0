import Audit
import Storage
import Vocabulary

/// The vendor's own people: operators, who run the platform, and support, who help. Neither sees a tenant's data by it.
///
/// For which kinds of environment they may do what they do is said apart, by ``StaffAccess``.
package struct Staff: Sendable {
    let plane: ControlPlane

    package init(_ plane: ControlPlane) { self.plane = plane }

    package static let migrations: [Migration] = [
        Migration("identity_0009_staff") { dialect in
            [
                """
                CREATE TABLE staff (
                    account TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
                    role TEXT NOT NULL CHECK (role = 'operator'),
                    since \(dialect.instant) NOT NULL
                )\(dialect.strict)
                """
            ]
        },
        StaffAccess.migration,
    ]

    package func isOperator(_ account: AccountID) async throws -> Bool {
        try await plane.database.read { try Self.isOperator(Principal(.account(account)), in: $0) }
    }

    package func list() async throws -> [Account] {
        try await plane.database.read { reader in
            try reader.rows("SELECT \(Account.columns) FROM staff JOIN account ON account.id = staff.account ORDER BY account.identifier")
                .map(Account.init(row:))
        }
    }

    /// Where mail to all operators goes.
    package static func addresses(in reader: any Reader) throws -> [String] {
        try reader.rows(
            "SELECT account.identifier FROM staff JOIN account ON account.id = staff.account WHERE account.state = 'active' ORDER BY 1"
        ).map { try $0.get(0) }
    }

    package func appoint(_ account: AccountID, by principal: Principal) async throws {
        try await plane.write { transaction in
            try Self.requireOperator(principal, in: transaction)
            guard try Accounts.find(account, in: transaction) != nil else { throw Refusal.notFound("account") }
            try add(account, by: principal, in: transaction)
            // Production is given apart, by somebody who has it.
            for kind in StaffAccess.Kind.allCases where kind != .production {
                if try Self.mayReach(kind, principal, in: transaction) {
                    try put(kind, as: .operates, to: account, by: principal, in: transaction)
                }
            }
        }
    }

    package func dismiss(_ account: AccountID, by principal: Principal) async throws {
        try await plane.write { transaction in
            try Self.requireOperator(principal, in: transaction)
            try Self.requireAnotherOperator(than: account, in: transaction)
            guard try transaction.run("DELETE FROM staff WHERE account = \(account)") == 1 else { throw Refusal.notFound("operator") }
            try takeAll(from: account, by: principal, in: transaction)
            try plane.audit.record(
                .roleWithdrawn(account: account, role: "operator"), by: principal, at: plane.clock.now(), in: transaction)
            try plane.invalidate(.account(account), in: transaction)
        }
    }

    func add(_ account: AccountID, by principal: Principal, in transaction: any Transaction) throws {
        let now = plane.clock.now()
        let added = try transaction.run(
            "INSERT INTO staff (account, role, since) VALUES (\(account), 'operator', \(now)) ON CONFLICT (account) DO NOTHING")
        guard added == 1 else { return }
        try plane.audit.record(.roleAssigned(account: account, role: "operator"), by: principal, at: now, in: transaction)
        try plane.invalidate(.account(account), in: transaction)
    }

    /// Whoever sits at the machine's own command line, and the platform itself, can do what an operator can.
    package static func isOperator(_ principal: Principal, in reader: any Reader) throws -> Bool {
        switch principal.kind {
        case .shell, .platform: true
        case .client, .anonymous: false
        case .account(let id):
            try reader.row(
                """
                SELECT 1 FROM staff JOIN account ON account.id = staff.account
                WHERE staff.account = \(id) AND account.state = 'active'
                """) != nil
        }
    }

    /// Nothing to say where the account is no operator; else there must be another one.
    static func requireAnotherOperator(than account: AccountID, in reader: any Reader) throws {
        guard try reader.row("SELECT 1 FROM staff WHERE account = \(account)") != nil else { return }
        let others = try reader.row(
            """
            SELECT 1 FROM staff JOIN account ON account.id = staff.account
            WHERE account.state = 'active' AND staff.account <> \(account) LIMIT 1
            """)
        guard others != nil else {
            throw Refusal.conflict("last-operator", "This is the only operator. Appoint another one first.")
        }
    }

    package static func requireOperator(_ principal: Principal, in reader: any Reader) throws {
        guard try isOperator(principal, in: reader) else {
            throw Refusal.forbidden("operators-only", "Only an operator of the platform can do this.")
        }
    }
}
