// Measures the embedded engine below HTTP. One JSON object per line: name, value, unit; `remark` says what else was seen.
// Usage: EngineBench [commits] [reads] [create] [evict] [tenants] [many] [move=MEGABYTES [postgres=URL]], all of them but `many` and `move` without
// arguments; EngineBench postgres=URL for the engine over PostgreSQL, step by step; EngineBench passkeys; EngineBench enumeration;
// EngineBench backup-…, see Backup.swift.
import Audit
import Cluster
import Foundation
import Jobs
import Records
import Sealing
import Storage
import StorageSQLite
import Tenants
import Vocabulary

struct Meter {
    private let start = ContinuousClock.now
    private let cpu = Meter.processSeconds()

    /// Processor time of this process, all threads, kernel included.
    private static func processSeconds() -> Double {
        var usage = rusage()
        getrusage(0, &usage)  // RUSAGE_SELF, which Glibc types differently from the function
        return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
    }

    var seconds: Double { Double((ContinuousClock.now - start).microseconds) / 1e6 }
    var cpuSeconds: Double { Meter.processSeconds() - cpu }
}

func report(_ name: String, _ value: Double, _ unit: String, _ remark: String = "") {
    print(#"{"name": "\#(name)", "value": \#(String(format: "%.3f", value)), "unit": "\#(unit)", "remark": "\#(remark)"}"#)
    fflush(nil)
}

func environment() -> DatabaseName { .environment(EnvironmentID(at: SystemClock().now(), entropy: SystemEntropy())) }

let directory = FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-bench-\(getpid())").path
let key = Secret(SystemEntropy().bytes(32))
let rows = Schema(
    name: "bench", [Migration("bench_0001", ["CREATE TABLE item (id INTEGER PRIMARY KEY, sku TEXT NOT NULL, body TEXT NOT NULL) STRICT"])])
let full = Schema(name: "environment", AuditLog.migrations, Operations.migrations, Workspace.migrations)
let body = String(repeating: #"{"name": "bolt", "price": 12}"#, count: 8)

func commits(_ writers: Int, _ engine: SQLiteEngine) async throws {
    let name = environment()
    try await engine.create(name, key: key, schema: rows) { _ in }
    let database = try await engine.open(name, schema: rows) { key }
    let meter = Meter()
    let end = ContinuousClock.now + .seconds(2)
    let before = try await database.position().sequence
    let count = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<writers {
            group.addTask {
                var count = 0
                while ContinuousClock.now < end {
                    let sku = "sku-\(count)"
                    try await database.write { try $0.run("INSERT INTO item (sku, body) VALUES (\(sku), \(body))") }
                    count += 1
                }
                return count
            }
        }
        return try await group.reduce(0, +)
    }
    let (cpu, seconds) = (meter.cpuSeconds, meter.seconds)
    let shared = Double(count) / Double(max(1, try await database.position().sequence - before))
    report(
        "durable commits, \(writers) writers", Double(count) / cpu, "commits/CPU-s",
        String(format: "%.0f commits/s, %.1f writes share a transaction", Double(count) / seconds, shared))
}

func reads(_ tasks: Int, _ engine: SQLiteEngine) async throws {
    let name = environment()
    try await engine.create(name, key: key, schema: rows) { transaction in
        for number in 0..<20_000 { try transaction.run("INSERT INTO item (sku, body) VALUES (\("sku-\(number)"), \(body))") }
    }
    let database = try await engine.open(name, schema: rows) { key }
    let total = 200_000
    let meter = Meter()
    try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<tasks {
            group.addTask {
                for number in 0..<(total / tasks) {
                    let id = (number &* 7919 &+ task) % 20_000 + 1
                    let row = try await database.read { try $0.row("SELECT id, sku, body FROM item WHERE id = \(id)") }
                    precondition(row != nil)
                }
            }
        }
        try await group.waitForAll()
    }
    report(
        "point read, \(tasks) at once", meter.cpuSeconds / Double(total) * 1e6, "CPU-us",
        String(format: "%.0f reads/s", Double(total) / meter.seconds))
    let inside = Meter()
    try await database.read { reader in
        for number in 0..<total { _ = try reader.row("SELECT id, sku, body FROM item WHERE id = \(number % 20_000 + 1)") }
    }
    report("point read inside one snapshot", inside.cpuSeconds / Double(total) * 1e6, "CPU-us")
    let scan = Meter()
    let seen = try await database.read { reader in
        var seen = 0
        for _ in 0..<10 { try reader.each("SELECT id, sku, body FROM item") { _ in seen += 1 } }
        return seen
    }
    report("scan", scan.cpuSeconds / Double(seen) * 1e6, "CPU-us/row")
}

