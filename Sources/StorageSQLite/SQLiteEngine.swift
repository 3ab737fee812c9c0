import Glibc
import Storage
import Synchronization
import Vocabulary

/// The embedded engine: a directory with one encrypted file per database.
package final class SQLiteEngine: Engine {
    package var dialect: Dialect { .sqlite }

    let shelf: Shelf
    let readers: Workers
    private let writers: Workers
    private let directory: String
    private let options: SQLiteOptions
    private let seats = Mutex<[DatabaseName: Seat]>([:])
    private let beingCreated = Mutex<Set<DatabaseName>>([])
    private let gate = Gate()
    private let lock: Mutex<DirectoryLock?>

    /// The directory is made with mode 0700 where it is missing; its parent must exist.
    ///
    /// - Throws: ``StorageError`` `.unsafeEngine`, `.inUse` where another server has the directory, `.readOnly`.
    package init(directory: String, options: SQLiteOptions = SQLiteOptions()) throws {
        try EngineLibrary.check()
        try DatabaseFile.makeDirectory(directory)
        lock = Mutex(try DirectoryLock(directory: directory))
        try DatabaseFile.sweep(directory)
        self.directory = directory
        self.options = options
        shelf = Shelf(options: options)
        readers = Workers(threads: options.readerThreads, waiting: options.waitingReads)
        // A drain is queued at most once per database: this queue is bounded by their number.
        writers = Workers(threads: options.writerThreads, waiting: .max)
    }

    package func create(
        _ name: DatabaseName, key: Secret, schema: Schema, populate: @escaping @Sendable (any Transaction) throws -> Void
    ) async throws {
        try gate.enter()
        defer { gate.leave() }
        let file = DatabaseFile(name, in: directory)
        // Two at once would write the same scratch file.
        guard beingCreated.withLock({ $0.insert(name).inserted }) else { throw StorageError.exists }
        defer { _ = beingCreated.withLock { $0.remove(name) } }
        let sequence = try await writers.run { [options] in
            var sequence: Int64 = 0
            try file.create { path in
                let connection = try Connection(path: path, key: key, role: .builder, options: options)
                defer { connection.close() }
                sequence = try connection.transaction { transaction in
                    try Migrator(schema: schema).build(transaction)
                    try populate(transaction)
                    return try transaction.value("SELECT sequence FROM commit_position") ?? 0
                }
                try connection.use { try connection.begin("PRAGMA journal_mode=WAL") }
            }
            return sequence
        }
        // Whoever copies commits elsewhere need not wait for the first of them.
        options.logWatcher?.opened(name, at: CommitPosition(sequence: UInt64(clamping: sequence)))
    }

    package func open(
        _ name: DatabaseName, schema: Schema, key: @escaping @Sendable () throws -> Secret
    ) async throws -> any Database {
        try gate.enter()
        defer { gate.leave() }
        let seat = try await seatToOpen(name)
        try seat.gate.enter()
        defer { seat.gate.leave() }
        return try await readers.run { [self] in
            try seat.file.checkHeader()
            let migrator = Migrator(schema: schema)
            var (missing, sequence) = try shelf.withFreshConnection(seat, key: key) { connection in
                try connection.snapshot {
                    (try migrator.missing($0), try $0.value("SELECT sequence FROM commit_position", as: Int64.self) ?? 0)
                }
            }
            if !missing.isEmpty {
                try seat.writerTurn.withLock { _ in
                    try shelf.withConnection(seat, .writer, key: key) { writer in
                        // Another opening may have been quicker.
                        let changed = try writer.transaction { transaction -> Int64? in
                            missing = try migrator.missing(transaction)
                            guard !missing.isEmpty else { return nil }
                            try migrator.apply(missing, transaction)
                            // Every commit is counted.
                            return try transaction.value("UPDATE commit_position SET sequence = sequence + 1 RETURNING sequence")
                        }
                        if let changed {
                            sequence = changed
                            seat.noteCommit(writer, changed)
                        }
                    }
                }
            }
            seat.noteOpening(sequence)
            return SQLiteDatabase(seat: seat, engine: self, key: key)
        }
    }

    package func exists(_ name: DatabaseName) async throws -> Bool {
        try gate.enter()
        defer { gate.leave() }
        return DatabaseFile(name, in: directory).exists
    }

    package func destroy(_ name: DatabaseName) async throws {
        try gate.enter()
        defer { gate.leave() }
        let file = DatabaseFile(name, in: directory)
        guard file.exists else { throw StorageError.missing }
        if let seat = seats.withLock({ $0[name] }) {
            seat.gate.close(.missing)
            await seat.gate.drained()
        }
        try await writers.run { [self] in
            if let seat = seats.withLock({ $0.removeValue(forKey: name) }) {
                close(seat, checkpoint: false)
                seat.noteDestruction()
            }
            try file.remove()
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
        try? await writers.run { for seat in seats { self.close(seat, checkpoint: true) } }
        readers.stop()
        writers.stop()
        lock.withLock { $0 = nil }
    }

    /// How many connections are open now.
    package var openConnections: Int { shelf.openConnections }

    /// Lets `body` look at a database's files while nothing is committed or checkpointed; reads go on.
    package func quietly<T: Sendable>(_ name: DatabaseName, _ body: @escaping @Sendable (DatabaseFiles) throws -> T) async throws -> T {
        try gate.enter()
        defer { gate.leave() }
        let seat = try await seatToOpen(name)
        try seat.gate.enter()
        defer { seat.gate.leave() }
        return try await writers.run {
            try seat.writerTurn.withLock { _ in try body(DatabaseFiles(file: seat.file.path)) }
        }
    }

    /// Takes a database file that was restored, or otherwise put together, as the database `name`. The file at `path` is moved; both must lie on one disk.
    /// - Throws: ``StorageError`` `.exists` where there is such a database, `.unsafeEngine` where the file is plaintext.
    package func adopt(_ name: DatabaseName, from path: String) async throws {
        try gate.enter()
        defer { gate.leave() }
        let file = DatabaseFile(name, in: directory)
        guard beingCreated.withLock({ $0.insert(name).inserted }) else { throw StorageError.exists }
        defer { _ = beingCreated.withLock { $0.remove(name) } }
        try await writers.run {
            try file.create { scratch in
                guard rename(path, scratch) == 0 else { throw SQLiteFailure.system(errno, "can't move \(path)") }
            }
        }
    }

    /// What SQLite's own check finds wrong with a database; nothing where it is sound. Reads every page.
    package func integrityProblems(of name: DatabaseName, key: @escaping @Sendable () throws -> Secret) async throws -> [String] {
        let seat = try await seatToOpen(name)
        try seat.gate.enter()
        defer { seat.gate.leave() }
        return try await readers.run { [shelf] in
            try shelf.withFreshConnection(seat, key: key) { connection in
                try connection.use {
                    var problems: [String] = []
                    try connection.statement(StatementText(literal: "PRAGMA integrity_check"), isInternal: true).each([]) {
                        problems.append(try $0.get(0))
                    }
                    return problems.filter { $0 != "ok" }
                }
            }
        }
    }

    /// The seat of `name`; a fresh one where the old one must not be used any more.
    private func seatToOpen(_ name: DatabaseName) async throws -> Seat {
        if let seat = seats.withLock({ $0[name] }), let refusal = seat.gate.refusal {
            guard refusal == .inDoubt else { throw refusal }
            await seat.gate.drained()
            try await writers.run { self.close(seat, checkpoint: false) }
            seats.withLock { if $0[name] === seat { $0[name] = nil } }
        }
        let file = DatabaseFile(name, in: directory)
        return seats.withLock { seats in
            if let seat = seats[name] { return seat }
            let seat = Seat(name: name, file: file, options: options)
            seats[name] = seat
            return seat
        }
    }

    /// For a seat that nobody can enter any more.
    private func close(_ seat: Seat, checkpoint: Bool) {
        // The last write was answered before its thread had put the connection back.
        seat.writerTurn.withLock { _ in }
        shelf.clear(seat, checkpoint: checkpoint)
    }

    // MARK: Writing

    func enqueue(_ write: PendingWrite, at seat: Seat) {
        guard seat.admits else { return write.fail(StorageError.overloaded) }
        switch seat.queue.enqueue(write) {
        case .queued: break
        case .refused: write.fail(StorageError.overloaded)
        case .needsDrain: drainLater(seat)
        }
    }

    private func drainLater(_ seat: Seat) {
        if !writers.submit({ self.drain(seat) }) {
            for write in seat.queue.take(limit: .max) { write.fail(StorageError.closed) }
        }
    }

    /// Commits what waits at `seat`. Ends after some rounds so that other databases get their turn on this thread.
    private func drain(_ seat: Seat) {
        seat.writerTurn.withLock { _ in
            for _ in 0..<8 {
                if seat.queue.endDrainIfEmpty() { return }
                let batch = seat.queue.take(limit: GroupCommit.writesMax)
                guard let key = batch.first?.key else { continue }
                if seat.gate.refusal == .inDoubt {
                    for write in batch { write.fail(StorageError.inDoubt) }
                    continue
                }
                do {
                    try shelf.withConnection(seat, .writer, key: key) { GroupCommit(seat: seat, connection: $0).commit(batch) }
                } catch {
                    for write in batch { write.fail(error) }
                }
            }
            drainLater(seat)
        }
    }
}
