import Audit
import Storage
import Vocabulary

/// Who answers for the records of those who left.
///
/// A record is its maker's. When somebody leaves, their records become somebody else's: one row says so, however many records there are,
/// and nothing that they did is rewritten; history and audit log keep who it was.
package struct Handovers: Sendable {
    let workspace: Workspace

    static let migrations: [Migration] = [
        Migration("records_0008_handovers") { dialect in
            [
                dialect == .sqlite
                    ? "CREATE TABLE handover (account TEXT PRIMARY KEY, successor TEXT NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL) STRICT"
                    : "CREATE TABLE handover (account TEXT PRIMARY KEY, successor TEXT NOT NULL, at BIGINT NOT NULL, by TEXT NOT NULL)"
            ]
        }
    ]

    /// From now on `successor` answers for everything that `account` made or was handed. Needs `managePeople`.
    ///
    /// - Throws: `to-themselves`.
    package func handOver(from account: AccountID, to successor: AccountID, by actor: Actor) async throws {
        try await workspace.write(by: actor) { [workspace] transaction, design in
            try design.require(.managePeople, by: actor)
            guard account != successor else {
                throw Refusal.invalid("to-themselves", "Hand the records over to somebody else.", field: "successor")
            }
            let now = workspace.clock.now()
            // Somebody who had left and is back gets their own again, or the rows would make a circle.
            if design.keeper(of: successor) == account { try transaction.run("DELETE FROM handover WHERE account = \(successor)") }
            try transaction.run(
                """
                INSERT INTO handover (account, successor, at, by) VALUES (\(account), \(successor), \(now), \(Author(actor.principal).text))
                ON CONFLICT (account) DO UPDATE SET successor = excluded.successor, at = excluded.at, by = excluded.by
                """)
            try workspace.audit.record(.recordsHandedOver(from: account, to: successor), by: actor.principal, at: now, in: transaction)
            try Design.touch(in: transaction, entropy: workspace.entropy)
        }
    }

    /// Who answers for what `author` made: they themselves, or who took over, also from one who took over. Nil where that is no person.
    package func keeper(of author: Author, by actor: Actor) async throws -> AccountID? {
        guard let account = author.account else { return nil }
        return try await workspace.read(by: actor) { _, design in design.keeper(of: account) }
    }

    static func all(from reader: any Reader) throws -> [AccountID: AccountID] {
        let rows = try reader.rows("SELECT account, successor FROM handover")
        return try Dictionary(rows.map { (try $0.get(0), try $0.get(1)) }) { first, _ in first }
    }
}

extension Design {
    /// At the end of the chain of successors.
    func keeper(of account: AccountID) -> AccountID {
        var keeper = account
        var passed: Set<AccountID> = []
        // Rows can't make a circle, but nothing here may turn for ever.
        while passed.insert(keeper).inserted, let next = successors[keeper] { keeper = next }
        return keeper
    }
}
