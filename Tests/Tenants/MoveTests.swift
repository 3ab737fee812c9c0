import Audit
import Jobs
import Moving
import Records
import Sealing
import Storage
import StoragePostgres
import StorageSQLite
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import Tenants

/// The other place.
private enum Annexe: CaseIterable, CustomTestStringConvertible {
    case directory, postgres

    var testDescription: String { "\(self)" }
}

/// An environment with records, at one of two places.
private struct Landscape: Sendable {
    static let schema = Schema(name: "environment", AuditLog.migrations, Operations.migrations, Workspace.migrations)
    static let itself = Principal(.platform(component: "server"))
    /// Where environments begin.
    static let home = TestEngine.isPostgres ? Places.postgres : Places.embedded

    let fixture: TestEngine
    let annexe: any Engine
    private let places: [any Sendable]
    let keyring: Keyring
    let control: any Database
    let clock = ManualClock()
    let tenants: Tenants
    let environment: EnvironmentID
    let shell = Principal(.shell(user: "operator"))
    let actor = Actor.platform("test")

    init(_ kind: Annexe = .directory, options: SQLiteOptions = SQLiteOptions()) async throws {
        fixture = try await TestEngine()
        switch kind {
        case .directory:
            let directory = try TemporaryDirectory()
            (annexe, places) = (try SQLiteEngine(directory: directory.path + "/data", options: options), [directory])
        case .postgres:
            let server = try PostgresPlace()
            (annexe, places) = (try await server.start(), [server])
        }
        keyring = Keyring(directory: fixture.directory.path + "/keys", clock: clock, entropy: SystemEntropy())
        try keyring.unseal(with: try #require(MasterKey(Secret(Array(repeating: 3, count: 32)), version: 1)))
        control = try await fixture.database(.control, schema: Platform.controlSchema)
        tenants = Self.tenants(control, fixture, annexe, keyring, clock)
        let tenant = try await tenants.create(slug: "acme", name: "Acme", edition: "team", region: "eu-west", by: shell)
        environment = try #require(try await tenants.environments(of: tenant.id).first).id
        let workspace = try await workspace()
        try await workspace.collections.create(
            .init(
                slug: "things", name: "Things",
                fields: [
                    .init(key: "name", type: .text, indexed: true), .init(key: "code", type: .text, unique: true),
                    .init(key: "text", type: .longText),
                ]), by: actor)
        for number in 0..<60 { _ = try await write("thing \(number)", workspace) }
    }

    static func tenants(
        _ control: any Database, _ fixture: TestEngine, _ annexe: any Engine, _ keyring: Keyring, _ clock: ManualClock
    ) -> Tenants {
        Tenants(
            control: control, engine: fixture.engine, elsewhere: ["annexe": annexe], keyring: keyring, environmentSchema: schema,
            clock: clock, entropy: SystemEntropy(), audit: AuditLog(), derivation: RecordDerivation())
    }

    /// Another process over the same data, or the same one after its death.
    var restarted: Tenants { Self.tenants(control, fixture, annexe, keyring, clock) }

    func workspace(_ tenants: Tenants? = nil) async throws -> Workspace {
        Workspace(
            database: try await (tenants ?? self.tenants).database(of: environment), clock: clock, entropy: SystemEntropy(),
            audit: AuditLog(),
            designs: DesignCache())
    }

    @discardableResult
    func write(_ name: String, _ workspace: Workspace) async throws -> RecordID {
        try await workspace.records.create(["name": .string(name), "code": .string(name)], in: "things", by: actor).id
    }

    var pace: MovePace {
        var pace = MovePace()
        pace.rows = 25
        return pace
    }

    func found(_ tenants: Tenants? = nil) async throws -> HostedEnvironment {
        try await (tenants ?? self.tenants).allEnvironments()[0]
    }

    func names(_ tenants: Tenants? = nil) async throws -> [String] {
        let database = try await (tenants ?? self.tenants).database(of: environment)
        return try await database.read { reader in
            try reader.rows("SELECT \(json: "body", "name") FROM record ORDER BY number").map { try $0.get(0) }
        }
    }

    func events() async throws -> [String] {
        try await control.read { try $0.rows("SELECT event FROM audit_entry ORDER BY seq").map { try $0.get(0) } }
    }

    func checkpoints(_ tenants: Tenants? = nil) async throws -> AuditCheckpoints {
        try #require(
            AuditCheckpoints(
                database: try await (tenants ?? self.tenants).database(of: environment),
                origin: AuditLog.origin(apex: "holdfast.test", environment: environment),
                seed: try keyring.subkey(for: .environment(environment), purpose: .auditSigning), clock: clock))
    }

