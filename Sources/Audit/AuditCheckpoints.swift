import Ledger
import Storage
import Vocabulary

/// Signs what the log holds, and proves from it.
///
/// Before a root is signed, the entries since the last checkpoint are read again and hashed: a log that was tampered with gets no
/// signature, and ``sign()`` throws ``AuditFault``.
package struct AuditCheckpoints: Sendable {
    let database: any Database
    private let clock: any Clock
    private let signer: NoteSigner

    /// The log's name in its checkpoints, which is also its key's: `holdfast.example/audit/control`.
    package var origin: String { signer.key.name }
    /// The key that verifies, to be handed out.
    package var key: NoteKey { signer.key }

    /// Nil where `origin` is unfit for a key name or `seed` is not 32 bytes.
    package init?(database: any Database, origin: String, seed: Secret, clock: any Clock) {
        guard let signer = NoteSigner(name: origin, seed: seed) else { return nil }
        self.database = database
        self.clock = clock
        self.signer = signer
    }

    /// A signed state of the log.
    package struct Signed: Sendable, Hashable {
        package let checkpoint: Checkpoint
        package let at: Instant
        package let note: String
    }

    /// Vouches for everything written so far. Returns the newest checkpoint there is when nothing was added; nil for an empty log.
    @discardableResult
    package func sign() async throws -> Signed? {
        let key = signer.key
        let draft = try await database.read { try AuditDraft(reader: $0, key: key) }
        guard draft.frontier.size > draft.last?.checkpoint.size ?? 0 else { return draft.last }
        let checkpoint = Checkpoint(origin: origin, size: draft.frontier.size, root: draft.frontier.root)
        let signed = Signed(checkpoint: checkpoint, at: clock.now(), note: try checkpoint.sign(with: signer).description)
        try await database.write { transaction in
            for tile in draft.tiles {
                try transaction.run(
                    """
                    INSERT INTO audit_tile (level, place, hashes) VALUES (\(tile.place.level), \(Int64(tile.place.index)), \(tile.bytes))
                    ON CONFLICT (level, place) DO NOTHING
                    """)
            }
            try transaction.run(
                """
                INSERT INTO audit_checkpoint (size, at, hashes, note)
                VALUES (\(Int64(checkpoint.size)), \(signed.at), \(draft.frontier.bytes), \(signed.note))
                ON CONFLICT (size) DO NOTHING
                """)
        }
        return signed
    }

    /// Checkpoints, newest first.
    package func list(limit: Int = 50) async throws -> [Signed] {
        try await database.read { reader in
            try reader.rows("SELECT at, note FROM audit_checkpoint ORDER BY size DESC LIMIT \(limit)").compactMap(Self.signed)
        }
    }

    package func newest() async throws -> Signed? { try await list(limit: 1).first }

    /// What an entry's reader needs to check it against a checkpoint that somebody else keeps.
    package struct Proof: Sendable {
        package let entry: AuditEntry
        package let inclusion: InclusionProof
        package let checkpoint: Signed
    }

    /// Proves one entry under the newest checkpoint, signing a new one where the entry is younger. Nil where there is no such entry.
    package func prove(_ seq: UInt64) async throws -> Proof? {
        var newest = try await newest()
        if newest?.checkpoint.size ?? 0 <= seq { newest = try await sign() }
        guard let newest, seq < newest.checkpoint.size, let entry = try await AuditEntries(database: database).entry(seq) else {
            return nil
        }
        let proof = try await database.read { reader in
            var tree = AuditTree(reader: reader)
            return try tree.inclusion(of: seq, in: newest.checkpoint.size)
        }
        return proof.map { Proof(entry: entry, inclusion: $0, checkpoint: newest) }
    }

    /// Shows that the log grew from an older checkpoint and nothing before it changed. Nil where it is shorter now.
    package func consistency(from size: UInt64, to newSize: UInt64) async throws -> ConsistencyProof? {
        try await database.read { reader in
            guard newSize <= (try AuditLog.frontier(in: reader).size) else { return nil }
            var tree = AuditTree(reader: reader)
            return try tree.consistency(from: size, to: newSize)
        }
    }

    static func signed(_ row: Row) throws -> Signed? {
        let note: String = try row.get("note")
        guard let parsed = try? SignedNote(parsing: note), let checkpoint = try? Checkpoint(text: parsed.text) else { return nil }
        return Signed(checkpoint: checkpoint, at: try row.get("at"), note: note)
    }
}
