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

extension Archive {
    /// Whether the archive still has what it had at a position; nothing is said of what was pruned since.
    ///
    /// - Throws: ``ArchiveFault`` `.stale`, `.rewritten`, and what reading finds.
    package func expect(_ position: ArchivePosition) async throws {
        let catalogue = try await catalogue()
        guard let generation = catalogue.generations.first(where: { $0.opening.generation == position.generation }) else {
            // Pruned whole, unless there is nothing later.
            guard catalogue.newest.map({ $0.opening.generation > position.generation }) ?? false else {
                throw ArchiveFault.stale(expected: position, newest: 0)
            }
            return
        }
        guard position.ordinal > 0 else {
            if generation.opening.start != position { throw ArchiveFault.rewritten(position) }
            return
        }
        guard let segment = generation.segments(from: position.ordinal).first, segment.first <= position.ordinal else { return }
        var reading = try await SegmentReading(segment, in: store, opening: generation.opening)
        while let entry = try await reading.next() {
            guard entry.ordinal == position.ordinal else { continue }
            if entry.hash != position.hash { throw ArchiveFault.rewritten(position) }
            return
        }
        // Behind the last entry of that segment: pruned, where others follow.
        if generation.segments.last == segment { throw ArchiveFault.stale(expected: position, newest: reading.position.ordinal) }
    }
}
