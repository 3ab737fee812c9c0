// Writes rows into an existing database as fast as it can, and says on standard output which ones were acknowledged:
// one line "writer number" each. Made to be killed; see Tests/Storage/CrashTests.swift.
import Glibc
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

guard CommandLine.arguments.count == 2 else { exit(2) }
var options = SQLiteOptions()
// Small, so that kills hit checkpoints and restarts of the log as well.
options.checkpointFrames = 60
let engine = try SQLiteEngine(directory: CommandLine.arguments[1], options: options)
let key = Secret((0..<32).map { UInt8($0) })
if try await !engine.exists(.control) {
    try await engine.create(.control, key: key, schema: schema) { _ in }
}
let database = try await engine.open(.control, schema: schema) { key }

try await withThrowingTaskGroup(of: Void.self) { group in
    for writer in 0..<8 {
        group.addTask {
            var number = try await database.read {
                try $0.value("SELECT coalesce(max(number), -1) + 1 FROM written WHERE writer = \(writer)", as: Int.self) ?? 0
            }
            while true {
                let current = number
                let body = String(repeating: "\(writer).\(current) ", count: 1 + current % 40)
                try await database.write { try $0.run("INSERT INTO written VALUES (\(writer), \(current), \(body))") }
                let line = "\(writer) \(current)\n"
                _ = line.withCString { Glibc.write(1, $0, strlen($0)) }
                number += 1
            }
        }
    }
    try await group.waitForAll()
}
