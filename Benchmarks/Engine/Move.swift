import Audit
import Cluster
import Foundation
import Records
import Sealing
import Storage
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

    func begin() { state.withLock { $0.longest = .zero } }
    func end() { state.withLock { $0.isDone = true } }
}

/// Moves an environment of `megabytes` between two directories while four writers write: MB/s, and how long they had to wait.
func move(megabytes: Int, _ engine: SQLiteEngine) async throws {
    struct Failure: Error { let reason: String }
    let (clock, entropy) = (SystemClock(), SystemEntropy())
    let annexe = try SQLiteEngine(directory: directory + "-annexe")
    let keyring = Keyring(directory: directory + "-keys", clock: clock, entropy: entropy)
    guard let master = MasterKey(Secret(entropy.bytes(32))) else { throw Failure(reason: "no master key") }
    try keyring.unseal(with: master)
    let schema = Schema(name: "control", AuditLog.migrations, Invalidations.migrations, Tenants.migrations)
    try await engine.create(.control, key: key, schema: schema) { _ in }
    let control = try await engine.open(.control, schema: schema) { key }
    let tenants = Tenants(
        control: control, engine: engine, elsewhere: ["annexe": annexe], keyring: keyring, environmentSchema: full, clock: clock,
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
    tally.begin()
    let before = tally.written
    let writers = Task {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    var number = 0
                    while !tally.isDone {
                        try await write("late \(writer)-\(number)")
                        number += 1
                        try await Task.sleep(for: .milliseconds(10))
                    }
                }
            }
            try await group.waitForAll()
        }
    }
    let result = try await tenants.move(environment, to: "annexe", by: shell)
    tally.end()
    try await writers.value
    let seconds = Double(result.took.microseconds) / 1e6
    let remark = "\(result.rows) rows, \(result.bytes / 1_000_000) MB, \(tally.written - before) writes meanwhile"
    report("move", Double(result.bytes) / 1e6 / seconds, "MB/s", remark)
    report("move: writers waited", Double(result.pause.microseconds) / 1000, "ms", "")
    report("move: longest write", Double(tally.longest.microseconds) / 1000, "ms", "of those meanwhile")
    await annexe.shutdown()
    try FileManager.default.removeItem(atPath: directory + "-annexe")
    try FileManager.default.removeItem(atPath: directory + "-keys")
}
