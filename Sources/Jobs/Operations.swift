import Storage
import Vocabulary

/// The operations of one database.
///
/// ```swift
/// let operation = try await operations.start("import", total: rows, by: principal)
/// try await operations.perform(operation.id) { progress in
///     for batch in batches {
///         try await progress.checkpoint()
///         try await database.write { transaction in
///             try insert(batch, in: transaction)
///             try progress.advance(to: batch.end, in: transaction)
///         }
///     }
///     return ["imported": .integer(count)]
/// }
/// ```
package struct Operations: Sendable {
    let database: any Database
    let clock: any Clock
    let entropy: any Entropy
    let board: OperationBoard

    package init(database: any Database, clock: any Clock, entropy: any Entropy, board: OperationBoard) {
        self.database = database
        self.clock = clock
        self.entropy = entropy
        self.board = board
    }

    package static let migrations: [Migration] = [
        Migration("jobs_0001_operation") { dialect in
            let table: SQL =
                switch dialect {
                case .sqlite:
                    """
                    CREATE TABLE operation (
                        id TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, done INTEGER NOT NULL, total INTEGER, message TEXT NOT NULL, result TEXT,
                        cancelling INTEGER NOT NULL, started_by TEXT NOT NULL, run TEXT NOT NULL, created_at INTEGER NOT NULL, finished_at INTEGER
                    ) STRICT
                    """
                case .postgres:
                    """
                    CREATE TABLE operation (
                        id TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, done BIGINT NOT NULL, total BIGINT, message TEXT NOT NULL, result TEXT,
                        cancelling BIGINT NOT NULL, started_by TEXT NOT NULL, run TEXT NOT NULL, created_at BIGINT NOT NULL, finished_at BIGINT
                    )
                    """
                }
            return [table, "CREATE INDEX operation_unfinished ON operation (state) WHERE state IN ('queued', 'running')"]
        }
    ]

    /// Writes down a new operation, queued.
    package func start(_ kind: String, total: Int? = nil, message: String = "", by principal: Principal) async throws -> Operation {
        try await meet()
        return try await database.write { try start(kind, total: total, message: message, by: principal, in: $0) }
    }

    /// The same inside a transaction, beside the change that belongs to it.
    package func start(_ kind: String, total: Int? = nil, message: String = "", by principal: Principal, in transaction: any Transaction)
        throws -> Operation
    {
        let now = clock.now()
        let id = OperationID(at: now, entropy: entropy)
        let row = try transaction.row(
            """
            INSERT INTO operation (id, kind, state, done, total, message, cancelling, started_by, run, created_at)
            VALUES (\(id), \(kind), 'queued', 0, \(total), \(message), 0, \(Operation.starter(principal)), \(board.run), \(now)) RETURNING \(Operation.columns)
            """)
        guard let row else { throw StorageError.failed("an operation was not written") }
        return try Operation(row)
    }

    /// - Throws: ``Refusal`` `not-found`
    package func find(_ id: OperationID) async throws -> Operation {
        try await meet()
        guard let operation = try await database.read({ try Self.find(id, in: $0) }) else { throw Refusal.notFound("operation") }
        return operation
    }

    /// Newest first. `before` continues after the last one of a page, `after` gives those right before its first one.
    ///
    /// - Parameter condition: on the columns of `operation`, for whoever doesn't see all.
    package func list(
        kind: String? = nil, where condition: SQL? = nil, before: OperationID? = nil, after: OperationID? = nil, limit: Int = 50
    ) async throws -> [Operation] {
        try await meet()
        var conditions: [SQL] = ["1 = 1"]
        if let kind { conditions.append("kind = \(kind)") }
        if let condition { conditions.append(condition) }
        if let before { conditions.append("id < \(before)") }
        if let after { conditions.append("id > \(after)") }
        let order: SQL = after == nil ? "DESC" : "ASC"
        let sql: SQL =
            "SELECT \(Operation.columns) FROM operation WHERE \(conditions.joined(" AND ")) ORDER BY id \(order) LIMIT \(max(1, min(limit, 501)))"
        let found = try await database.read { try $0.rows(sql).map(Operation.init) }
        return after == nil ? found : found.reversed()
    }

    /// Asks an operation to stop. A queued one ends at once, a running one when it next looks.
    /// - Throws: ``Refusal`` `not-found`, `operation-finished`.
    @discardableResult
    package func cancel(_ id: OperationID) async throws -> Operation {
        let now = clock.now()
        let operation = try await database.write { transaction in
            guard let found = try Self.find(id, in: transaction) else { throw Refusal.notFound("operation") }
            guard !found.state.isFinal else {
                throw Refusal.conflict("operation-finished", "This is finished already and can't be stopped any more.")
            }
            if found.state == .queued {
                try transaction.run(
                    "UPDATE operation SET state = 'cancelled', cancelling = 1, message = 'Stopped.', finished_at = \(now) WHERE id = \(id)")
            } else {
                try transaction.run("UPDATE operation SET cancelling = 1 WHERE id = \(id)")
            }
            return try Self.find(id, in: transaction) ?? found
        }
        announce(id)
        return operation
    }

    /// Ends what an earlier run of the program left unfinished. Operations of a kind in `resumable` become queued again and are returned;
    /// the others become failed, and say so.
    ///
    /// Done without resuming anything when this run first meets a database, unless it was called before: databases are opened on demand.
    /// What a run on another node is still at is left to it.
    @discardableResult
    package func recover(resumable: Set<String> = []) async throws -> [Operation] {
        _ = board.meets(database.name)
        let (now, run) = (clock.now(), board.run)
        let runs = try await database.read { reader in
            try reader.rows("SELECT DISTINCT run FROM operation WHERE state IN ('queued', 'running') AND run <> \(run)").map {
                try $0.get(0, as: String.self)
            }
        }
        var ended: [String] = []
        for other in runs where try await !board.isAtWork(other) { ended.append(other) }
        guard !ended.isEmpty else { return [] }
        return try await database.write { [ended] transaction in
            // Of several nodes that come here at once, the first makes them its own.
            let left = try ended.flatMap { run in
                try transaction.rows(
                    "SELECT \(Operation.columns) FROM operation WHERE state IN ('queued', 'running') AND run = \(run) ORDER BY id"
                ).map(Operation.init)
            }
            var resumed: [Operation] = []
            for operation in left {
                if operation.isCancelling {
                    try transaction.run(
                        "UPDATE operation SET state = 'cancelled', message = 'Stopped.', finished_at = \(now) WHERE id = \(operation.id)")
                } else if resumable.contains(operation.kind) {
                    try transaction.run("UPDATE operation SET state = 'queued', run = \(run) WHERE id = \(operation.id)")
                    if let row = try Self.find(operation.id, in: transaction) { resumed.append(row) }
                } else {
                    try transaction.run(
                        "UPDATE operation SET state = 'failed', message = \(Self.interrupted), finished_at = \(now) WHERE id = \(operation.id)"
                    )
                }
            }
            return resumed
        }
    }

    private func meet() async throws {
        if board.meets(database.name) { try await recover() }
    }

    static let interrupted = "The server stopped while this was running. What was finished before is kept; start it again for the rest."

    static func find(_ id: OperationID, in reader: any Reader) throws -> Operation? {
        try reader.row("SELECT \(Operation.columns) FROM operation WHERE id = \(id)").map(Operation.init)
    }

    /// Tells watchers that something changed. For work that writes its own progress.
    package func announce(_ id: OperationID) { board.announce(.init(database: database.name, id: id)) }
}
