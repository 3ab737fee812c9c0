import Glibc
import Storage

/// A fixed number of threads for work that blocks, with a bounded queue before them.
///
/// Blocking calls on the cooperative pool would starve every task of the process. Threads start on first need and rest on a condition variable.
final class Workers: Sendable {
    private let core: Core

    init(threads: Int, waiting: Int) { core = Core(threads: threads, waiting: waiting) }

    deinit { core.stop() }

    /// False where the queue is full or the pool stopped; `job` is then not run.
    func submit(_ job: @escaping @Sendable () -> Void) -> Bool { core.submit(job) }

    /// Runs `body` on one of the threads.
    func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withUnsafeThrowingContinuation { continuation in
            let accepted = submit {
                let result = Result { try body() }
                continuation.resume(with: result)
            }
            if !accepted { continuation.resume(throwing: StorageError.overloaded) }
        }
    }

    /// Lets queued jobs finish, then ends the threads.
    func stop() { core.stop() }
}

/// Every access to the mutable state happens under `mutex`.
private final class Core: @unchecked Sendable {
    private let threadLimit: Int
    private let waitingLimit: Int
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var jobs: [@Sendable () -> Void] = []
    private var head = 0
    private var threads = 0
    private var resting = 0
    private var stopped = false

    init(threads: Int, waiting: Int) {
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

    func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !stopped, jobs.count - head < waitingLimit else { return false }
        if resting == 0, threads < threadLimit {
            guard start() || threads > 0 else { return false }
        }
        jobs.append(job)
        if resting > 0 { pthread_cond_signal(condition) }
        return true
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
        while let job = next() { job() }
    }

    private func next() -> (@Sendable () -> Void)? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while head == jobs.count {
            if stopped {
                threads -= 1
                return nil
            }
            resting += 1
            pthread_cond_wait(condition, mutex)
            resting -= 1
        }
        let job = jobs[head]
        head += 1
        if head == jobs.count {
            jobs.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 256, head * 2 > jobs.count {
            jobs.removeFirst(head)
            head = 0
        }
        return job
    }
}
