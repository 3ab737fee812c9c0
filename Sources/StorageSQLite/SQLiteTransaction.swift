import Storage

/// What a closure reads and writes through. Dead after the closure.
final class SQLiteTransaction: Transaction {
    private var connection: Connection?
    private let writes: Bool
    /// Whether any statement that can write was run.
    private(set) var hasWritten = false
    /// Why nothing more is accepted.
    private(set) var failure: (any Error)?

    var dialect: Dialect { .sqlite }

    init(_ connection: Connection, writes: Bool) {
        self.connection = connection
        self.writes = writes
    }

    func end() { connection = nil }

    func each(_ sql: SQL, _ body: (Row) throws -> Void) throws {
        let statement = try statement(sql)
        var callersOwn: (any Error)?
        do {
            try statement.each(sql.parts) { row in
                do {
                    try body(row)
                } catch {
                    callersOwn = error
                    throw error
                }
            }
        } catch {
            if callersOwn == nil { failure = error }
            throw error
        }
    }

    @discardableResult
    func run(_ sql: SQL) throws -> Int {
        let statement = try statement(sql)
        return try noting { try statement.run(sql.parts) }
    }

    private func statement(_ sql: SQL) throws -> Statement {
        guard let connection else { throw StorageError.closed }
        if let failure { throw failure }
        let statement = try noting { try connection.statement(sql) }
        if !statement.isReadOnly {
            guard writes else { throw StorageError.failed("a write inside a read") }
            hasWritten = true
        }
        return statement
    }

    private func noting<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch {
            failure = error
            throw error
        }
    }
}
