import ObjectStores
import Storage
import Vocabulary

/// A file with all of an environment as it was at a moment, or the try to make one.
package struct OwnCopy: Sendable, Hashable {
    /// Whom the file that is kept is sealed to.
    package enum Sealing: String, Sendable, Hashable {
        /// The environment's own key: it is sealed anew when it is fetched.
        case environment
        /// The customer's recipients: nobody else can open it, the platform neither.
        case recipients
    }

    package let id: OwnCopyID
    package let environment: EnvironmentID
    /// When it was begun.
    package let at: Instant
    /// The newest commit in it.
    package let commit: Int
    package let records: Int
    /// Of the database in it, in bytes.
    package let plainSize: UInt64
    /// As it is kept, in bytes.
    package let size: UInt64
    /// Of the file as it is kept, in hexadecimal digits.
    package let digest: String
    package let sealing: Sealing
    package let took: Duration
    /// Why there is none; nil where there is.
    package let failure: String?

    package static let migrations: [Migration] = [
        Migration("own_copies_0001") { dialect in
            let (big, tail): (SQL, SQL) = dialect == .sqlite ? ("INTEGER", " STRICT") : ("BIGINT", "")
            return [
                """
                CREATE TABLE own_copy (
                    id TEXT PRIMARY KEY, environment TEXT NOT NULL, at \(big) NOT NULL, commit_number \(big) NOT NULL, records \(big) NOT NULL,
                    plain_bytes \(big) NOT NULL, bytes \(big) NOT NULL, digest TEXT NOT NULL, sealing TEXT NOT NULL, took_us \(big) NOT NULL, failure TEXT
                )\(tail)
                """,
                "CREATE INDEX own_copy_by_environment ON own_copy (environment, at)",
                """
                CREATE TABLE own_copy_recipient (
                    environment TEXT NOT NULL, recipient TEXT NOT NULL, added_at \(big) NOT NULL, PRIMARY KEY (environment, recipient)
                )\(tail)
                """,
            ]
        }
    ]

    private static let columns: SQL =
        "id, environment, at, commit_number, records, plain_bytes, bytes, digest, sealing, took_us, failure"

    /// - Parameter condition: on the columns of `own_copy`.
    static func list(_ condition: SQL, in reader: any Reader) throws -> [OwnCopy] {
        try reader.rows("SELECT \(columns) FROM own_copy WHERE \(condition)").map { row in
            guard let sealing = Sealing(rawValue: try row.get(8)) else { throw StorageError.unexpectedColumn("own_copy.sealing") }
            return OwnCopy(
                id: try row.get(0), environment: try row.get(1), at: try row.get(2), commit: try row.get(3), records: try row.get(4),
                plainSize: UInt64(clamping: try row.get(5, as: Int64.self)), size: UInt64(clamping: try row.get(6, as: Int64.self)),
                digest: try row.get(7), sealing: sealing, took: .microseconds(try row.get(9, as: Int64.self)), failure: try row.get(10))
        }
    }

    func insert(in transaction: any Transaction) throws {
        try transaction.run(
            """
            INSERT INTO own_copy (\(Self.columns))
            VALUES (\(id), \(environment), \(at), \(commit), \(records), \(Int64(clamping: plainSize)), \(Int64(clamping: size)), \(digest),
                \(sealing.rawValue), \(took.microseconds), \(failure))
            """)
    }

    package init(
        id: OwnCopyID, environment: EnvironmentID, at: Instant, commit: Int = 0, records: Int = 0, plainSize: UInt64 = 0, size: UInt64 = 0,
        digest: String = "", sealing: Sealing, took: Duration, failure: String? = nil
    ) {
        (self.id, self.environment, self.at, self.commit, self.records) = (id, environment, at, commit, records)
        (self.plainSize, self.size, self.digest, self.sealing) = (plainSize, size, digest, sealing)
        (self.took, self.failure) = (took, failure)
    }

    /// Of the file, without what stands before the point: `acme-2026-11-22`.
    package func name(of label: String) -> String { "\(label)-\("\(at)".prefix(10)).db.age" }
}
