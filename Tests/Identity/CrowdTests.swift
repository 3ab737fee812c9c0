import Testing
import Vocabulary

@testable import Identity

@Suite("A crowd of sign-ins")
struct CrowdTests {
    private func code(_ body: () async throws -> Void) async -> String? {
        do { try await body() } catch { return (error as? Refusal)?.code }
        return nil
    }

    @Test func `a place that becomes free goes to who waits longest`() async throws {
        let crowd = Crowd(Crowding(inside: 1, room: 2, patience: .seconds(60)))
        try await crowd.enter()
        let order = AsyncStream.makeStream(of: Int.self)
        var waiting: [Task<Void, any Error>] = []
        for number in 1...2 {
            waiting.append(
                Task {
                    try await crowd.enter()
                    order.continuation.yield(number)
                })
            // The second one is to come after the first.
            while crowd.waiting < number { await Task.yield() }
        }
        #expect(crowd.isDense)
        #expect(await code { try await crowd.enter() } == "busy")
        var entered = order.stream.makeAsyncIterator()
        for number in 1...2 {
            crowd.leave()
            #expect(await entered.next() == number)
        }
        for task in waiting { try await task.value }
        crowd.leave()
        #expect(!crowd.isDense)
        #expect(await code { try await crowd.enter() } == nil)
        #expect(crowd.takeTurnedAway() == 1 && crowd.takeTurnedAway() == 0)
    }

    @Test func `who waited too long is turned away and counted, and those after are watched as well`() async throws {
        let crowd = Crowd(Crowding(inside: 1, room: 10, patience: .milliseconds(20)))
        try await crowd.enter()
        for _ in 0..<2 {
            let codes = await withTaskGroup(of: String?.self) { group in
                for _ in 0..<3 { group.addTask { await code { try await crowd.enter() } } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes == ["busy", "busy", "busy"])
            #expect(crowd.waiting == 0)
        }
        #expect(crowd.takeTurnedAway() == 6)
        crowd.giveBack(2)
        #expect(crowd.takeTurnedAway() == 2)
    }

    @Test func `without patience or room nobody waits`() async throws {
        for rules in [Crowding(inside: 1, patience: .zero), Crowding(inside: 1, room: 0)] {
            let crowd = Crowd(rules)
            try await crowd.enter()
            #expect(await code { try await crowd.enter() } == "busy")
        }
    }

    @Test func `who tried too often is held back, as many as there is room for`() async throws {
        let crowd = Crowd(Crowding(inside: 1, room: 3, pause: .milliseconds(50)))
        let began = ContinuousClock.now
        await withTaskGroup { group in
            for _ in 0..<3 { group.addTask { await crowd.holdBack() } }
        }
        #expect(ContinuousClock.now - began >= .milliseconds(50))
        #expect(!crowd.isDense)
    }

    @Test func `200 at once through three places all get in, and never more than three are inside`() async throws {
        let crowd = Crowd(Crowding(inside: 3, room: 200, patience: .seconds(60)))
        let most = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    guard await code({ try await crowd.enter() }) == nil else { return .max }
                    let inside = crowd.inside
                    await Task.yield()
                    crowd.leave()
                    return inside
                }
            }
            return await group.reduce(0) { max($0, $1) }
        }
        #expect(most == 3)
        #expect(crowd.inside == 0 && crowd.waiting == 0)
    }
}
