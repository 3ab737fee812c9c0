import Storage
import Vocabulary

/// One trial whether an environment could be restored, and what it took.
package struct Drill: Sendable, Hashable {
    package let environment: EnvironmentID
    package let at: Instant
    /// The moment that was restored.
    package let moment: Instant
    package let generation: UInt32
    package let commit: UInt64
    /// Why it failed; nil where it passed.
    package let failure: String?
    /// What would have been lost if everything but the backups had burned down just then.
    package let exposure: Duration
    /// From the order to a database that answers.
    package let took: Duration
    package let records: Int
    /// Of the restored file, in bytes.
    package let size: UInt64

    package var passed: Bool { failure == nil }

    package static let migrations: [Migration] = [
        Migration("recovery_0001_drill") { dialect in
            let (big, tail): (SQL, SQL) = dialect == .sqlite ? ("INTEGER", " STRICT") : ("BIGINT", "")
            return [
                """
                CREATE TABLE restore_drill (
                    environment TEXT NOT NULL, at \(big) NOT NULL, moment \(big) NOT NULL, generation \(big) NOT NULL, commit_entry \(big) NOT NULL,
                    failure TEXT, exposure_us \(big) NOT NULL, took_us \(big) NOT NULL, records \(big) NOT NULL, bytes \(big) NOT NULL,
                    PRIMARY KEY (environment, at)
                )\(tail)
                """
            ]
        }
    ]

    static let columns: SQL = "environment, at, moment, generation, commit_entry, failure, exposure_us, took_us, records, bytes"

    init(_ row: Row) throws {
        self.init(
            environment: try row.get(0), at: try row.get(1), moment: try row.get(2),
            generation: UInt32(clamping: try row.get(3, as: Int64.self)),
            commit: UInt64(clamping: try row.get(4, as: Int64.self)), failure: try row.get(5),
            exposure: .microseconds(try row.get(6, as: Int64.self)), took: .microseconds(try row.get(7, as: Int64.self)),
            records: try row.get(8), size: UInt64(clamping: try row.get(9, as: Int64.self)))
    }

    package init(
        environment: EnvironmentID, at: Instant, moment: Instant, generation: UInt32, commit: UInt64, failure: String?, exposure: Duration,
        took: Duration, records: Int, size: UInt64
    ) {
        self.environment = environment
        self.at = at
        self.moment = moment
        self.generation = generation
        self.commit = commit
        self.failure = failure
        self.exposure = exposure
        self.took = took
        self.records = records
        self.size = size
    }

    func insert(in transaction: any Transaction) throws {
        try transaction.run(
            """
            INSERT INTO restore_drill (\(Self.columns))
            VALUES (\(environment), \(at), \(moment), \(Int64(generation)), \(Int64(clamping: commit)), \(failure), \(exposure.microseconds),
                \(took.microseconds), \(records), \(Int64(clamping: size)))
            """)
    }
}
