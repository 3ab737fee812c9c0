import Crypto
import Storage
import Vocabulary

/// What a client sends as `Idempotency-Key`, together with a digest of the request that it stands for.
package struct IdempotencyKey: Sendable, Hashable {
    package let key: String
    package let digest: String

    /// - Parameter request: method, path and body, or whatever else makes two requests the same.
    package init(_ key: String, request: [UInt8]) throws {
        guard (1...200).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Refusal.invalid("idempotency-key", "An Idempotency-Key is 1 to 200 visible ASCII characters.", field: "Idempotency-Key")
        }
        self.key = key
        digest = SHA256.hash(data: request).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
    }
}

/// Requests that were done already, so that a repeated one makes nothing twice. Written in the transaction of what they did.
struct IdempotencyKeys {
    let transaction: any Transaction

    static let life = Duration.hours(24)

    static let migrations: [Migration] = [
        Migration("records_0005_idempotency") { dialect in
            let tail: SQL = dialect == .sqlite ? " STRICT, WITHOUT ROWID" : ""
            let moment: SQL = dialect == .sqlite ? "INTEGER" : "BIGINT"
            return [
                """
                CREATE TABLE idempotency_key (
                    principal TEXT NOT NULL, request_key TEXT NOT NULL, digest TEXT NOT NULL, record TEXT NOT NULL, expires_at \(moment) NOT NULL,
                    PRIMARY KEY (principal, request_key)
                )
                """ + tail,
                "CREATE INDEX idempotency_key_by_expiry ON idempotency_key (expires_at)",
            ]
        }
    ]

    /// The record that this request made before; nil if it is new.
    /// - Throws: `Refusal` if the key was used for another request.
    func record(for key: IdempotencyKey, of actor: Actor, at now: Instant) throws -> RecordID? {
        let row = try transaction.row(
            """
            SELECT digest, record FROM idempotency_key
            WHERE principal = \(Author(actor.principal).text) AND request_key = \(key.key) AND expires_at > \(now)
            """)
        guard let row else { return nil }
        guard try row.get(0, as: String.self) == key.digest else {
            throw Refusal.invalid(
                "idempotency-key-reused", "This Idempotency-Key was used for another request. Use a new one.", field: "Idempotency-Key")
        }
        return try row.get(1)
    }

    func remember(_ key: IdempotencyKey, of actor: Actor, record: RecordID, at now: Instant) throws {
        try transaction.run("DELETE FROM idempotency_key WHERE expires_at <= \(now)")
        try transaction.run(
            """
            INSERT INTO idempotency_key (principal, request_key, digest, record, expires_at)
            VALUES (\(Author(actor.principal).text), \(key.key), \(key.digest), \(record), \(now + Self.life))
            """)
    }
}
