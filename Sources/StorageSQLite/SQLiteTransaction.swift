import Storage

/// What a closure reads and writes through. Dead after the closure.
final class SQLiteTransaction: Transaction {
    private var connection: Connection?
    private let writes: Bool
    /// Whether any statement that can write was run.
    private(set) var hasWritten = false

    var dialect: Dialect { .sqlite }

    init(_ connection: Connection, writes: Bool) {
        self.connection = connection
        self.writes = writes
    }

    func end() { connection = nil }

    func each(_ sql: SQL, _ body: (Row) throws -> Void) throws {
        let statement = try statement(sql)
        try statement.each(sql.parts, body)
    }

    @discardableResult
    func run(_ sql: SQL) throws -> Int {
        let statement = try statement(sql)
        return try statement.run(sql.parts)
    }

    private func statement(_ sql: SQL) throws -> Statement {
        guard let connection else { throw StorageError.closed }
        let statement = try connection.statement(sql)
        if !statement.isReadOnly {
            guard writes else { throw StorageError.failed("a write inside a read") }
            hasWritten = true
        }
        return statement
    }
}
