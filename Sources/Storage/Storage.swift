// Storage: the contract that every engine keeps.
//
// It promises: bound-only SQL, snapshot reads, write transactions that are durable when they return,
// databases that appear whole or not at all, and errors from a closed list. It refuses to know which
// engine stands behind it, and no engine's type leaks through it. `Tests/Storage` holds every engine to it.
import Vocabulary

/// Which SQL an engine speaks, for the few places where the common subset does not reach.
package enum Dialect: Sendable, Hashable, CaseIterable {
    case sqlite
    case postgres
}

/// Names one database of an installation: `control`, `environment/<id>`, or `keyring` where several nodes share one.
package struct DatabaseName: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package static let control = DatabaseName(trusted: "control")
    package static let keyring = DatabaseName(trusted: "keyring")
    package static func environment(_ id: EnvironmentID) -> DatabaseName { DatabaseName(trusted: "environment/\(id)") }

    private init(trusted: String) { description = trusted }
}

/// Reads inside one snapshot. Valid only during the closure that it was passed to.
package protocol Reader {
    var dialect: Dialect { get }
    /// Calls `body` for each row, in order, without holding the whole result.
    func each(_ sql: SQL, _ body: (Row) throws -> Void) throws
    /// The whole result.
    func rows(_ sql: SQL) throws -> [Row]
    /// The first row.
    func row(_ sql: SQL) throws -> Row?
}

extension Reader {
    package func rows(_ sql: SQL) throws -> [Row] {
        var rows: [Row] = []
        try each(sql) { rows.append($0) }
        return rows
    }

    package func row(_ sql: SQL) throws -> Row? {
        var first: Row?
        try each(sql) { if first == nil { first = $0 } }
        return first
    }

    /// The first column of the first row.
    package func value<T: ColumnValue>(_ sql: SQL, as: T.Type = T.self) throws -> T? {
        try row(sql).flatMap { try $0.get(0, as: T?.self) }
    }
}

/// Reads and writes inside one transaction. Valid only during the closure that it was passed to.
package protocol Transaction: Reader {
    /// Runs one statement. Returns how many rows it changed.
    @discardableResult
    func run(_ sql: SQL) throws -> Int
    /// Puts rows in, each with a value for each of `columns`, as the engine does it fastest. Those that are there already are not replaced: that is an error.
    func insert(_ rows: [[Value]], into table: SQLName, _ columns: [SQLName]) throws
}

extension Transaction {
    package func insert(_ rows: [[Value]], into table: SQLName, _ columns: [SQLName]) throws {
        guard !columns.isEmpty else { return }
        let beginning: SQL = "INSERT INTO \(table) (\(columns.map { "\($0)" as SQL }.joined())) VALUES "
        let together = max(1, min(50, 2000 / columns.count))
        for start in stride(from: 0, to: rows.count, by: together) {
            var parts = beginning.parts
            for (number, row) in rows[start..<min(start + together, rows.count)].enumerated() {
                for (index, value) in row.enumerated() {
                    parts.append(.literal(index > 0 ? ", " : number > 0 ? "), (" : "("))
                    parts.append(.bind(value))
                }
            }
            parts.append(.literal(")"))
            try run(SQL(parts: parts))
        }
    }
}

/// A position in a database's history of commits; grows by at least one with each.
package struct CommitPosition: Hashable, Comparable, Sendable {
    package let sequence: UInt64
    package init(sequence: UInt64) { self.sequence = sequence }
    package static func < (left: Self, right: Self) -> Bool { left.sequence < right.sequence }
}

/// One database. A handle: cheap to keep, stays valid while the engine opens and closes what is behind it.
///
/// Closures are synchronous and **may run more than once** (a serialisation failure repeats them, a read that takes long is begun
/// again elsewhere), so they must have no effect outside the transaction, and must not wait for anything. They run on
/// the engine's own threads; only a read that is done at once may run on the caller's.
///
/// After a statement that failed, a closure's transaction accepts no more, and nothing of it is kept even where the closure goes on and returns.
package protocol Database: Sendable {
    var name: DatabaseName { get }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Reader) throws -> T) async throws -> T

    /// Returns after the commit is on disk. If `body` throws, nothing of it is kept and the error passes through.
    /// Throws ``StorageError`` `.inDoubt` where it can't be known whether the commit stands.
    @discardableResult
    func write<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) async throws -> T

    /// The newest durable commit.
    func position() async throws -> CommitPosition
}

/// Makes, opens and destroys databases.
package protocol Engine: Sendable {
    var dialect: Dialect { get }

    /// Makes a database with `schema`, runs `populate` in it, and publishes it: afterwards it exists whole, or not at all.
    /// - Throws: ``StorageError`` `.exists` if there is one already; whatever `populate` throws.
    func create(
        _ name: DatabaseName, key: Secret, schema: Schema,
        populate: @escaping @Sendable (any Transaction) throws -> Void
    ) async throws

    /// A handle on an existing database; brings it up to `schema` when it is first opened.
    ///
    /// `key` is asked each time the database is really opened, and not kept.
    /// - Throws: ``StorageError`` `.missing`, `.unreadable` (wrong key, foreign or corrupt file), `.newerSchema`.
    func open(_ name: DatabaseName, schema: Schema, key: @escaping @Sendable () throws -> Secret) async throws -> any Database

    /// Whether `name` exists.
    func exists(_ name: DatabaseName) async throws -> Bool

    /// Closes and removes a database. The caller destroys its key.
    func destroy(_ name: DatabaseName) async throws

    /// Finishes what runs, then closes everything. New work is refused with `.closed`.
    func shutdown() async
}
