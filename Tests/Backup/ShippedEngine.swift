import Backup
import Foundation
import Logging
import ObjectStores
import Storage
import StorageSQLite
import Synchronization
import TestSupport
import Testing
import Threads
import Vocabulary

/// A server's engine with shipping, which can be stopped and started again over the same files.
final class ShippedEngine {
    static let schema = Schema(
        name: "shipped",
        [
            Migration(
                "shipped_0001",
                [
                    "CREATE TABLE item (number INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT", "CREATE INDEX item_body ON item (body)",
                ])
        ])
    static let name = DatabaseName.control
    static let key = Secret((0..<32).map { UInt8($0) })

    let home: TemporaryDirectory
    let store: FaultyStore
    let archive: Archive
    private(set) var engine: SQLiteEngine
    private(set) var shipping: Shipping
    private(set) var database: any Database
    private var running: Task<Void, Never>
    private let data: String
    private let clock: any Clock
    private var restored = 0

    init(
        data: String = "data", in home: TemporaryDirectory? = nil, clock: any Clock = SystemClock(),
        _ adjust: (inout Shipping.Settings, inout SQLiteOptions) -> Void = { _, _ in }
    ) async throws {
        let home = try home ?? TemporaryDirectory()
        self.home = home
        self.data = home.path + "/" + data
        self.clock = clock
        store = FaultyStore(try await FileSystemStore(directory: home.path + "/objects"))
        archive = try Archive(store, database: Self.name.description)
        (engine, shipping, database, running) = try await Self.start(self.data, store, clock, adjust)
    }

    deinit { running.cancel() }

    private static func start(
        _ data: String, _ store: FaultyStore, _ clock: any Clock, _ adjust: (inout Shipping.Settings, inout SQLiteOptions) -> Void
    ) async throws -> (SQLiteEngine, Shipping, any Database, Task<Void, Never>) {
        var settings = Shipping.Settings()
        settings.interval = .milliseconds(2)
        settings.retryAfter = .milliseconds(5)
        settings.retryAtMost = .milliseconds(20)
        settings.lookAfter = .zero
        var options = SQLiteOptions()
        options.checkpointFrames = 40
        adjust(&settings, &options)
        let shipping = Shipping(
            to: store, settings: settings, clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        options.logWatcher = shipping
        let engine = try SQLiteEngine(directory: data, options: options)
        let running = Task { await shipping.run(engine) }
        if try await !engine.exists(name) { try await engine.create(name, key: key, schema: schema) { _ in } }
        return (engine, shipping, try await engine.open(name, schema: schema) { key }, running)
    }

    /// Ends as a server that is told to.
    func stop() async {
        running.cancel()
        await running.value
        await engine.shutdown()
    }

    func startAgain(_ adjust: (inout Shipping.Settings, inout SQLiteOptions) -> Void = { _, _ in }) async throws {
        (engine, shipping, database, running) = try await Self.start(data, store, clock, adjust)
    }

    /// Runs the same files without shipping, for a while.
    func withoutShipping(_ body: (any Database) async throws -> Void) async throws {
        let engine = try SQLiteEngine(directory: data)
        try await body(try await engine.open(Self.name, schema: Self.schema) { Self.key })
        await engine.shutdown()
    }

    var file: String { "\(data)/control.db" }

    /// One commit each.
    static func add(_ numbers: ClosedRange<Int>, to database: any Database, length: Int = 40) async throws {
        for number in numbers {
            let body = "\(number) " + String(repeating: "x", count: length)
            try await database.write { try $0.run("INSERT INTO item VALUES (\(number), \(body))") }
        }
    }

    func add(_ numbers: ClosedRange<Int>, length: Int = 40) async throws { try await Self.add(numbers, to: database, length: length) }

    func caughtUp() async throws { try await shipping.caughtUp(Self.name) }

    /// Until the newest generation has a base and nothing waits.
    func settled() async throws {
        try await caughtUp()
        while true {
            let catalogue = try await archive.catalogue()
            if let newest = catalogue.newest, newest.opening.generation == shipping.status(of: Self.name)?.generation, !newest.bases.isEmpty
            {
                return
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    var generations: [Opening.Reason] { get async throws { try await archive.catalogue().generations.map(\.opening.reason) } }

    /// The rows of a restored database, read with the key by an engine of their own, after SQLite's own check.
    func restore(_ target: Restoration.Target = .newest) async throws -> [Int] {
        restored += 1
        let directory = "\(home.path)/restored-\(restored)"
        let engine = try SQLiteEngine(directory: directory)
        let scratch = "\(home.path)/restored-\(restored).db"
        _ = try await Restoration(archive, threads: BoundedThreads(2, waiting: 100)).restore(target, to: scratch)
        try await engine.adopt(Self.name, from: scratch)
        #expect(try await engine.integrityProblems(of: Self.name) { Self.key } == [])
        let database = try await engine.open(Self.name, schema: Self.schema) { Self.key }
        let numbers = try await database.read { try $0.rows("SELECT number FROM item ORDER BY number").map { try $0.get(0, as: Int.self) } }
        await engine.shutdown()
        try FileManager.default.removeItem(atPath: directory)
        return numbers
    }
}

/// A store that can be made to fail.
final class FaultyStore: ObjectStore {
    enum Fault: Sendable, Equatable {
        case none
        /// Nothing is stored.
        case gone
        /// Everything is stored, and no answer comes.
        case unanswered
        case full
        /// Each object takes so long.
        case slow(Duration)
        /// Nothing is stored, and it says that it was.
        case lying
    }

    private let inner: FileSystemStore
    private let fault = Mutex(Fault.none)

    init(_ inner: FileSystemStore) { self.inner = inner }

    func become(_ fault: Fault) { self.fault.withLock { $0 = fault } }

    func put<Content: AsyncSequence & Sendable>(_ content: Content, at key: ObjectKey, ifAbsent: Bool) async throws -> StoredObject
    where Content.Element == [UInt8] {
        try check()
        switch fault.withLock({ $0 }) {
        case .full: throw ObjectFault.full
        case .slow(let duration): try await Task.sleep(for: duration)
        case .lying:
            let stored = try await inner.put(content, at: key, ifAbsent: ifAbsent)
            try await inner.delete(key)
            return stored
        case .none, .gone, .unanswered: break
        }
        let stored = try await inner.put(content, at: key, ifAbsent: ifAbsent)
        if case .unanswered = fault.withLock({ $0 }) { throw ObjectFault.unavailable(reason: "no answer") }
        return stored
    }

    func summary(of key: ObjectKey) async throws -> ObjectSummary {
        try check()
        return try await inner.summary(of: key)
    }

    func piece(of key: ObjectKey, from offset: UInt64, count: Int, version: ObjectVersion?) async throws -> ObjectPiece {
        try check()
        return try await inner.piece(of: key, from: offset, count: count, version: version)
    }

    func list(_ prefix: String, after marker: String?, limit: Int) async throws -> ObjectPage {
        try check()
        return try await inner.list(prefix, after: marker, limit: limit)
    }

    func delete(_ key: ObjectKey) async throws { try await inner.delete(key) }

    func sweep() async throws -> Int { try await inner.sweep() }

    private func check() throws {
        if case .gone = fault.withLock({ $0 }) { throw ObjectFault.unavailable(reason: "gone") }
    }
}
