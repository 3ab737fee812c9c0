import Backup
import Foundation
import Logging
import ObjectStores
import Storage
import StorageSQLite
import Synchronization
import Threads
import Vocabulary

/// The backup's figures. Each step is a run of its own, so that peers can be measured between them on the same folder.
///
///     backup-fill FOLDER MEGABYTES        a database, and nothing else
///     backup-base FOLDER                  its first base, from the start of shipping to the last byte on disk
///     backup-restore FOLDER               the newest commit, to a file that is on disk
///     backup-cost                         commits with and without shipping, by turns
///     backup-writer FOLDER RATE [confirm] writes so many rows a second and says when each was acknowledged; to be killed
///     backup-newest FOLDER                the newest row that the archive alone has
///     backup-history                      restoring a moment of the first and of the thirty-fifth day; what a day of change takes
///     backup-many COUNT                   so many databases ship at once
struct BackupBench {
    private static let name = DatabaseName.control
    private static let line = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }

    private final class Server {
        let engine: SQLiteEngine
        let shipping: Shipping?
        let store: FileSystemStore
        private var running: Task<Void, Never>?

        init(_ folder: String, ships: Bool = true, clock: any Clock = SystemClock(), _ adjust: (inout Shipping.Settings) -> Void = { _ in }) async throws {
            store = try await FileSystemStore(directory: folder + "/objects")
            var settings = Shipping.Settings()
            adjust(&settings)
            var options = SQLiteOptions()
            let shipping = ships ? Shipping(to: store, settings: settings, clock: clock, logger: BackupBench.line) : nil
            options.logWatcher = shipping
            self.shipping = shipping
            engine = try SQLiteEngine(directory: folder + "/data", options: options)
            let engine = engine
            if let shipping { running = Task { await shipping.run(engine) } }
        }

        func open(_ name: DatabaseName = BackupBench.name) async throws -> any Database {
            if try await !engine.exists(name) { try await engine.create(name, key: BackupBench.key, schema: rows) { _ in } }
            return try await engine.open(name, schema: rows) { BackupBench.key }
        }

        func close() async {
            await shipping?.finish(atMost: .seconds(60))
            await engine.shutdown()
            running?.cancel()
        }
    }

    /// The same in every run, so that the next one can open what the last one made.
    private static let key = Secret((0..<32).map { UInt8($0) })
    private static let threads = BoundedThreads(2, waiting: 100)

    static func run(_ words: [String]) async throws -> Bool {
        switch (words.first, words.count) {
        case ("backup-fill", 3): try await fill(words[1], megabytes: Int(words[2]) ?? 1000)
        case ("backup-base", 2): try await base(words[1])
        case ("backup-restore", 2): try await restore(words[1])
        case ("backup-cost", 1): try await cost()
        case ("backup-writer", 3...4): try await writer(words[1], rate: Int(words[2]) ?? 500, confirms: words.count == 4)
        case ("backup-newest", 2): try await newest(words[1])
        case ("backup-history", 1): try await history()
        case ("backup-many", 2): try await many(Int(words[1]) ?? 10_000)
        default: return false
        }
        return true
    }

    private static func add(_ database: any Database, _ numbers: Range<Int>, _ body: String) async throws {
        try await database.write { transaction in
            for number in numbers { try transaction.run("INSERT INTO item (sku, body) VALUES (\("sku-\(number)"), \(body))") }
        }
    }

    private static func fill(_ folder: String, megabytes: Int) async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let server = try await Server(folder, ships: false)
        let database = try await server.open()
        let body = String(repeating: "0123456789abcdef", count: 58)
        for start in stride(from: 0, to: megabytes * 1000, by: 2000) { try await add(database, start..<start + 2000, body) }
        await server.close()
    }

    private static func base(_ folder: String) async throws {
        let meter = Meter()
        let server = try await Server(folder)
        _ = try await server.open()
        let archive = try Archive(server.store, database: "\(name)")
        while try await archive.catalogue().newest?.bases.isEmpty ?? true { try await Task.sleep(for: .milliseconds(5)) }
        let seconds = meter.seconds
        let size = try await archive.catalogue().newest?.bases.first?.size ?? 0
        report("backup: full, embedded", Double(size) / 1e6 / seconds, "MB/s", String(format: "%.0f MB, %.1f CPU-s", Double(size) / 1e6, meter.cpuSeconds))
        await server.close()
    }

    private static func restore(_ folder: String) async throws {
        let archive = try Archive(try await FileSystemStore(directory: folder + "/objects"), database: "\(name)")
        let target = folder + "/restored.db"
        try? FileManager.default.removeItem(atPath: target)
        let meter = Meter()
        let found = try await Restoration(archive, threads: threads).restore(.newest, to: target)
        report("backup: restore, embedded", Double(found.size) / 1e6 / meter.seconds, "MB/s", String(format: "%.1f CPU-s", meter.cpuSeconds))
        try FileManager.default.removeItem(atPath: target)
    }

    // MARK: What it costs who writes

    private static func cost() async throws {
        for writers in [1, 16] {
            var rates: [Bool: [Double]] = [:]
            for round in 0..<18 {
                let ships = round % 2 == 1
                let folder = directory + "-cost-\(writers)-\(round)"
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                let server = try await Server(folder, ships: ships)
                let database = try await server.open()
                let end = ContinuousClock.now + .seconds(2)
                let meter = Meter()
                let count = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<writers {
                        group.addTask {
                            var count = 0
                            while .now < end {
                                try await add(database, count..<count + 1, body)
                                count += 1
                            }
                            return count
                        }
                    }
                    return try await group.reduce(0, +)
                }
                rates[ships, default: []].append(Double(count) / meter.seconds)
                await server.close()
                try FileManager.default.removeItem(atPath: folder)
            }
            let (with, without) = ((rates[true] ?? []).sorted()[4], (rates[false] ?? []).sorted()[4])
            report(
                "backup: commits while shipping, \(writers) writers", with, "commits/s",
                String(format: "%.0f without, %.1f %% less; the middle one of 9 each, by turns", without, 100 * (1 - with / without)))
        }
    }

    // MARK: What is lost with a machine

    private static func writer(_ folder: String, rate: Int, confirms: Bool) async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let server = try await Server(folder) { if confirms { $0.confirms = { _ in true } } }
        let database = try await server.open()
        let begun = ContinuousClock.now
        var number = 0
        while true {
            number += 1
            try await add(database, number..<number + 1, body)
            print(number, String(format: "%.4f", Date().timeIntervalSince1970))
            fflush(nil)
            let due = begun + .microseconds(number * 1_000_000 / rate)
            if due > .now { try await Task.sleep(until: due, clock: .continuous) }
        }
    }

    private static func newest(_ folder: String) async throws {
        let archive = try Archive(try await FileSystemStore(directory: folder + "/objects"), database: "\(name)")
        let scratch = folder + "/scratch"
        try? FileManager.default.removeItem(atPath: scratch)
        try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
        _ = try await Restoration(archive, threads: threads).restore(.newest, to: scratch + "/file.db")
        let engine = try SQLiteEngine(directory: scratch + "/data")
        try await engine.adopt(name, from: scratch + "/file.db")
        let database = try await engine.open(name, schema: rows) { key }
        report("newest", Double(try await database.read { try $0.value("SELECT count(*) FROM item", as: Int.self) ?? 0 }), "rows")
        await engine.shutdown()
    }

    // MARK: Over time

    /// Moves when it is told to.
    private final class Calendar: Clock {
        private let time = Mutex(Instant(seconds: 1_767_225_600))
        func now() -> Instant { time.withLock { $0 } }
        func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
    }

    private static func history() async throws {
        let (folder, clock) = (directory + "-history", Calendar())
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let server = try await Server(folder, clock: clock) { $0.interval = .milliseconds(1) }
        let database = try await server.open()
        guard let shipping = server.shipping else { return }
        let archive = try Archive(server.store, database: "\(name)")
        for start in stride(from: 0, to: 200_000, by: 2000) { try await add(database, start..<start + 2000, body) }
        try await shipping.caughtUp(name)
        let retention = Retention(window: .days(35), weeks: 5, months: 12)
        var moments: [Instant] = []
        var changed = 0
        for _ in 0..<35 {
            for _ in 0..<200 {
                clock.advance(by: .seconds(400))
                let start = Int.random(in: 0..<199_000)
                try await database.write { try $0.run("UPDATE item SET body = body || 'x' WHERE id >= \(start) AND id < \(start + 50)") }
                changed += 50
            }
            try await shipping.caughtUp(name)
            moments.append(clock.now())
            clock.advance(by: .seconds(6400))
            try await shipping.keepUp(name, retention)
        }
        var stored: UInt64 = 0
        for object in try await server.store.all("backup/") { stored += object.size }
        let catalogue = try await archive.catalogue()
        let bases = catalogue.generations.flatMap(\.bases)
        let rest = stored - bases.reduce(0) { $0 + $1.size }
        for day in [1, 18, 35] {
            let target = folder + "/restored.db"
            let meter = Meter()
            let found = try await Restoration(archive, threads: threads).restore(.moment(moments[day - 1]), to: target)
            report(
                "backup: restore a moment of day \(day) of 35", meter.seconds, "s",
                "\(found.size / 1_000_000) MB; \(found.entries) entries after the nearest base or differential")
            try FileManager.default.removeItem(atPath: target)
        }
        report(
            "backup: storage for a day of change", Double(rest) / 35 / 1e6, "MB",
            "200 commits of 50 rows, \(changed / 35 * body.utf8.count / 1000) KB of rows; beside \(bases.count) bases of \((bases.map(\.size).max() ?? 0) / 1_000_000) MB at most")
        await server.close()
        try FileManager.default.removeItem(atPath: folder)
    }

    private static func many(_ count: Int) async throws {
        let folder = directory + "-many"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let server = try await Server(folder)
        guard let shipping = server.shipping else { return }
        var databases: [any Database] = []
        for _ in 0..<count { databases.append(try await server.open(environment())) }
        for database in databases { try await add(database, 0..<1, body) }
        await shipping.finish(atMost: .seconds(3600))
        let meter = Meter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                let own = stride(from: worker, to: count, by: 8).map { databases[$0] }
                group.addTask { for database in own { try await add(database, 1..<2, body) } }
            }
            try await group.waitForAll()
        }
        let written = meter.cpuSeconds
        await shipping.finish(atMost: .seconds(3600))
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
        report(
            "backup: a commit in each of \(count) databases, shipped", 1000 * meter.cpuSeconds / Double(count), "CPU-ms",
            String(format: "%.1f s in all; %.3f CPU-ms each until written; %d descriptors", meter.seconds, 1000 * written / Double(count), open))
        await server.close()
        try FileManager.default.removeItem(atPath: folder)
    }
}
