import Storage
import Vocabulary

/// The invalidations of one database, numbered without gaps in the order of their commits.
///
/// The number is one row that each writer locks until it commits, so a reader that sees a number sees all before it.
package enum Invalidations {
    /// How many are kept. Whoever missed more forgets everything.
    static let kept: Int64 = 1000

    package static let migrations: [Migration] = [
        Migration("cluster_0001_invalidations") { dialect in
            let (number, strict): (SQL, SQL) = dialect == .sqlite ? ("INTEGER", " STRICT") : ("BIGINT", "")
            return [
                "CREATE TABLE epoch (id INTEGER PRIMARY KEY CHECK (id = 1), number \(number) NOT NULL)\(strict)",
                "INSERT INTO epoch (id, number) VALUES (1, 0)",
                "CREATE TABLE invalidation (number \(number) PRIMARY KEY, subject TEXT NOT NULL)\(strict)",
            ]
        }
    ]

    /// Writes one down; in force everywhere once the transaction committed, and not at all otherwise.
    package static func note(_ invalidation: Invalidation, in transaction: any Transaction) throws {
        let number = try transaction.value("UPDATE epoch SET number = number + 1 WHERE id = 1 RETURNING number", as: Int64.self)
        guard let number else { throw StorageError.failed("no epoch row") }
        try transaction.run("INSERT INTO invalidation (number, subject) VALUES (\(number), \(invalidation.description))")
        try transaction.run("DELETE FROM invalidation WHERE number = \(number - kept)")
        // Delivered at the commit. Only a hint to look soon: nothing depends on its arrival.
        if transaction.dialect == .postgres { try transaction.run("NOTIFY holdfast") }
    }

    /// The number now, and what came after `known`.
    static func since(_ known: Int64?, in reader: any Reader) throws -> (number: Int64, news: [Invalidation]) {
        guard let number = try reader.value("SELECT number FROM epoch WHERE id = 1", as: Int64.self) else {
            throw StorageError.failed("no epoch row")
        }
        guard known != number else { return (number, []) }
        // At the start there is nothing to forget, but it does no harm. A number that went back means another history.
        guard let known, known < number, number - known < kept else { return (number, [.everything]) }
        let rows = try reader.rows("SELECT subject FROM invalidation WHERE number > \(known) ORDER BY number")
        guard rows.count == Int(number - known) else { return (number, [.everything]) }
        return (number, try rows.map { Invalidation(try $0.get(0, as: String.self)) })
    }
}
