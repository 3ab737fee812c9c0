import Storage

/// What a closure reads and writes through. Dead after the closure, and after a statement that failed.
final class PostgresTransaction: Transaction {
    private var session: Session?
    private let writes: Bool
    /// Whether any statement that can write was sent.
    private(set) var hasWritten = false
    /// Whether anything was sent at all, and with it what was queued before.
    private(set) var hasSent = false
    /// Why nothing more is accepted.
    private(set) var failure: (any Error)?

    var dialect: Dialect { .postgres }

    init(_ session: Session, writes: Bool) {
        self.session = session
        self.writes = writes
    }

    func end() { session = nil }

    func each(_ sql: SQL, _ body: (Row) throws -> Void) throws {
        let (session, statement) = try admit(sql)
        var callersOwn: (any Error)?
        try noting(unless: { callersOwn != nil }) {
            try session.each(statement, sql) { row in
                do {
                    try body(row)
                } catch {
                    callersOwn = error
                    throw error
                }
            }
        }
    }

    func rows(_ sql: SQL) throws -> [Row] {
        let (session, statement) = try admit(sql)
        return try noting { try session.run(statement, sql).rows }
    }

    func row(_ sql: SQL) throws -> Row? {
        let (session, statement) = try admit(sql)
        return try noting { try session.run(statement, sql, limit: 1).rows.first }
    }

    @discardableResult
    func run(_ sql: SQL) throws -> Int {
        let (session, statement) = try admit(sql)
        return try noting { try session.run(statement, sql).changed }
    }

    func insert(_ rows: [[Value]], into table: SQLName, _ columns: [SQLName]) throws {
        guard !rows.isEmpty else { return }
        let session = try admit()
        (hasSent, hasWritten) = (true, true)
        try noting { try session.copy(rows, into: table, columns) }
    }

    private func admit() throws -> Session {
        guard let session else { throw StorageError.closed }
        if let failure { throw contracts(failure) }
        return session
    }

    private func admit(_ sql: SQL) throws -> (Session, Statement) {
        let session = try admit()
        let statement = session.statement(of: sql)
        if statement.isReserved {
            let error = StorageError.failed("\(statement.keyword) is the engine's own business")
            failure = error
            throw error
        }
        hasSent = true
        if statement.canWrite { hasWritten = true }
        return (session, statement)
    }

    private func noting<T>(unless isCallersOwn: () -> Bool = { false }, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch {
            if isCallersOwn() { throw error }
            failure = error
            throw contracts(error)
        }
    }

    private func contracts(_ error: any Error) -> any Error {
        guard let error = error as? ServerError else { return error }
        return !writes && error.state == "25006" ? StorageError.failed("a write inside a read") : error.storageError
    }
}
