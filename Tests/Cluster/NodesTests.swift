import Cluster
import Logging
import Storage
import Synchronization
import TestSupport
import Testing
import Vocabulary

/// Who is at work, for people who look, and who may not join.
@Suite struct NodesTests {
    private static let schema = Schema(name: "control", Nodes.migrations)

    private struct Scene: Sendable {
        let engine: TestEngine
        let database: any Database
        let turns = LocalTurns()
        let clock = ManualClock()
        let warnings = Warnings()

        init() async throws {
            engine = try await TestEngine()
            database = try await engine.database(.control, schema: NodesTests.schema)
        }

        func node(
            _ run: String, apex: String = "app.example.com", objects: String = "s3://logs",
            leads: @escaping @Sendable () -> Bool = { false }
        ) -> Nodes {
            Nodes(
                database, turns: turns,
                itself: .init(
                    run: run, name: "node-\(run)", version: "1", startedAt: clock.now(), address: "10.0.0.1:8443",
                    settings: .init(apex: apex, objects: objects)),
                clock: clock, logger: Logger(label: "test", factory: { _ in warnings }), leads: leads)
        }
    }

    private final class Warnings: LogHandler, Sendable {
        private let held = Mutex<[String]>([])
        var metadata: Logger.Metadata {
            get { [:] }
            set {}
        }
        var logLevel: Logger.Level {
            get { .info }
            set {}
        }
        subscript(metadataKey _: String) -> Logger.Metadata.Value? {
            get { nil }
            set {}
        }
        func log(event: LogEvent) { held.withLock { $0.append("\(event.message)") } }
        var all: [String] { held.withLock { $0 } }
    }

    @Test func `a node shows when it was seen, and at once when it leads`() async throws {
        let scene = try await Scene()
        let leads = Mutex(false)
        let nodes = scene.node("a") { leads.withLock { $0 } }
        let start = scene.clock.now()
        try await nodes.step()
        let first = try #require(try await nodes.list().first)
        #expect(first.seenAt == start && !first.leads && first.address == "10.0.0.1:8443" && nodes.isItself(first))
        scene.clock.advance(by: Nodes.pulse - .seconds(1))
        try await nodes.step()
        #expect(try await nodes.list().first?.seenAt == start, "not more often than it has to")
        leads.withLock { $0 = true }
        try await nodes.step()
        #expect(try await nodes.list().first?.leads == true)
        #expect(try await nodes.list().first?.seenAt == scene.clock.now())
        scene.clock.advance(by: Nodes.pulse)
        try await nodes.step()
        #expect(try await nodes.list().first?.seenAt == scene.clock.now())
    }

    @Test func `a node for another host name leaves again, and says which one is right`() async throws {
        let scene = try await Scene()
        let (one, other) = (scene.node("a"), scene.node("b", apex: "other.example.com"))
        try await one.step()
        try await one.agree()
        try await other.step()
        let fault = await #expect(throws: ForeignApex.self) { try await other.agree() }
        #expect(fault?.description.contains("--apex app.example.com") == true)
        #expect(try await one.list().map(\.run) == ["a"])
        #expect(try await !one.isAtWork("b"))
        let third = scene.node("c")
        try await third.step()
        try await third.agree()
        #expect(scene.warnings.all.isEmpty)
    }

    @Test func `a node that publishes elsewhere joins and warns`() async throws {
        let scene = try await Scene()
        let (one, other) = (scene.node("a"), scene.node("b", objects: "/srv/objects"))
        try await one.step()
        try await other.step()
        try await other.agree()
        #expect(try await one.list().count == 2)
        #expect(scene.warnings.all.count == 1 && scene.warnings.all.first?.contains("--objects") == true)
    }
}
