import Glibc

/// A fixed number of threads for work that blocks, with a bounded queue before them.
///
/// Blocking calls on the cooperative pool would starve every task of the process. Threads start on first need and rest on a condition variable.
/// Lanes take turns: whoever queues a thousand jobs in one doesn't keep the others waiting.
package final class Workers: Sendable {
    private let core: Core

    /// `lane`: threads that one lane may use at a time.
    package init(threads: Int, waiting: Int, lane: Int = .max) { core = Core(threads: threads, waiting: waiting, lane: lane) }

    deinit { core.stop() }

    /// False where the queue is full or the pool stopped; `job` is then not run.
    package func submit(lane: Int = 0, _ job: @escaping @Sendable () -> Void) -> Bool { core.submit(lane, Job(run: job, stays: false)) }

    /// Runs `body` on one of the threads.
    package func run<T: Sendable>(lane: Int = 0, _ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withUnsafeThrowingContinuation { continuation in
            let accepted = submit(lane: lane) {
                let result = Result { try body() }
                continuation.resume(with: result)
            }
            if !accepted { continuation.resume(throwing: StorageError.overloaded) }
        }
    }

    /// Takes the place of a thread for work that needs none while it waits; false where there is no place, or somebody waits for one.
    /// Whoever enters must ``leave(lane:)``.
    package func enter(lane: Int) -> Bool { core.enter(lane) }

    /// As ``enter(lane:)`` for who has to wait for a place: `job` runs on a thread when it is its turn, and its place is taken until somebody ``leave(lane:)``s.
    package func submitEntering(lane: Int, _ job: @escaping @Sendable () -> Void) -> Bool { core.submit(lane, Job(run: job, stays: true)) }

    package func leave(lane: Int) { core.leave(lane) }

    /// Lets queued jobs finish, then ends the threads.
    package func stop() { core.stop() }
}

private struct Job {
    let run: @Sendable () -> Void
    /// Whether its place stays taken when it has run.
    let stays: Bool
}

/// Jobs that wait, lane by lane in turn.
private struct Lanes {
    private struct Lane {
        var jobs: [Job] = []
        var head = 0
        var running = 0
        var isInTurn = false
        var isEmpty: Bool { head == jobs.count }
    }

    private var lanes: [Int: Lane] = [:]
    private var turns: [Int] = []
    private var turn = 0
    private let limit: Int
    private(set) var count = 0

    init(limit: Int) { self.limit = max(limit, 1) }

    mutating func append(_ lane: Int, _ job: Job) {
        lanes[lane, default: Lane()].jobs.append(job)
        count += 1
        takeTurn(lane)
    }

    /// The next job and its lane; nil where nothing may run now.
    mutating func next() -> (lane: Int, job: Job)? {
        guard turn < turns.count else { return nil }
        let lane = turns[turn]
        turn += 1
        if turn == turns.count {
            turns.removeAll(keepingCapacity: true)
            turn = 0
        } else if turn > 256, turn * 2 > turns.count {
            turns.removeFirst(turn)
            turn = 0
        }
        guard var found = lanes[lane], !found.isEmpty else { return nil }
        lanes[lane] = nil
        let job = found.jobs[found.head]
        found.head += 1
        if found.isEmpty {
            found.jobs.removeAll(keepingCapacity: true)
            found.head = 0
        } else if found.head > 256, found.head * 2 > found.jobs.count {
            found.jobs.removeFirst(found.head)
            found.head = 0
        }
        found.running += 1
        found.isInTurn = false
        count -= 1
        lanes[lane] = found
        takeTurn(lane)
        return (lane, job)
    }

    mutating func finished(_ lane: Int) {
        lanes[lane]?.running -= 1
        if let found = lanes[lane], found.isEmpty, found.running == 0, lanes.count > 1 { lanes[lane] = nil }
        takeTurn(lane)
    }

    var mayRun: Bool { turn < turns.count }

    /// Counts as running without a job; false at the lane's limit.
    mutating func enter(_ lane: Int) -> Bool {
        guard count == 0, lanes[lane]?.running ?? 0 < limit else { return false }
        lanes[lane, default: Lane()].running += 1
        return true
    }

    private mutating func takeTurn(_ lane: Int) {
        guard let found = lanes[lane], !found.isInTurn, !found.isEmpty, found.running < limit else { return }
        lanes[lane]?.isInTurn = true
        turns.append(lane)
    }
}

/// Every access to the mutable state happens under `mutex`.
private final class Core: @unchecked Sendable {
    private let threadLimit: Int
    private let waitingLimit: Int
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var lanes: Lanes
    private var threads = 0
    /// Work under way, on a thread or without one: never more than there may be threads.
    private var busy = 0
    /// Threads that wait, and of those that did the ones that were called and have not come yet.
    private var resting = 0
    private var called = 0
    private var stopped = false

    init(threads: Int, waiting: Int, lane: Int) {
        lanes = Lanes(limit: lane)
        threadLimit = max(threads, 1)
        waitingLimit = waiting
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func submit(_ lane: Int, _ job: Job) -> Bool {
        pthread_mutex_lock(mutex)
        guard !stopped, lanes.count < waitingLimit, resting > 0 || threads == threadLimit || start() || threads > 0 else {
            pthread_mutex_unlock(mutex)
            return false
        }
        lanes.append(lane, job)
        unlockCalling()
        return true
    }

    func enter(_ lane: Int) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !stopped, busy < threadLimit, lanes.enter(lane) else { return false }
        busy += 1
        return true
    }

    func leave(_ lane: Int) {
        pthread_mutex_lock(mutex)
        busy -= 1
        lanes.finished(lane)
        unlockCalling()
    }

    /// Calls a resting thread where there is something for it. Not before the mutex is free, or it would only meet that.
    private func unlockCalling() {
        let calls = resting > 0 && lanes.mayRun && busy < threadLimit
        if calls {
            resting -= 1
            called += 1
        }
        pthread_mutex_unlock(mutex)
        if calls { pthread_cond_signal(condition) }
    }

    func stop() {
        pthread_mutex_lock(mutex)
        stopped = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    private func start() -> Bool {
        var thread = pthread_t()
        let reference = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let core = Unmanaged<Core>.fromOpaque(argument).takeRetainedValue()
                core.work()
                return nil
            }, reference.toOpaque())
        guard code == 0 else {
            reference.release()
            return false
        }
        pthread_detach(thread)
        threads += 1
        return true
    }

    private func work() {
        var done: Int?
        while let (lane, job) = next(after: done) {
            job.run()
            done = job.stays ? nil : lane
        }
    }

    private func next(after done: Int?) -> (lane: Int, job: Job)? {
        pthread_mutex_lock(mutex)
        if let done {
            busy -= 1
            lanes.finished(done)
        }
        while true {
            if busy < threadLimit, let found = lanes.next() {
                busy += 1
                // A lane that was at its limit may go on, also on another thread.
                unlockCalling()
                return found
            }
            if stopped, lanes.count == 0 {
                threads -= 1
                pthread_cond_broadcast(condition)
                pthread_mutex_unlock(mutex)
                return nil
            }
            resting += 1
            pthread_cond_wait(condition, mutex)
            if called > 0 { called -= 1 } else { resting -= 1 }
        }
    }
}