    /// Whole at exactly one place, with nothing left of the other; `at` nil for either.
    func expectWhole(at place: String?, _ tenants: Tenants? = nil, _ location: SourceLocation = #_sourceLocation) async throws {
        let found = try await found(tenants)
        if let place { #expect(found.place == place, sourceLocation: location) }
        let engines: [String: any Engine] = [Landscape.home: fixture.engine, "annexe": annexe]
        for (name, engine) in engines {
            #expect(try await engine.exists(.environment(environment)) == (name == found.place), "\(name)", sourceLocation: location)
        }
        let keys = Set(try keyring.owners())
        #expect(keys == [.environment(environment), .database(environment, copy: found.copy)], sourceLocation: location)
        #expect(try await (tenants ?? self.tenants).plannedMoves().isEmpty, sourceLocation: location)
        let database = try await (tenants ?? self.tenants).database(of: environment)
        let left = try await database.read { reader in
            try reader.value(
                reader.dialect == .sqlite
                    ? "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'move%'"
                    : "SELECT count(*) FROM pg_class WHERE relname LIKE 'move%'",
                as: Int.self)
        }
        #expect(left == 0, sourceLocation: location)
        let checkpoints = try await checkpoints(tenants)
        let report = try await AuditVerifier(key: checkpoints.key).verify(database)
        #expect(report.holds, "\(report.faults)", sourceLocation: location)
    }

    func shutdown() async {
        await fixture.engine.shutdown()
        await annexe.shutdown()
    }
}

/// Writes without a pause, and knows what was acknowledged.
private final class Writers: Sendable {
    private let acknowledged = Mutex<[String]>([])
    private let isStopped = Mutex(false)
    private let tasks: Mutex<[Task<Void, Never>]> = Mutex([])
    private let refused = Mutex<[String]>([])

    init(_ count: Int, _ write: @escaping @Sendable (String) async throws -> Void) {
        for writer in 0..<count {
            let task = Task { [self] in
                var number = 0
                while !isStopped.withLock({ $0 }) {
                    let name = "writer \(writer) line \(number)"
                    do {
                        try await write(name)
                        acknowledged.withLock { $0.append(name) }
                    } catch {
                        refused.withLock { $0.append("\(name): \(error)") }
                    }
                    number += 1
                    // Somebody at work, not somebody who takes the whole machine.
                    try? await Task.sleep(for: .milliseconds(5))
                }
            }
            tasks.withLock { $0.append(task) }
        }
    }

