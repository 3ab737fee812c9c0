import Logging
import Storage
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import Cluster

@Suite("Turns, the lead, and who is there")
struct TurnTests {
    /// Turns that several nodes share, each over a connection of its own.
    final class SharedTurns: Turns {
        let shared: LocalTurns
        private let held = Mutex<[HeldTurn]>([])

        init(_ shared: LocalTurns) { self.shared = shared }

        final class HeldTurn: Turn {
            let inner: any Turn
            init(_ inner: any Turn) { self.inner = inner }
            func isHeld() -> Bool { inner.isHeld() }
            func giveBack() { inner.giveBack() }
        }

        func take(_ name: String) -> (any Turn)? {
            guard let turn = shared.take(name) else { return nil }
            let mine = HeldTurn(turn)
            held.withLock { $0.append(mine) }
            return mine
        }

        /// As when the connection is cut: everything that was held is free.
        func lose() { held.withLock { $0 }.forEach { $0.giveBack() } }
    }

    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func `a turn is one's own until it is given back`() throws {
        let turns = LocalTurns()
        let mine = try #require(turns.take("import"))
        #expect(turns.take("import") == nil)
        #expect(turns.take("export") != nil)
        mine.giveBack()
        #expect(!mine.isHeld())
        let other = try #require(turns.take("import"))
        mine.giveBack()
        #expect(other.isHeld(), "given back twice takes nothing from the next holder")
    }

    @Test func `one leads, and another when its connection is cut`() async throws {
        let all = LocalTurns()
        let (near, far) = (SharedTurns(all), SharedTurns(all))
        let (here, there) = (Leadership(near, logger: Self.quiet), Leadership(far, logger: Self.quiet))
        await here.step()
        await there.step()
        #expect(here.isLeader && !there.isLeader)
        near.lose()
        await there.step()
        await here.step()
        #expect(!here.isLeader && there.isLeader)
    }

    @Test func `a node that is gone is noticed by those who remain`() async throws {
        let engine = try await TestEngine()
        let database = try await engine.database(.control, schema: Gatekeeper.schema)
        let all = LocalTurns()
        let (near, far) = (SharedTurns(all), SharedTurns(all))
        func nodes(_ turns: any Turns, _ run: String) -> Nodes {
            Nodes(
                database, turns: turns, itself: .init(run: run, name: "node-\(run)", version: "1", startedAt: SystemClock().now()),
                clock: SystemClock(), logger: Self.quiet)
        }
        let (here, there) = (nodes(near, "a"), nodes(far, "b"))
        let losses = Mutex(0)
        there.listen { losses.withLock { $0 += 1 } }
        try await here.step()
        try await there.step()
        #expect(try await there.list().map(\.run) == ["a", "b"])
        #expect(try await there.isAtWork("a"))
        #expect(try await there.isAtWork("b"))
        #expect(try await !there.isAtWork("c"))
        #expect(losses.withLock { $0 } == 0)
        near.lose()
        try await there.step()
        #expect(losses.withLock { $0 } == 1)
        #expect(try await there.list().map(\.run) == ["b"])
        #expect(try await !there.isAtWork("a"))
        // It only lost its connection: it is there again.
        try await here.step()
        #expect(try await there.isAtWork("a"))
        #expect(try await there.list().count == 2)
    }
}
