import CSQLiteCipher
import GRDB
import GRDBSQLite
import Storage
import Synchronization
import Vocabulary

/// One connection to a database file.
///
/// GRDB opens, configures, serialises and closes it; statements go through SQLite's C interface, which halves the CPU of a point read.
/// Only who took it off the ``Shelf`` may use it, so that its statement cache needs no lock.
final class Connection: @unchecked Sendable {
    enum Role { case reader, writer, builder }

    let role: Role
    private let queue: DatabaseQueue
    private let pointer: OpaquePointer
    private let frames: FrameCount
    private let checkpointFrames: Int32
    private var nextCheckpoint: Int32
    private var framesBefore: Int32 = 0
    private let patience: Patience
    private var statements: [StatementText: Statement] = [:]
    private var begun: Statement?
    private var ended: Statement?
    private var uses: UInt64 = 0

    /// Opens `path`, which exists unless `role` is `.builder`.
    /// - Throws: ``StorageError`` `.unreadable` for a wrong key, a foreign or a corrupt file.
    init(path: String, key: Secret, role: Role, options: SQLiteOptions) throws {
        self.role = role
        checkpointFrames = options.checkpointFrames
        nextCheckpoint = options.checkpointFrames
        let opened = Mutex<UncheckedPointer?>(nil)
        // GRDB keeps its configuration as long as the connection lives; the key must not stay in it.
        let keyOnce = Mutex<Secret?>(key)
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.label = "holdfast"
        configuration.prepareDatabase { database in
            guard let pointer = database.sqliteConnection, let key = keyOnce.withLock({ $0.take() }) else { throw StorageError.closed }
            let code = key.withBytes { holdfast_cipher_key(UnsafeMutableRawPointer(pointer), $0.baseAddress, Int32(clamping: $0.count)) }
            guard code == SQLITE_OK else { throw StorageError.failed("the key was refused (\(code))") }
            try Self.configure(pointer, role, options)
            opened.withLock { $0 = UncheckedPointer(pointer: pointer) }
        }
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw SQLiteFailure.of(error)
        }
        guard let pointer = opened.withLock({ $0?.pointer }) else { throw StorageError.failed("no connection") }
        self.pointer = pointer
        frames = FrameCount()
        patience = Patience()
        if role == .writer { frames.watch(pointer) }
        if role == .reader { patience.watch(pointer) }
    }

    private static func configure(_ pointer: OpaquePointer, _ role: Role, _ options: SQLiteOptions) throws {
        var script = "PRAGMA trusted_schema=OFF; PRAGMA cache_size=-\(options.cacheKibibytes);"
        switch role {
        case .builder:
            script += "PRAGMA page_size=4096; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
        case .writer, .reader:
            script += "PRAGMA synchronous=FULL;"
            guard holdfast_keep_log_on_close(UnsafeMutableRawPointer(pointer)) == SQLITE_OK else {
                throw StorageError.failed("the log can't be kept")
            }
        }
        if let pagesMax = options.pagesMax { script += "PRAGMA max_page_count=\(pagesMax);" }
        // Readers must not checkpoint at all, the writer when it chooses to.
        sqlite3_wal_autocheckpoint(pointer, 0)
        let code = sqlite3_exec(pointer, script, nil, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteFailure.of(pointer, code: code) }
    }

    /// Everything that touches the connection goes through here.
    func use<T>(_ body: () throws -> T) rethrows -> T { try queue.inDatabase { _ in try body() } }

    func close() {
        use {
            statements.removeAll()
            begun = nil
            ended = nil
        }
        try? queue.close()
    }

    // MARK: Statements

    /// A prepared statement for `sql`, from the cache where it is not already being stepped.
    func statement(_ sql: Storage.SQL) throws -> Statement { try statement(StatementText(sql)) }

    func statement(_ text: StatementText, isInternal: Bool = false) throws -> Statement {
        uses &+= 1
        if let cached = statements[text], !cached.isBusy {
            cached.lastUse = uses
            return cached
        }
        let fresh = try Statement(text.rendered(.sqlite), on: pointer, isInternal: isInternal)
        fresh.lastUse = uses
        if statements[text] == nil {
            if statements.count >= 128, let oldest = statements.min(by: { $0.value.lastUse < $1.value.lastUse })?.key {
                statements[oldest] = nil
            }
            statements[text.withoutValues] = fresh
        }
        return fresh
    }

    /// A result code of SQLite for one of the engine's own statements.
    func control(_ text: StaticString) -> Int32 {
        do {
            return try statement(StatementText(literal: text), isInternal: true).code()
        } catch {
            return SQLITE_ERROR
        }
    }

    /// As ``control(_:)``; `value` becomes what the statement returns.
    func control(_ text: StaticString, _ value: inout Int64) -> Int32 {
        do {
            return try statement(StatementText(literal: text), isInternal: true).code(&value)
        } catch {
            return SQLITE_ERROR
        }
    }

    func begin(_ text: StaticString) throws {
        let code = control(text)
        guard code == SQLITE_OK else { throw SQLiteFailure.of(pointer, code: code) }
    }

    /// Starts a snapshot. Every read does it, so its two statements are found without a look into the cache.
    func beginSnapshot() throws {
        let statement = try begun ?? Statement("BEGIN", on: pointer, isInternal: true)
        begun = statement
        let code = statement.code()
        guard code == SQLITE_OK else { throw SQLiteFailure.of(pointer, code: code) }
    }

    /// Nothing was written: COMMIT only lets go of the snapshot.
    func endSnapshot() {
        ended = ended ?? (try? Statement("COMMIT", on: pointer, isInternal: true))
        if ended?.code() != SQLITE_OK { rollback() }
    }

    /// Runs `body`; nil where it took too long and was broken off, whatever it made of that.
    func briefly<T>(_ body: () throws -> T) -> Result<T, any Error>? {
        patience.begin()
        let result = Result(catching: body)
        return patience.end() ? result : nil
    }

    func failure(_ code: Int32) -> StorageError { SQLiteFailure.of(pointer, code: code) }

    /// False once SQLite itself gave the transaction up, as it does on a full disk.
    var isInTransaction: Bool { sqlite3_get_autocommit(pointer) == 0 }

    func rollback() {
        if isInTransaction { _ = control("ROLLBACK") }
    }

    // MARK: The write-ahead log

    /// In the log, with the newest commit of this connection.
    var framesInLog: Int { Int(frames.count) }

    /// Moves what is committed into the file once the log is long and `mayCheckpoint` says that it may. Only the writer's thread calls it.
    func checkpointIfLong(_ mayCheckpoint: (Connection) -> Bool) throws {
        let count = frames.count
        if count < framesBefore { nextCheckpoint = checkpointFrames }
        framesBefore = count
        guard count >= nextCheckpoint else { return }
        if mayCheckpoint(self) { try checkpoint(SQLITE_CHECKPOINT_PASSIVE) }
        // A reader may keep the log from starting over, or somebody else need it: then wait for as many frames again.
        nextCheckpoint = count + checkpointFrames
    }

    /// Before a writer is closed: a long log would have to be read whole at the next opening.
    func checkpointBeforeClose(_ mayCheckpoint: (Connection) -> Bool) throws {
        guard frames.count > 64, mayCheckpoint(self) else { return }
        sqlite3_busy_timeout(pointer, 0)
        try checkpoint(SQLITE_CHECKPOINT_TRUNCATE)
    }

    private func checkpoint(_ mode: Int32) throws {
        let code = sqlite3_wal_checkpoint_v2(pointer, nil, mode, nil, nil)
        guard code == SQLITE_OK || code & 0xFF == SQLITE_BUSY else { throw SQLiteFailure.of(pointer, code: code) }
    }
}

/// Carries the connection out of GRDB's closure.
private struct UncheckedPointer: @unchecked Sendable { let pointer: OpaquePointer }

/// How many frames the log has after the newest commit, told by SQLite's hook.
private final class FrameCount: Sendable {
    private let value = Atomic<Int32>(0)
    var count: Int32 { value.load(ordering: .relaxed) }

    /// The connection that is watched owns this and outlives neither.
    func watch(_ pointer: OpaquePointer) {
        sqlite3_wal_hook(
            pointer,
            { context, _, _, frames in
                if let context { Unmanaged<FrameCount>.fromOpaque(context).takeUnretainedValue().value.store(frames, ordering: .relaxed) }
                // Never an error: the commit stands already, COMMIT would say that it does not.
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}
