// Writes rows into a database as fast as it can, and says on standard output which ones were acknowledged: one line
// "writer number" each. Made to be killed; see Tests/Storage/CrashTests.swift. With "limit BYTES" no file may grow beyond
// that: it then says what became of the write that failed, of those after it, and of the database when it was opened again.
// With "ship DIRECTORY" every commit goes to an archive there, and with "confirm DIRECTORY" writers hear of it only then; with "catch-up DIRECTORY" nothing is written, and it ends when the archive has everything.
import Backup
import Glibc
import Logging
import ObjectStores
import Storage
import StorageSQLite
import Vocabulary

let schema = Schema(
    name: "crash",
    [
        Migration(
            "crash_0001",
            [
                "CREATE TABLE written (writer INTEGER NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (writer, number)) STRICT",
                "CREATE INDEX written_body ON written (body)",
            ])
    ])

func say(_ line: String) {
    let line = line + "\n"
    _ = line.withCString { Glibc.write(1, $0, strlen($0)) }
}

func add(_ database: any Database, _ writer: Int, _ number: Int) async throws {
    let body = String(repeating: "\(writer).\(number) ", count: 1 + number % 40)
    try await database.write { try $0.run("INSERT INTO written VALUES (\(writer), \(number), \(body))") }
    say("\(writer) \(number)")
}

let arguments = CommandLine.arguments
let limit = arguments.count == 4 && arguments[2] == "limit" ? UInt(arguments[3]) : nil
let ships = arguments.count == 4 && ["ship", "confirm", "catch-up"].contains(arguments[2])
guard arguments.count == 2 || limit != nil || ships else { exit(2) }
var options = SQLiteOptions()
var shipping: Shipping?
if ships {
    let store = try await FileSystemStore(directory: arguments[3])
    var settings = Shipping.Settings()
    settings.interval = .milliseconds(5)
    if arguments[2] == "confirm" { settings.confirms = { _ in true } }
    shipping = Shipping(to: store, settings: settings, logger: Logger(label: "shipping") { _ in SwiftLogNoOpLogHandler() })
    options.logWatcher = shipping
}
// Small, so that kills hit checkpoints and restarts of the log as well.
if limit == nil { options.checkpointFrames = 60 }
options.onDiskFailure = { say("disk failed under \($0)") }
let engine = try SQLiteEngine(directory: arguments[1], options: options)
let key = Secret((0..<32).map { UInt8($0) })
if try await !engine.exists(.control) {
    try await engine.create(.control, key: key, schema: schema) { _ in }
}
if let shipping { Task { await shipping.run(engine) } }
let database = try await engine.open(.control, schema: schema) { key }
if arguments.count == 4, arguments[2] == "catch-up", let shipping {
    try await shipping.caughtUp()
    _ = try await shipping.base(of: .control)
    exit(0)
}

guard let limit else {
    try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<8 {
            group.addTask {
                var number = try await database.read {
                    try $0.value("SELECT coalesce(max(number), -1) + 1 FROM written WHERE writer = \(writer)", as: Int.self) ?? 0
                }
                while true {
                    try await add(database, writer, number)
                    number += 1
                }
            }
        }
        try await group.waitForAll()
    }
    exit(1)
}

signal(SIGXFSZ, SIG_IGN)
// 1 is RLIMIT_FSIZE, which Glibc types differently from the function.
var bound = rlimit(rlim_cur: limit, rlim_max: ~0)
setrlimit(__rlimit_resource_t(1), &bound)
var number = 0
while number < 100_000 {
    do {
        try await add(database, 0, number)
        number += 1
    } catch {
        say("failed \(error)")
        break
    }
}
bound.rlim_cur = ~0
setrlimit(__rlimit_resource_t(1), &bound)
for _ in 0..<3 {
    do {
        try await add(database, 1, 0)
        say("unexpected")
    } catch {
        say("refused \(error)")
    }
}
let again = try await engine.open(.control, schema: schema) { key }
say("found \(try await again.read { try $0.value("SELECT count(*) FROM written", as: Int.self) ?? -1 })")
try await add(again, 2, 0)
await engine.shutdown()
