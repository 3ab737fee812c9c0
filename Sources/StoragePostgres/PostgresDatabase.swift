import Storage
import Vocabulary

/// A handle on one database. The connections behind it come and go as needed.
struct PostgresDatabase: Database {
    let seat: Seat
    let engine: PostgresEngine
    let key: @Sendable () throws -> Secret

    var name: DatabaseName { seat.name }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Reader) throws -> T) async throws -> T {
        try seat.gate.enter()
        defer { seat.gate.leave() }
        if let result = await engine.quickly(seat, key: key, body) { return try result.get() }
        let arrived = ContinuousClock.now
        return try await engine.readers.run(lane: seat.lane) {
            guard ContinuousClock.now - arrived < engine.options.waitingMax else { throw StorageError.overloaded }
            return try engine.snapshot(seat, key: key, body)
        }
    }

    @discardableResult
    func write<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) async throws -> T {
        try seat.gate.enter()
        defer { seat.gate.leave() }
        return try await withUnsafeThrowingContinuation { continuation in
            engine.enqueue(Write(key: key, body: body, continuation: continuation), at: seat)
        }
    }

    func position() async throws -> CommitPosition {
        try await read { reader in
            let sequence = try reader.value("SELECT sequence FROM commit_position", as: Int64.self) ?? 0
            return CommitPosition(sequence: UInt64(clamping: sequence))
        }
    }
}

extension PostgresEngine {
    static let repeatsMax = 3

    /// Runs `body` in one snapshot: again on another connection where the first one broke, again where another's work was in its way, and again where it
    /// asks for more than it was expected to.
    func snapshot<T>(_ seat: Seat, key: () throws -> Secret, _ body: (PostgresTransaction) throws -> T) throws -> T {
        var attempt = 0
        var mayStandAlone = true
        while true {
            let (result, failure) = try connected(seat, fresh: attempt > 0, key: key) { session in
                session.beginSnapshot(mayStandAlone: mayStandAlone)
                let transaction = PostgresTransaction(session, writes: false)
                let result = Result { try body(transaction) }
                transaction.end()
                session.endSnapshot(succeeded: transaction.failure == nil)
                return (result, transaction.failure)
            }
            if failure is Session.BeginAgain {
                mayStandAlone = false
                continue
            }
            if let failure = failure as? ServerError, failure.isFatal || failure.isRepeatable, attempt < Self.repeatsMax {
                attempt += 1
                continue
            }
            return try result.get()
        }
    }

    /// Runs `body` in a transaction of its own, as the database's writer.
    func transaction<T>(_ session: Session, _ body: (PostgresTransaction) throws -> T) throws -> T {
        session.queue("BEGIN ISOLATION LEVEL READ COMMITTED")
        session.queue(GroupCommit.turn)
        let transaction = PostgresTransaction(session, writes: true)
        let result = Result { try body(transaction) }
        transaction.end()
        guard case .success(let value) = result, transaction.failure == nil else {
            if transaction.hasSent { session.queue("ROLLBACK") } else { session.forgetQueued() }
            session.sendQueued()
            _ = try result.get()
            throw (transaction.failure as? ServerError)?.storageError ?? transaction.failure ?? StorageError.closed
        }
        switch session.commit() {
        case .committed: return value
        case .refused(let error): throw error.storageError
        case .inDoubt: throw StorageError.inDoubt
        }
    }

    /// Lends a connection to `body`; errors of connecting in the contract's words.
    func connected<T>(_ seat: Seat, fresh: Bool = false, key: () throws -> Secret, _ body: (Session) throws -> T) throws -> T {
        let session: Session
        do {
            session = try pool.take(seat, fresh: fresh, key: key)
        } catch let error as ServerError {
            throw error.storageError
        }
        defer { pool.put(session, seat) }
        return try body(session)
    }
}
