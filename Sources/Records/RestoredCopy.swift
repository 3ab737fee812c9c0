import Moving
import Storage
import Vocabulary

/// What a copy of an environment, put beside it, takes over of the rows at that moment, and what it has from today.
package struct RestoredCopy: Derivation {
    /// The rows that today decides: role definitions, and who took over from whom.
    package struct Rights: Sendable {
        fileprivate let roles: [[Value]]
        fileprivate let permissions: [[Value]]
        fileprivate let handovers: [[Value]]

        package init(in reader: any Reader) throws {
            roles = try reader.rows("SELECT name, label FROM role").map(\.values)
            permissions = try reader.rows("SELECT role, collection, permission FROM role_permission").map(\.values)
            handovers = try reader.rows("SELECT account, successor, at, by FROM handover").map(\.values)
        }
    }

    package init() {}

    /// The log, operations and everything that belongs to a run of work stay with the original; cursors of one environment mean nothing in another.
    package var tables: Set<String> {
        RecordDerivation().tables.union([
            "audit_entry", "audit_frontier", "audit_checkpoint", "audit_tile", "operation", "idempotency_key", "import_batch",
            "import_chunk", "import_refusal", "import_run", "import_upload", "design", "role", "role_permission", "handover",
        ])
    }

    package func follow(_ keys: [String: [RowKey]], in transaction: any Transaction) throws {
        try RecordDerivation().follow(keys, in: transaction)
    }

    package func counts(in reader: any Reader) throws -> [String: Int] { try RecordDerivation().counts(in: reader) }

    /// The last change before the copy is anybody's.
    package static func settle(_ rights: Rights, entropy: any Entropy, in transaction: any Transaction) throws {
        for table: SQLName in ["role_permission", "role", "handover"] { try transaction.run("DELETE FROM \(table)") }
        try transaction.insert(rights.roles, into: "role", ["name", "label"])
        try transaction.insert(rights.permissions, into: "role_permission", ["role", "collection", "permission"])
        try transaction.insert(rights.handovers, into: "handover", ["account", "successor", "at", "by"])
        try Design.touch(in: transaction, entropy: entropy)
    }
}
