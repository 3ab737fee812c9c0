import Audit
import Storage
import Vocabulary

/// Positions that archives have had, written to the platform's audit log: an archive alone can't tell that it was put back to an older state or
/// written anew, and a log whose checkpoints are published can.
package struct BackupAnchors: Sendable {
    package static let migrations: [Migration] = [
        Migration("backup_0001_anchors") { dialect in
            let (integer, strict): (SQL, SQL) = dialect == .sqlite ? ("INTEGER", " STRICT") : ("BIGINT", "")
            return [
                """
                CREATE TABLE backup_anchor (
                    database TEXT NOT NULL, destination TEXT NOT NULL, generation \(integer) NOT NULL, ordinal \(integer) NOT NULL, chain TEXT NOT NULL,
                    at \(integer) NOT NULL, PRIMARY KEY (database, destination)
                )\(strict)
                """
            ]
        }
    ]

    /// How often a position is noted where anything changed.
    private static let interval = Duration.days(1)

    private let control: any Database
    private let clock: any Clock
    private let audit: AuditLog

    package init(_ control: any Database, clock: any Clock, audit: AuditLog) {
        self.control = control
        self.clock = clock
        self.audit = audit
    }

    /// Notes where an archive is, unless it was noted within the last day or nothing changed since.
    package func note(_ position: ArchivePosition, of database: DatabaseName, at destination: String, by principal: Principal) async throws
    {
        if let (known, at) = try await newest(of: database, at: destination), known == position || at + Self.interval > clock.now() {
            return
        }
        let now = clock.now()
        try await control.write { [audit] transaction in
            try transaction.run(
                """
                INSERT INTO backup_anchor (database, destination, generation, ordinal, chain, at)
                VALUES (\("\(database)"), \(destination), \(Int(position.generation)), \(Int(clamping: position.ordinal)), \("\(position.hash)"), \(now))
                ON CONFLICT (database, destination) DO UPDATE SET generation = excluded.generation, ordinal = excluded.ordinal,
                    chain = excluded.chain, at = excluded.at
                """)
            try audit.record(
                .backupAnchored(
                    database: "\(database)", destination: destination, generation: Int(position.generation),
                    ordinal: Int(clamping: position.ordinal), chain: "\(position.hash)"), by: principal, at: now, in: transaction)
        }
    }

    /// The position that was noted last, and when.
    package func newest(of database: DatabaseName, at destination: String) async throws -> (position: ArchivePosition, at: Instant)? {
        try await control.read { reader in
            guard
                let row = try reader.row(
                    "SELECT generation, ordinal, chain, at FROM backup_anchor WHERE database = \("\(database)") AND destination = \(destination)"
                ),
                let hash = ChainHash(try row.get(2, as: String.self))
            else { return nil }
            let position = ArchivePosition(
                generation: UInt32(clamping: try row.get(0, as: Int.self)), ordinal: UInt64(clamping: try row.get(1, as: Int.self)),
                hash: hash)
            return (position, try row.get(3))
        }
    }
}
