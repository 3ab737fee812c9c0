import Cluster
import Storage
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import Jobs

struct OperationsTests {
    private let desk: Desk
    private let person: Principal
    private struct Fault: Error {}

    init() async throws {
        desk = try await Desk()
        person = Principal(.account(AccountID(at: desk.clock.now(), entropy: desk.entropy)))
    }

    @Test func `an operation is queued, runs, and succeeds with its result`() async throws {
        let operations = desk.operations()
        let started = try await operations.start("import", total: 10, by: person)
        #expect(started.state == .queued && started.fraction == 0 && started.wasStarted(by: person))
        #expect(!started.wasStarted(by: Principal(.anonymous)))
        try await operations.perform(started.id) { progress in
            try await progress.advance(to: 4, message: "Reading")
            let middle = try await operations.find(started.id)
            #expect(middle.state == .running && middle.done == 4 && middle.fraction == 0.4 && middle.message == "Reading")
            return ["imported": 10]
        }
        let finished = try await operations.find(started.id)
        #expect(finished.state == .succeeded && finished.result == ["imported": 10] && finished.finishedAt == desk.clock.now())
    }

    @Test func `a refusal's words are the operation's; other errors stay inside`() async throws {
        let operations = desk.operations()
        let first = try await operations.start("import", by: person)
        await #expect(throws: Refusal.self) {
            try await operations.perform(first.id) { _ in throw Refusal.invalid("bad-line", "Line 3 has too many columns.") }
        }
        #expect(try await operations.find(first.id).message == "Line 3 has too many columns.")
        let second = try await operations.start("import", by: person)
        await #expect(throws: Fault.self) { try await operations.perform(second.id) { _ in throw Fault() } }
        let failed = try await operations.find(second.id)
        #expect(failed.state == .failed && !failed.message.contains("Fault"))
    }

    @Test func `a running operation stops when asked, at its next checkpoint`() async throws {
        let operations = desk.operations()
        let started = try await operations.start("import", by: person)
        try await operations.perform(started.id) { progress in
            try await progress.checkpoint()
            #expect(try await operations.cancel(started.id).isCancelling)
            try await progress.checkpoint()
            Issue.record("went on")
            return .null
        }
        #expect(try await operations.find(started.id).state == .cancelled)
    }

    @Test func `a queued operation that was stopped never starts, and a finished one can't be stopped`() async throws {
        let operations = desk.operations()
        let started = try await operations.start("import", by: person)
        #expect(try await operations.cancel(started.id).state == .cancelled)
        await #expect(throws: Refusal.self) { try await operations.perform(started.id) { _ in .null } }
        await #expect(performing: { try await operations.cancel(started.id) }, throws: { ($0 as? Refusal)?.code == "operation-finished" })
        await #expect(
            performing: { try await operations.cancel(OperationID(at: Instant(seconds: 0), entropy: SeededEntropy(seed: 1))) },
            throws: { ($0 as? Refusal)?.kind == .notFound })
    }

    @Test func `only one of many can run it`() async throws {
        let operations = desk.operations()
        let started = try await operations.start("import", by: person)
        let runs = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try? await operations.perform(started.id) { _ in
                        runs.add()
                        return .null
                    }
                }
            }
        }
        #expect(runs.count == 1)
    }

    @Test func `progress is part of the transaction that made it`() async throws {
        let operations = desk.operations()
        let started = try await operations.start("import", by: person)
        await #expect(throws: Fault.self) {
            try await operations.perform(started.id) { progress in
                try await desk.database.write { transaction in
                    try progress.advance(to: 500, in: transaction)
                    throw Fault()
                }
                return .null
            }
        }
        #expect(try await operations.find(started.id).done == 0)
    }

    @Test func `what a dead process left is failed, stopped or queued again; what this one runs is left alone`() async throws {
        let dead = desk.operations()
        let running = try await dead.start("import", by: person)
        try await dead.begin(running.id)
        let resumable = try await dead.start("reindex", by: person)
        try await dead.begin(resumable.id)
        let stopping = try await dead.start("import", by: person)
        try await dead.begin(stopping.id)
        try await dead.cancel(stopping.id)
        let finished = try await dead.start("import", by: person)
        try await dead.perform(finished.id) { _ in .null }

        let alive = desk.operations()
        let resumed = try await alive.recover(resumable: ["reindex"])
        let mine = try await alive.start("import", by: person)
        try await alive.begin(mine.id)
        #expect(resumed.map(\.id) == [resumable.id])
        #expect(try await alive.find(resumable.id).state == .queued)
        #expect(try await alive.find(running.id).state == .failed)
        #expect(try await alive.find(running.id).message.contains("start it again"))
        #expect(try await alive.find(stopping.id).state == .cancelled)
        #expect(try await alive.find(finished.id).state == .succeeded)
        #expect(try await alive.find(mine.id).state == .running)
        #expect(try await alive.recover(resumable: ["reindex"]).isEmpty)
        try await alive.perform(resumable.id) { _ in .null }
    }

    @Test func `whoever looks first after a restart finds what was running ended`() async throws {
        let dead = desk.operations()
        let running = try await dead.start("import", by: person)
        try await dead.begin(running.id)
        #expect(try await dead.find(running.id).state == .running)
        #expect(try await desk.operations().find(running.id).state == .failed)
    }

    @Test func `a server that stops leaves a word`() async throws {
        let operations = desk.operations()
        let started = try await operations.start("import", by: person)
        let task = Task {
            try await operations.perform(started.id) { _ in
                try await Task.sleep(for: .seconds(60))
                return .null
            }
        }
        while try await operations.find(started.id).state == .queued { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await operations.find(started.id).state == .failed)
    }

    @Test(.timeLimit(.minutes(5))) func `a watcher sees it begin, go on and end, however fast it goes`() async throws {
        let operations = desk.operations()
        let started = try await operations.start("import", total: 1000, by: person)
        async let seen = operations.updates(of: started.id).reduce(into: [Operation]()) { $0.append($1) }
        try await Task.sleep(for: .milliseconds(50))
        try await operations.perform(started.id) { progress in
            for step in stride(from: 0, through: 1000, by: 10) { try await progress.advance(to: step) }
            return ["imported": 1000]
        }
        let updates = try await seen
        #expect(updates.last?.state == .succeeded && updates.last?.done == 1000)
        #expect(updates.map(\.done) == updates.map(\.done).sorted())
        #expect(updates.count <= 101)
    }

    @Test(.timeLimit(.minutes(5))) func `watching what is finished ends at once, and what isn't there is refused`() async throws {
        let operations = desk.operations()
        let started = try await operations.start("import", by: person)
        try await operations.cancel(started.id)
        let updates = try await operations.updates(of: started.id).reduce(into: [Operation]()) { $0.append($1) }
        #expect(updates.map(\.state) == [.cancelled])
        await #expect(throws: Refusal.self) {
            for try await _ in operations.updates(of: OperationID(at: Instant(seconds: 0), entropy: SeededEntropy(seed: 2))) {}
        }
    }

    @Test(.timeLimit(.minutes(5))) func `a watcher that leaves is forgotten`() async throws {
        let board = OperationBoard(entropy: desk.entropy, clock: desk.clock)
        let operations = desk.operations(board)
        let started = try await operations.start("import", by: person)
        let task = Task { for try await _ in operations.updates(of: started.id) {} }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        _ = await task.result
        let deadline = ContinuousClock.now + .seconds(10)
        while board.isWatched, .now < deadline { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!board.isWatched)
    }

    @Test func `lists are newest first and page by the last one`() async throws {
        let operations = desk.operations()
        var ids: [OperationID] = []
        for number in 0..<5 {
            ids.append(try await operations.start(number.isMultiple(of: 2) ? "import" : "export", by: person).id)
            desk.clock.advance(by: .seconds(1))
        }
        #expect(try await operations.list().map(\.id) == ids.reversed())
        #expect(try await operations.list(kind: "import", limit: 2).map(\.id) == [ids[4], ids[2]])
        #expect(try await operations.list(before: ids[2]).map(\.id) == [ids[1], ids[0]])
    }
}

private final class Counter: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }
    func add() { value.withLock { $0 += 1 } }
}

struct BellTests {
    @Test(.timeLimit(.minutes(5))) func `a ring before the wait is not lost`() async {
        let bell = Bell()
        let known = bell.rings
        bell.ring()
        let start = ContinuousClock.now
        await bell.wait(beyond: known, atMost: .seconds(30))
        #expect(start.duration(to: .now) < .seconds(10))
    }

    @Test(.timeLimit(.minutes(5))) func `a wait ends by a ring, by its limit and by cancellation`() async {
        let bell = Bell()
        await bell.wait(beyond: bell.rings, atMost: .milliseconds(20))
        let waits = (0..<50).map { _ in Task { await bell.wait(beyond: 0, atMost: .seconds(30)) } }
        try? await Task.sleep(for: .milliseconds(20))
        waits[0].cancel()
        await waits[0].value
        bell.ring()
        for wait in waits { await wait.value }
    }
}