    /// Waits until so many more were acknowledged than now.
    func write(_ more: Int, _ location: SourceLocation = #_sourceLocation) async throws {
        let enough = acknowledged.withLock { $0.count } + more
        while acknowledged.withLock({ $0.count }) < enough {
            let failure = refused.withLock { $0.first }
            try #require(failure == nil, sourceLocation: location)
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    func stop() async -> (acknowledged: [String], refused: [String]) {
        isStopped.withLock { $0 = true }
        for task in tasks.withLock({ $0 }) { await task.value }
        return (acknowledged.withLock { $0 }, refused.withLock { $0 })
    }
}

@Suite(.timeLimit(.minutes(5))) struct MoveTests {
    @Test(arguments: Annexe.allCases)
    private func `an environment moves there and back while it is written to, and nothing is lost or doubled`(kind: Annexe) async throws {
        let landscape = try await Landscape(kind)
        let before = try await landscape.checkpoints().sign()
        let workspace = try await landscape.workspace()
        let writers = Writers(3) { try await landscape.write($0, workspace) }
        try await writers.write(10)
        for (from, to, copy) in [(Landscape.home, "annexe", 2), ("annexe", Landscape.home, 3)] {
            let report = try await landscape.tenants.move(landscape.environment, to: to, by: landscape.shell, pace: landscape.pace)
            #expect(report.from == from)
            #expect(report.to == to)
            #expect(report.isOldCopyRemoved)
            #expect(report.pause > .zero)
            #expect(report.rows > 60)
            #expect(try await landscape.found().copy == copy)
            try await writers.write(10)
        }
        let (acknowledged, refused) = await writers.stop()
        #expect(refused.isEmpty, "\(refused.prefix(3))")
        try await landscape.expectWhole(at: Landscape.home)
        let names = try await landscape.names()
        #expect(names.count == Set(names).count)
        #expect(Set(names) == Set(acknowledged).union((0..<60).map { "thing \($0)" }))
        // The log of before still proves, with the same key.
        let signed = try #require(before)
        let report = try await AuditVerifier(key: landscape.checkpoints().key, kept: [signed.note]).verify(
            landscape.tenants.database(of: landscape.environment))
        #expect(report.holds, "\(report.faults)")
        #expect(try await landscape.checkpoints().sign() != nil)
        #expect(
            try await landscape.events().suffix(4) == [
                "environment_moved", "environment_copy_destroyed", "environment_moved", "environment_copy_destroyed",
            ])
        await landscape.shutdown()
    }

    @Test func `writers who waited too long go on at the old place, and it is tried again`() async throws {
        let landscape = try await Landscape()
        let workspace = try await landscape.workspace()
        let writers = Writers(2) { try await landscape.write($0, workspace) }
        try await writers.write(5)
        let pauses = Mutex(0)
        let report = try await landscape.tenants.move(landscape.environment, to: "annexe", by: landscape.shell, pace: landscape.pace) {
            [pace = landscape.pace] in
            // A slow disk, twice.
            if $0.step == .paused,
                pauses.withLock({
                    $0 += 1; return $0
                }) < 3
            {
                try await Task.sleep(for: pace.pauseMax * 2)
            }
        }
        #expect(pauses.withLock { $0 } >= 3)
        #expect(report.isOldCopyRemoved)

        var never = landscape.pace
        never.pauseMax = .zero
        never.pausesMax = 2
        let refusal = await #expect(throws: Refusal.self) {
            _ = try await landscape.tenants.move(landscape.environment, to: Landscape.home, by: landscape.shell, pace: never)
        }
        #expect(refusal?.code == "move-given-up")
        try await writers.write(5)
        let (acknowledged, refused) = await writers.stop()
        #expect(refused.isEmpty, "\(refused.prefix(3))")
        try await landscape.expectWhole(at: "annexe")
        #expect(Set(try await landscape.names()) == Set(acknowledged).union((0..<60).map { "thing \($0)" }))
        await landscape.shutdown()
    }

    @Test(arguments: Annexe.allCases)
    private func `search, sorting, history and what is unique are the same at the new place`(kind: Annexe) async throws {
        let landscape = try await Landscape(kind)
        let workspace = try await landscape.workspace()
        let id = try await landscape.write("findable", workspace)
        _ = try await workspace.records.change(id, in: "things", ["name": "findable again"], ifVersion: nil, by: landscape.actor)
        let report = try await landscape.tenants.move(landscape.environment, to: "annexe", by: landscape.shell)
        #expect(report.rows > 60)
        #expect(try await workspace.records.list(in: "things", Query(search: "again"), by: landscape.actor).records.map(\.id) == [id])
        #expect(try await workspace.records.list(in: "things", Query(search: "thing", limit: 500), by: landscape.actor).records.count == 60)
        let refusal = await #expect(throws: Refusal.self) { try await landscape.write("findable", workspace) }
        #expect(refusal?.fields.first?.field == "code")
        let versions = try await landscape.tenants.database(of: landscape.environment).read {
            try $0.value("SELECT count(*) FROM record_version", as: Int.self)
        }
        #expect(versions == 1)
        // A design that is changed after the move finds its indexes.
        try await workspace.collections.removeField("code", of: "things", by: landscape.actor)
        await landscape.shutdown()
    }

    @Test(arguments: MoveStep.allCases, Annexe.allCases)
    private func `cut off at any step, the environment is whole at one place, and the other is cleaned at the next start`(
        step: MoveStep, kind: Annexe
    ) async throws {
        let landscape = try await Landscape(kind)
        let workspace = try await landscape.workspace()
        let writers = Writers(2) { try await landscape.write($0, workspace) }
        try await writers.write(5)
        await #expect(throws: MoveCutOff.self) {
            _ = try await landscape.tenants.move(landscape.environment, to: "annexe", by: landscape.shell, pace: landscape.pace) {
                if $0.step == step { throw MoveCutOff() }
            }
        }
        let acknowledged = await writers.stop().acknowledged
        let restarted = landscape.restarted
        try await restarted.recover(by: Landscape.itself)
        let isMoved = try await landscape.found(restarted).place == "annexe"
        let last: [MoveStep] = [.switched, .resumed, .databaseDestroyed, .keyDestroyed]
        #expect(isMoved == last.contains(step))
        try await landscape.expectWhole(at: nil, restarted)
        let names = try await landscape.names(restarted)
        #expect(names.count == Set(names).count)
        #expect(Set(names).isSuperset(of: acknowledged))
        try await landscape.write("afterwards", landscape.workspace(restarted))
        // And it can be moved as if nothing had been.
        _ = try await restarted.move(
            landscape.environment, to: isMoved ? Landscape.home : "annexe", by: landscape.shell)
        try await landscape.expectWhole(at: isMoved ? Landscape.home : "annexe", restarted)
        #expect(try await landscape.names(restarted).last == "afterwards")
        await landscape.shutdown()
    }

