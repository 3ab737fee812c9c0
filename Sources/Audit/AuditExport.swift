import Ledger
import Storage
import Vocabulary

/// The log as one file that checks itself: JSON Lines, first what it is, then checkpoints, then entries.
///
///     {"checkpoints":1,"holdfast-audit":1,"key":"holdfast.example/audit/control+c74f20a3+ARpc…","origin":"holdfast.example/audit/control","size":41}
///     {"checkpoint":"holdfast.example/audit/control\n41\n…"}
///     {"actor":…}
///
/// An entry's line is its body, byte for byte, so its hash is the leaf. The last checkpoint covers all entries.
package struct AuditExport: Sendable {
    static let chunk = 1000

    private let database: any Database
    private let checkpoints: AuditCheckpoints

    package init(database: any Database, checkpoints: AuditCheckpoints) {
        self.database = database
        self.checkpoints = checkpoints
    }

    /// Signs a fresh checkpoint, then hands over the file piece by piece, whole lines each.
    package func write(_ emit: (String) async throws -> Void) async throws {
        let size = try await checkpoints.sign()?.checkpoint.size ?? 0
        let notes = try await database.read { reader in
            try reader.rows("SELECT note FROM audit_checkpoint WHERE size <= \(Int64(size)) ORDER BY size").map {
                try $0.get(0, as: String.self)
            }
        }
        let header: JSONValue = [
            "holdfast-audit": 1, "checkpoints": .integer(Int64(notes.count)), "key": .string(checkpoints.key.description),
            "origin": .string(checkpoints.origin), "size": .integer(Int64(size)),
        ]
        try await emit(header.text + "\n")
        for note in notes {
            let line: JSONValue = ["checkpoint": .string(note)]
            try await emit(line.text + "\n")
        }
        var next: UInt64 = 0
        while next < size {
            let start = Int64(next)
            let end = Int64(min(next + UInt64(Self.chunk), size))
            let bodies = try await database.read { reader in
                try reader.rows("SELECT body FROM audit_entry WHERE seq >= \(start) AND seq < \(end) ORDER BY seq").map {
                    try $0.get(0, as: String.self)
                }
            }
            guard bodies.count == Int(end - start) else { throw AuditFault.entryMissing(next) }
            try await emit(bodies.joined(separator: "\n") + "\n")
            next = UInt64(end)
        }
    }
}
