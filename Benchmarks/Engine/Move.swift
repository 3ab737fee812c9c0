import Audit
import Cluster
import Foundation
import Records
import Sealing
import Storage
import StoragePostgres
import StorageSQLite
import Synchronization
import Tenants
import Vocabulary

private final class Tally: Sendable {
    private let state = Mutex((written: 0, longest: Duration.zero, isDone: false))

    var written: Int { state.withLock { $0.written } }
    var longest: Duration { state.withLock { $0.longest } }
    var isDone: Bool { state.withLock { $0.isDone } }

    func note(_ duration: Duration) {
        state.withLock {
            $0.written += 1
            $0.longest = max($0.longest, duration)
        }
    }

    func begin() { state.withLock { ($0.longest, $0.isDone) = (.zero, false) } }
    func end() { state.withLock { $0.isDone = true } }
}

/// Moves an environment of `megabytes` from files to another place and back while four writers write: MB/s, and how long they had to wait.
/// - Parameter url: of a PostgreSQL server that is the other place; else it is another directory.
func move(megabytes: Int, _ engine: SQLiteEngine, url: String?) async throws {
    struct Failure: Error { let reason: String }
    let (clock, entropy) = (SystemClock(), SystemEntropy())
    let (place, annexe): (Places.Name, any Engine) =
        if let url {
            (Places.postgres, try await PostgresEngine.start(PostgresOptions(url: url)))
        } else {
            ("annexe", try SQLiteEngine(directory: directory + "-annexe"))
        }
    let keyring = Keyring(directory: directory + "-keys", clock: clock, entropy: entropy)
    guard let master = MasterKey(Secret(entropy.bytes(32))) else { throw Failure(reason: "no master key") }
    try keyring.unseal(with: master)
    let schema = Schema(name: "control", AuditLog.migrations, Invalidations.migrations, Tenants.migrations)
    try await engine.create(.control, key: key, schema: schema) { _ in }
    let control = try await engine.open(.control, schema: schema) { key }
    let tenants = Tenants(
        control: control, engine: engine, elsewhere: [place: annexe], keyring: keyring, environmentSchema: full, clock: clock,
        entropy: entropy, audit: AuditLog(), derivation: RecordDerivation())
    let shell = Principal(.shell(user: "bench"))
    let tenant = try await tenants.create(slug: "acme", name: "Acme", edition: "enterprise", region: "eu-west", by: shell)
    guard let environment = try await tenants.environments(of: tenant.id).first?.id else { throw Failure(reason: "no environment") }
    let workspace = Workspace(
        database: try await tenants.database(of: environment), clock: clock, entropy: entropy, audit: AuditLog(), designs: DesignCache())
    let actor = Actor.platform("bench")
    try await workspace.collections.create(
        .init(
            slug: "things", name: "Things",
            fields: [.init(key: "name", type: .text, indexed: true), .init(key: "code", type: .text, unique: true), .init(key: "text", type: .longText)]),
        by: actor)
    let tally = Tally()
    let words = (0..<60).map { "word\($0 * 7919 % 997)" }.joined(separator: " ")
    @Sendable func write(_ name: String) async throws {
        let began = ContinuousClock.now
        _ = try await workspace.records.create(
            ["name": .string(name), "code": .string(name), "text": .string(words + " " + name)], in: "things", by: actor)
        tally.note(ContinuousClock.now - began)
    }
    // About a kilobyte each, with its audit event.
    try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<32 {
            group.addTask { for number in 0..<(megabytes * 1000 / 32) { try await write("\(writer)-\(number)") } }
        }
        try await group.waitForAll()
    }
    for goal in [place, Places.embedded] {
        tally.begin()
        let before = tally.written
        let writers = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask {
                        var number = 0
                        while !tally.isDone {
                            try await write("late \(goal) \(writer)-\(number)")
                            number += 1
                            try await Task.sleep(for: .milliseconds(10))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        let meter = Meter()
        let result = try await tenants.move(environment, to: goal, by: shell)
        let cpu = meter.cpuSeconds
        tally.end()
        try await writers.value
        let seconds = Double(result.took.microseconds) / 1e6
        let way = goal == Places.embedded ? "\(place) to files" : "files to \(place)"
        let remark = String(
            format: "%d rows, %.0f MB, %.0f s and %.0f CPU-s of this process, %d writes meanwhile", result.rows, Double(result.bytes) / 1e6,
            seconds, cpu, tally.written - before)
        report("move from \(way)", Double(result.bytes) / 1e6 / seconds, "MB/s", remark)
        report("move from \(way): writers waited", Double(result.pause.microseconds) / 1000, "ms")
        report("move from \(way): longest write", Double(tally.longest.microseconds) / 1000, "ms", "of those meanwhile")
    }
    await annexe.shutdown()
    if url == nil { try FileManager.default.removeItem(atPath: directory + "-annexe") }
    try FileManager.default.removeItem(atPath: directory + "-keys")
}