    @Test(arguments: Annexe.allCases)
    private func `a process that isn't told of the move follows it, with its handle of before`(kind: Annexe) async throws {
        let landscape = try await Landscape(kind)
        let other = landscape.restarted
        let theirs = try await landscape.workspace(other)
        let writers = Writers(2) { try await landscape.write($0, theirs) }
        try await writers.write(5)
        _ = try await landscape.tenants.move(landscape.environment, to: "annexe", by: landscape.shell, pace: landscape.pace)
        try await writers.write(5)
        let (acknowledged, refused) = await writers.stop()
        #expect(refused.isEmpty, "\(refused.prefix(3))")
        #expect(Set(try await landscape.names()) == Set(acknowledged).union((0..<60).map { "thing \($0)" }))
        #expect(try await theirs.records.list(in: "things", Query(limit: 10), by: landscape.actor).records.count == 10)
        try await landscape.expectWhole(at: "annexe")
        await landscape.shutdown()
    }

    @Test func `a place that is not there, the same place, and a second move at once are refused`() async throws {
        let landscape = try await Landscape()
        @Sendable func code(_ place: String) async -> String? {
            do {
                _ = try await landscape.tenants.move(landscape.environment, to: place, by: landscape.shell)
                return nil
            } catch {
                return (error as? Refusal)?.code
            }
        }
        #expect(await code("moon") == "place-unknown")
        #expect(await code(Landscape.home) == "place-same")
        let second = Mutex<String?>(nil)
        _ = try await landscape.tenants.move(landscape.environment, to: "annexe", by: landscape.shell) { progress in
            guard progress.step == .compared else { return }
            let answer = await code("annexe")
            second.withLock { $0 = answer }
        }
        #expect(second.withLock { $0 } == "move-running")
        landscape.keyring.seal()
        #expect(await code(Landscape.home) == "sealed")
        await landscape.shutdown()
    }

    enum Fault: CaseIterable { case full, lost, sealed }

    @Test(arguments: Fault.allCases)
    func `what goes wrong at the new place leaves the environment where it was`(fault: Fault) async throws {
        var options = SQLiteOptions()
        if fault == .full { options.pagesMax = 60 }
        let landscape = try await Landscape(options: options)
        let workspace = try await landscape.workspace()
        let long = String(repeating: "long ", count: 2000)
        for number in 0..<40 {
            _ = try await workspace.records.create(
                ["name": .string("long \(number)"), "code": .string("long \(number)"), "text": .string(long)], in: "things",
                by: landscape.actor)
        }
        let before = try await landscape.names()
        await #expect(throws: (any Error).self) {
            _ = try await landscape.tenants.move(landscape.environment, to: "annexe", by: landscape.shell, pace: landscape.pace) {
                progress in
                guard progress.step == .copying else { return }
                switch fault {
                case .full: break
                case .lost: try? await landscape.annexe.destroy(.environment(landscape.environment))
                case .sealed:
                    landscape.keyring.seal()
                    throw StorageError.closed
                }
            }
        }
        if fault == .sealed {
            try landscape.keyring.unseal(with: try #require(MasterKey(Secret(Array(repeating: 3, count: 32)), version: 1)))
        }
        try await landscape.tenants.recover(by: Landscape.itself)
        try await landscape.expectWhole(at: Landscape.home)
        #expect(try await landscape.names() == before)
        try await landscape.write("goes on", workspace)
        await landscape.shutdown()
    }

    @Test func `pieces of the old copy can't be read once its key is gone`() async throws {
        let landscape = try await Landscape()
        let old = try landscape.keyring.key(for: .database(landscape.environment, copy: 1))
        _ = try await landscape.tenants.move(landscape.environment, to: "annexe", by: landscape.shell)
        #expect(throws: SealingFault.self) { try landscape.keyring.key(for: .database(landscape.environment, copy: 1)) }
        #expect(try landscape.keyring.key(for: .database(landscape.environment, copy: 2)) != old)
        // The environment's own key, which signs, is untouched.
        #expect(try landscape.keyring.contains(.environment(landscape.environment)))
        await landscape.shutdown()
    }
}