func create(_ engine: SQLiteEngine) async throws -> [DatabaseName] {
    let names = (0..<300).map { _ in environment() }
    try await engine.create(environment(), key: key, schema: full) { _ in }
    let meter = Meter()
    for name in names { try await engine.create(name, key: key, schema: full) { _ in } }
    report(
        "create an environment's database", meter.cpuSeconds / Double(names.count) * 1000, "CPU-ms",
        String(format: "%.1f ms each by the clock", meter.seconds / Double(names.count) * 1000))
    return names
}

func tenants(_ engine: SQLiteEngine) async throws {
    let schema = Schema(name: "control", AuditLog.migrations, Invalidations.migrations, Tenants.migrations)
    try await engine.create(.control, key: key, schema: schema) { _ in }
    let keyring = Keyring(directory: directory + "/keys", clock: SystemClock(), entropy: SystemEntropy())
    guard let master = MasterKey(key, version: 1) else { return }
    try keyring.unseal(with: master)
    let tenants = Tenants(
        control: try await engine.open(.control, schema: schema) { key }, engine: engine, keyring: keyring, environmentSchema: full,
        clock: SystemClock(), entropy: SystemEntropy(), audit: AuditLog())
    func create(_ number: Int) async throws {
        _ = try await tenants.create(
            slug: "t\(number)", name: "Tenant \(number)", edition: "team", region: "eu-west", by: Principal(.platform(component: "bench")))
    }
    try await create(0)
    let meter = Meter()
    for number in 1...200 { try await create(number) }
    report(
        "create a tenant", meter.cpuSeconds / 200 * 1000, "CPU-ms", String(format: "%.1f ms each by the clock", meter.seconds / 200 * 1000))
}

/// Resident memory of this process.
func megabytes() -> Double {
    let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
    return fields.count > 1 ? (Double(fields[1]) ?? 0) * 4096 / 1e6 : 0
}

func many(_ engine: SQLiteEngine) async throws {
    var databases: [any Database] = []
    for _ in 0..<10_000 {
        let name = environment()
        try await engine.create(name, key: key, schema: rows) { try $0.run("INSERT INTO item (sku, body) VALUES ('a', 'b')") }
        databases.append(try await engine.open(name, schema: rows) { key })
    }
    report("memory, 10,000 databases", megabytes(), "MB", "\(engine.openConnections) connections open")
    let meter = Meter()
    for round in 0..<20_000 {
        let database = databases[round &* 7919 % databases.count]
        if round % 4 == 0 {
            try await database.write { try $0.run("UPDATE item SET body = 'c'") }
        } else {
            _ = try await database.read { try $0.value("SELECT body FROM item", as: String.self) }
        }
    }
    report(
        "use any of 10,000 databases, one write in four", meter.cpuSeconds / 20_000 * 1000, "CPU-ms",
        String(format: "%.1f ms by the clock, %.0f MB", meter.seconds / 20_000 * 1000, megabytes()))
}

func evict(_ names: [DatabaseName]) async throws {
    var options = SQLiteOptions()
    options.descriptors = 180
    let engine = try SQLiteEngine(directory: directory, options: options)
    var databases: [any Database] = []
    let opening = Meter()
    for name in names { databases.append(try await engine.open(name, schema: full) { key }) }
    report("open for the first time", opening.cpuSeconds / Double(names.count) * 1000, "CPU-ms")
    let meter = Meter()
    for database in databases { _ = try await database.read { try $0.value("SELECT count(*) FROM audit_entry", as: Int.self) } }
    report(
        "reopen, read, evict another", meter.cpuSeconds / Double(names.count) * 1000, "CPU-ms", "\(engine.openConnections) connections open"
    )
    await engine.shutdown()
}

extension Set<String> {
    /// What stands behind `key=`.
    fileprivate func value(of key: String) -> String? { first { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.count + 1)) } }
}

let wanted = Set(CommandLine.arguments.dropFirst())
func wants(_ name: String) -> Bool { wanted.isEmpty ? name != "many" : wanted.contains(name) }

let (url, size) = (wanted.value(of: "postgres"), wanted.value(of: "move").flatMap { Int($0) })
if let url, size == nil {
    try await postgresSteps(url: url)
    exit(0)
}

if try await BackupBench.run(Array(CommandLine.arguments.dropFirst())) { exit(0) }
if wanted == ["passkeys"] {
    try passkeys()
    exit(0)
}
if wanted == ["enumeration"] {
    try await enumeration()
    exit(0)
}

let engine = try SQLiteEngine(directory: directory)
if wants("commits") { for writers in [1, 16, 64] { try await commits(writers, engine) } }
if wants("reads") { for tasks in [1, 16] { try await reads(tasks, engine) } }
let created = wants("create") || wants("evict") ? try await create(engine) : []
if wants("tenants") { try await tenants(engine) }
if wants("many") { try await many(engine) }
if let size { try await move(megabytes: size, engine, url: url) }
await engine.shutdown()
if wants("evict") { try await evict(created) }
try FileManager.default.removeItem(atPath: directory)
