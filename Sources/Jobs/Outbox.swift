import Cluster
import Sealing
import Storage
import Vocabulary

/// Jobs written in the transaction of the change that they follow from.
///
/// ```swift
/// try await database.write { transaction in
///     try invitations.insert(invitation, in: transaction)
///     try outbox.add(.mail(message), in: transaction, at: now)
/// }
/// ```
package struct Outbox: Sendable {
    package let owner: KeyOwner
    let bell = Bell()
    private let keyring: Keyring
    private let entropy: any Entropy

    /// The outbox of `owner`'s database; its payloads are sealed with that owner's key.
    package init(of owner: KeyOwner, keyring: Keyring, entropy: any Entropy) {
        self.owner = owner
        self.keyring = keyring
        self.entropy = entropy
    }

    package static let migrations: [Migration] = [
        Migration("jobs_0001_outbox") { dialect in
            let table: SQL =
                switch dialect {
                case .sqlite:
                    """
                    CREATE TABLE outbox (
                        id TEXT PRIMARY KEY, kind TEXT NOT NULL, once TEXT UNIQUE, payload BLOB NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL,
                        due_at INTEGER NOT NULL, expires_at INTEGER, created_at INTEGER NOT NULL, settled_at INTEGER, reason TEXT
                    ) STRICT
                    """
                case .postgres:
                    """
                    CREATE TABLE outbox (
                        id TEXT PRIMARY KEY, kind TEXT NOT NULL, once TEXT UNIQUE, payload BYTEA NOT NULL, state TEXT NOT NULL, attempts BIGINT NOT NULL,
                        due_at BIGINT NOT NULL, expires_at BIGINT, created_at BIGINT NOT NULL, settled_at BIGINT, reason TEXT
                    )
                    """
                }
            return [
                table, "CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'waiting'",
                "CREATE INDEX outbox_settled ON outbox (settled_at) WHERE state <> 'waiting'",
            ]
        }
    ]

    /// Adds a job; it is carried soon after the transaction commits. Returns its identifier, or nil if `once` was there before.
    /// - Throws: ``Refusal`` `sealed`
    @discardableResult
    package func add(_ job: OutboxJob, in transaction: any Transaction, at instant: Instant) throws -> String? {
        let id = ID<OutboxJob>(at: instant, entropy: entropy).description
        let payload = try sealer().seal(Secret(job.payload.bytes), context: context(id))
        let added = try transaction.run(
            """
            INSERT INTO outbox (id, kind, once, payload, state, attempts, due_at, expires_at, created_at)
            VALUES (\(id), \(job.kind), \(job.once), \(payload), 'waiting', 0, \(instant), \(job.expiresAt), \(instant)) ON CONFLICT (once) DO NOTHING
            """)
        // Only a hint to look soon. If the transaction is not kept, nothing is found.
        bell.ring()
        return added > 0 ? id : nil
    }

    func open(_ sealed: [UInt8], id: String) throws -> JSONValue {
        try sealer().open(sealed, context: context(id)).withBytes { try JSONReader.read($0) }
    }

    private func sealer() throws -> Sealer { try keyring.sealer(for: owner, purpose: .mail) }
    private func context(_ id: String) -> SealingContext { SealingContext(owner, object: "outbox/\(id)") }
}
