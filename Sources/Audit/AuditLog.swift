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

    /// The same for asynchronous functions. A `TreeHash` is aligned to 32 bytes, and what they keep on their stack to 16: with one in their frames
    /// they may free another piece than they took, which ends the process.
    package struct Portable: Sendable, Hashable {
        package let size: UInt64
        package let root: [UInt8]
    }

    package static func head(of database: any Database) async throws -> Head {
        try await database.read { reader in
            let frontier = try frontier(in: reader)
            return Head(size: frontier.size, root: frontier.root)
        }
    }

    /// What the log's first `size` entries amount to, from its tiles and bodies. Nil where there are not so many.
    package static func head(at size: UInt64, in reader: any Reader) throws -> Portable? {
        guard try frontier(in: reader).size >= size else { return nil }
        var tree = AuditTree(reader: reader)
        var subtrees: [TreeHash] = []
        var begin: UInt64 = 0
        for level in (0..<64).reversed() where size & (1 << UInt64(level)) != 0 {
            subtrees.append(try tree.node(level: level, index: begin >> UInt64(level)))
            begin += 1 << UInt64(level)
        }
        return Frontier(size: size, subtrees: subtrees).map { Portable(size: size, root: $0.root.bytes) }
    }

    package static func head(in reader: any Reader) throws -> Portable {
        let frontier = try frontier(in: reader)
        return Portable(size: frontier.size, root: frontier.root.bytes)
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
