import Ledger
import Storage
import Vocabulary

/// Writes the audit log of whatever database a transaction belongs to.
///
/// ``record(_:by:at:in:)`` is called inside the transaction that makes the change: if the event can't be written, the
/// change is not made. Entries are numbered by the tree's size, so a transaction that is taken back leaves no gap.
package struct AuditLog: Sendable {
    private let watch: (any AuditWatch)?

    /// - Parameter watch: is told of each event.
    package init(watch: (any AuditWatch)? = nil) { self.watch = watch }

    package func record(_ event: AuditEvent, by principal: Principal, at instant: Instant, in transaction: any Transaction) throws {
        try record([event], by: principal, at: instant, in: transaction)
    }

    /// Several events of one change, in order, for the price of one tree update.
    package func record(_ events: [AuditEvent], by principal: Principal, at instant: Instant, in transaction: any Transaction) throws {
        guard !events.isEmpty else { return }
        var frontier = try Self.frontier(in: transaction, forUpdate: true)
        let before = frontier.size
        let actor = AuditBody.actor(principal)
        for event in events {
            let body = AuditBody.text(seq: frontier.size, event: event, by: principal, at: instant)
            try transaction.run(
                """
                INSERT INTO audit_entry (seq, at, event, actor, body)
                VALUES (\(Int64(frontier.size)), \(instant), \(event.entry.name), \(actor), \(body))
                """)
            frontier.append(.leaf(body))
        }
        let moved = try transaction.run(
            "UPDATE audit_frontier SET size = \(Int64(frontier.size)), hashes = \(frontier.bytes) WHERE id = 1 AND size = \(Int64(before))")
        guard moved == 1 else { throw StorageError.failed("the audit log's tree was not moved") }
        if let watch { for event in events { try watch.saw(event, by: principal, at: instant, in: transaction) } }
    }

    /// What a log's entries amount to.
    package struct Head: Sendable, Hashable {
        package let size: UInt64
        package let root: TreeHash
    }

    package static func head(of database: any Database) async throws -> Head {
        try await database.read { reader in
            let frontier = try frontier(in: reader)
            return Head(size: frontier.size, root: frontier.root)
        }
    }

    /// The tree's right edge as the database holds it.
    static func frontier(in reader: any Reader, forUpdate: Bool = false) throws -> Frontier {
        let row: Row?
        if forUpdate, reader.dialect == .postgres {
            row = try reader.row("SELECT size, hashes FROM audit_frontier WHERE id = 1 FOR UPDATE")
        } else {
            row = try reader.row("SELECT size, hashes FROM audit_frontier WHERE id = 1")
        }
        guard let row, let size = UInt64(exactly: try row.get(0, as: Int64.self)),
            let frontier = Frontier(size: size, bytes: try row.get(1))
        else {
            throw StorageError.failed("the audit log's tree is missing or broken")
        }
        return frontier
    }
}
