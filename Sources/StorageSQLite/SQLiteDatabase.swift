import Storage
import Vocabulary

/// A handle on one database. What is behind it opens and closes as needed.
struct SQLiteDatabase: Database {
    let seat: Seat
    let engine: SQLiteEngine
    let key: @Sendable () throws -> Secret

    var name: DatabaseName { seat.name }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Reader) throws -> T) async throws -> T {
        try seat.gate.enter()
        defer { seat.gate.leave() }
        // A hand-over to another thread costs ten times what a point read does.
        if let result = engine.shelf.briefly(seat, { try $0.snapshot(body) }) { return try result.get() }
        return try await engine.readers.run {
            try engine.shelf.withConnection(seat, .reader, key: key) { try $0.snapshot(body) }
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

extension Connection {
    /// Runs `body` inside one snapshot, which starts with its first statement.
    func snapshot<T>(_ body: (SQLiteTransaction) throws -> T) throws -> T {
        try use {
            try beginSnapshot()
            let transaction = SQLiteTransaction(self, writes: false)
            defer {
                transaction.end()
                endSnapshot()
            }
            return try body(transaction)
        }
    }

    /// Runs `body` in a transaction of its own.
    func transaction<T>(_ body: (SQLiteTransaction) throws -> T) throws -> T {
        try use {
            try begin("BEGIN IMMEDIATE")
            let transaction = SQLiteTransaction(self, writes: true)
            defer { transaction.end() }
            do {
                let value = try body(transaction)
                if let failure = transaction.failure { throw failure }
                try begin("COMMIT")
                return value
            } catch {
                rollback()
                throw error
            }
        }
    }
}
