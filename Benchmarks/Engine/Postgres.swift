import Foundation
import Storage
import StoragePostgres
import Synchronization
import Vocabulary

/// The engine over PostgreSQL without HTTP, in steps: whoever drives it measures a peer between them, on the same rows of the same server.
///
/// Prints the database's name, then answers each line `KIND CONNECTIONS SECONDS` on standard input with how much was done, what it cost this process,
/// and how many connections were open. Ends with its standard input.
func postgresSteps(url: String) async throws {
    let options = try PostgresOptions(url: url)
    let name = environment()
    let maker = try await PostgresEngine.start(options)
    try await maker.create(name, key: key, schema: servedRows) { transaction in
        for number in 1...rowCount { try transaction.run("INSERT INTO item (id, sku, body) VALUES (\(number), \("sku-\(number)"), \(body))") }
    }
    let database = try await maker.open(name, schema: servedRows) { key }
    let served = try await database.read { try $0.value("SELECT CAST(current_database() AS text)", as: String.self) ?? "" }
    await maker.shutdown()
    print(served)
    fflush(nil)
    while let line = readLine() {
        let words = line.split(separator: " ")
        guard words.count == 3, let kind = Step(rawValue: String(words[0])), let connections = Int(words[1]), let seconds = Double(words[2])
        else { continue }
        try await step(kind, connections, seconds, name, options)
    }
}

private let rowCount = 20_000
private let servedRows = Schema(
    name: "bench",
    [
        Migration(
            "bench_0001",
            ["CREATE TABLE item (id BIGINT PRIMARY KEY, sku TEXT NOT NULL, body TEXT NOT NULL)", "CREATE SEQUENCE made START 1000000"])
    ])

private enum Step: String {
    case point, page, insert, two

    func perform(_ database: any Database, _ number: Int) async throws {
        let id = number % rowCount + 1
        switch self {
        case .point: _ = try await database.read { try $0.row("SELECT id, sku, body FROM item WHERE id = \(id)") }
        case .page: _ = try await database.read { try $0.rows("SELECT id, sku, body FROM item WHERE id > \(id) ORDER BY id LIMIT 100") }
        case .two:
            _ = try await database.read { reader in
                _ = try reader.row("SELECT id, sku, body FROM item WHERE id = \(id)")
                return try reader.row("SELECT sku, body FROM item WHERE id = \(rowCount - id + 1)")
            }
        case .insert:
            let sku = "new-\(number)"
            try await database.write { try $0.run("INSERT INTO item (id, sku, body) VALUES (nextval('made'), \(sku), \(body))") }
        }
    }
}

private func step(_ kind: Step, _ connections: Int, _ seconds: Double, _ name: DatabaseName, _ options: PostgresOptions) async throws {
    var options = options
    // One database gets three quarters of the reading threads, and those are what writing and making leave.
    let readers = (connections * 4 + 2) / 3
    options.connections = (readers * 4 + 2) / 3 + 2
    let engine = try await PostgresEngine.start(options)
    let database = try await engine.open(name, schema: servedRows) { key }
    @Sendable func work(until end: ContinuousClock.Instant) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<connections {
                group.addTask {
                    var count = 0
                    while ContinuousClock.now < end {
                        try await kind.perform(database, count &* 7919 &+ task &* 613)
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
    }
    _ = try await work(until: ContinuousClock.now + .milliseconds(300))
    let meter = Meter()
    let count = try await work(until: ContinuousClock.now + .seconds(seconds))
    let (took, cpu) = (meter.seconds, meter.cpuSeconds)
    let open = engine.openConnections
    await engine.shutdown()
    print(#"{"count": \#(count), "seconds": \#(took), "cpu": \#(cpu), "connections": \#(open)}"#)
    fflush(nil)
}
