import Crypto
import Storage
import Synchronization
import Vocabulary

/// The engine for several nodes: a PostgreSQL server, or what speaks like one.
package final class PostgresEngine: Engine {
    package var dialect: Dialect { .postgres }

    let options: PostgresOptions
    let pool: Pool
    let readers: Workers
    let awaiting = Awaiting()
    private let writers: Workers
    private let builder: Workers
    private let catalogue: Catalogue
    private let seats = Mutex<[DatabaseName: Seat]>([:])
    private let gate = Gate()

    private init(_ options: PostgresOptions) {
        self.options = options
        let connector = Connector(options: options)
        pool = Pool(connector)
        catalogue = Catalogue(connector)
        readers = Workers(threads: options.readers, waiting: options.waitingReads, lane: max(options.readers * 3 / 4, 1))
        // A drain is queued at most once per database: this queue is bounded by their number.
        writers = Workers(threads: options.writers, waiting: .max)
        builder = Workers(threads: 1, waiting: options.waitingWrites)
    }

    deinit { awaiting.stop() }

    /// Connects to the server, and looks whether it and our role there are fit for it.
    ///
    /// - Throws: ``StorageError`` `.unsafeEngine` for a server that is too old, a superuser, a role that may not make databases; `.failed` with
    ///   the reason where the server doesn't let us in; ``ServerAway`` where it can't be reached.
    package static func start(_ options: PostgresOptions) async throws -> PostgresEngine {
        guard options.connections >= PostgresOptions.connectionsMin else {
            throw StorageError.failed("at least \(PostgresOptions.connectionsMin) connections are needed")
        }
        let engine = PostgresEngine(options)
        do {
            try await engine.builder.run { try engine.catalogue.check() }
        } catch {
            await engine.shutdown()
            throw error
        }
        return engine
    }

    package func create(
        _ name: DatabaseName, key: Secret, schema: Schema, populate: @escaping @Sendable (any Transaction) throws -> Void
    ) async throws {
        try gate.enter()
        defer { gate.leave() }
        try await builder.run { [catalogue] in
            try catalogue.create(name, schema: schema) { session in
                try Self.alone(session) { transaction in
                    for migration in schema.migrations {
                        for statement in migration.afterCopy(.postgres) { try transaction.run(statement) }
                    }
                    try KeyMark.leave(key, of: name, in: transaction)
                    try populate(transaction)
                }
            }
        }
    }

    package func open(
        _ name: DatabaseName, schema: Schema, key: @escaping @Sendable () throws -> Secret
    ) async throws -> any Database {
        try gate.enter()
        defer { gate.leave() }
        let seat = try seat(of: name)
        try seat.gate.enter()
        defer { seat.gate.leave() }
        return try await readers.run(lane: seat.lane) { [self] in
            let migrator = Migrator(schema: schema)
            let secret = try key()
            let missing = try snapshot(seat, key: key) { reader in
                let missing = try migrator.missing(reader)
                try KeyMark.check(secret, of: name, in: reader)
                return missing
            }
            if !missing.isEmpty {
                try connected(seat, key: key) { session in
                    // Another node's opening may have been quicker; until it has finished, its lock is waited for.
                    try transaction(session) { try migrator.apply(migrator.missing($0), $0) }
                }
            }
            return PostgresDatabase(seat: seat, engine: self, key: key)
        }
    }

    package func exists(_ name: DatabaseName) async throws -> Bool { try await building { try $0.exists(name) } }

    /// On the one thread for what concerns the server as a whole.
    func building<T: Sendable>(_ body: @escaping @Sendable (Catalogue) throws -> T) async throws -> T {
        try gate.enter()
        defer { gate.leave() }
        return try await builder.run { [catalogue] in try body(catalogue) }
    }

    package func destroy(_ name: DatabaseName) async throws {
        try gate.enter()
        defer { gate.leave() }
        guard try await exists(name) else { throw StorageError.missing }
        if let seat = seats.withLock({ $0[name] }) {
            seat.gate.close(.missing)
            await seat.gate.drained()
        }
        try await builder.run { [self] in
            if let seat = seats.withLock({ $0.removeValue(forKey: name) }) { pool.clear(seat) }
            try catalogue.remove(name)
        }
    }

    package func shutdown() async {
        guard gate.close(.closed) else { return }
        await gate.drained()
        let seats = seats.withLock { Array($0.values) }
        for seat in seats {
            seat.gate.close(.closed)
            await seat.gate.drained()
        }
        // The last work was answered before its thread had put the connection back: these wait behind it.
        for seat in seats { try? await writers.run { self.pool.clear(seat) } }
        try? await builder.run { [catalogue] in catalogue.close() }
        awaiting.stop()
        readers.stop()
        writers.stop()
        builder.stop()
    }

    /// How many connections to databases are open now.
    package var openConnections: Int { pool.open }

    /// The seat of `name`. What is destroyed elsewhere or anew made is met at the next connection.
    private func seat(of name: DatabaseName) throws -> Seat {
        try seats.withLock { seats in
            if let seat = seats[name] {
                if let refusal = seat.gate.refusal { throw refusal }
                return seat
            }
            let seat = Seat(name: name, database: catalogue.databaseName(name), lane: seats.count + 1, options: options)
            seats[name] = seat
            return seat
        }
    }

    // MARK: Writing

    func enqueue(_ write: PendingWrite, at seat: Seat) {
        switch seat.queue.enqueue(write) {
        case .queued: break
        case .refused: write.fail(StorageError.overloaded)
        case .needsDrain: drainLater(seat)
        }
    }

    private func drainLater(_ seat: Seat) {
        if !writers.submit(lane: seat.lane, { self.drain(seat) }) {
            for write in seat.queue.take(limit: .max) { write.fail(StorageError.closed) }
        }
    }

    /// Commits what waits at `seat`. Ends after some rounds so that other databases get their turn on this thread.
    private func drain(_ seat: Seat) {
        for _ in 0..<8 {
            if seat.queue.endDrainIfEmpty() { return }
            commit(seat.queue.take(limit: GroupCommit.writesMax), at: seat)
        }
        drainLater(seat)
    }

    /// Until every one of `writes` has its answer.
    private func commit(_ writes: [PendingWrite], at seat: Seat) {
        var rest = writes
        var isAgain = false
        while let key = rest.first?.key {
            do {
                rest = try connected(seat, fresh: isAgain, key: key) { session in
                    GroupCommit(seat: seat, session: session, waitingMax: options.waitingMax).commit(rest)
                }
            } catch {
                for write in rest { write.fail(error) }
                return
            }
            isAgain = true
        }
    }

    /// Runs `body` in a transaction in a database that nobody else knows of yet.
    static func alone<T>(_ session: Session, _ body: (PostgresTransaction) throws -> T) throws -> T {
        session.queue("BEGIN")
        let transaction = PostgresTransaction(session, writes: true)
        let result = Result { try body(transaction) }
        transaction.end()
        let value = try result.get()
        if let failure = transaction.failure { throw failure }
        switch session.commit() {
        case .committed: return value
        case .refused(let error): throw error
        case .inDoubt: throw StorageError.inDoubt
        }
    }
}

/// Tells a wrong key from the right one, though nothing is encrypted with it: so a keyring that belongs elsewhere is noticed at once.
enum KeyMark {
    static func leave(_ key: Secret, of name: DatabaseName, in transaction: any Transaction) throws {
        try transaction.run("CREATE TABLE key_mark (id INTEGER PRIMARY KEY CHECK (id = 1), mark BYTEA NOT NULL)")
        try transaction.run("INSERT INTO key_mark (id, mark) VALUES (1, \(mark(key, name)))")
    }

    /// - Throws: ``StorageError`` `.unreadable`.
    static func check(_ key: Secret, of name: DatabaseName, in reader: any Reader) throws {
        guard let mark = try reader.value("SELECT mark FROM key_mark", as: [UInt8].self), Secret(mark) == Secret(Self.mark(key, name))
        else {
            throw StorageError.unreadable
        }
    }

    private static func mark(_ key: Secret, _ name: DatabaseName) -> [UInt8] {
        let text = Array("holdfast database \(name)".utf8)
        return key.withBytes { Array(HMAC<SHA256>.authenticationCode(for: text, using: SymmetricKey(data: $0))) }
    }
}
