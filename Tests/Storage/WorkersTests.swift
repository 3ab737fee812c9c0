import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1))) struct WorkersTests {
    @Test func `a place that is taken without a thread counts like one with it`() async throws {
        let workers = Workers(threads: 2, waiting: 8, lane: 1)
        #expect(workers.enter(lane: 1))
        // A lane has one place here, and there are two in all.
        #expect(!workers.enter(lane: 1))
        #expect(workers.enter(lane: 2))
        #expect(!workers.enter(lane: 3))
        workers.leave(lane: 1)
        #expect(workers.enter(lane: 3))
        for lane in 2...3 { workers.leave(lane: lane) }
        workers.stop()
        #expect(!workers.enter(lane: 1))
    }

    @Test func `who waits comes before who would enter, and a place stays taken until it is left`() async throws {
        let workers = Workers(threads: 1, waiting: 8)
        #expect(workers.enter(lane: 1))
        let order = Counter()
        async let entered: Int = withCheckedContinuation { continuation in
            let isAccepted = workers.submitEntering(lane: 2) {
                order.increment()
                continuation.resume(returning: order.value)
            }
            #expect(isAccepted)
        }
        while workers.enter(lane: 1) { workers.leave(lane: 1) }
        workers.leave(lane: 1)
        #expect(await entered == 1)
        #expect(!workers.enter(lane: 1))
        async let later: Int = workers.run(lane: 3) {
            order.increment()
            return order.value
        }
        workers.leave(lane: 2)
        #expect(try await later == 2)
        workers.stop()
    }
}
