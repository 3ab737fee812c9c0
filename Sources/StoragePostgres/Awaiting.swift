import CPostgres
import Glibc
import Synchronization
import Vocabulary

/// Waits for the answers of many connections on one thread, so that none has to stand by for each.
///
/// What was sent is told there that all of its answers have come, or that it is late. The thread begins with the first wait.
final class Awaiting: @unchecked Sendable {
    private struct State {
        /// By what epoll calls them: a number that is never used again, unlike a descriptor.
        var waiting: [UInt64: ReadBatch] = [:]
        var number = Awaiting.timerNumber
        var isRunning = false
    }

    private let state = Mutex(State())
    private let isOver = Atomic(false)
    private let isTimed = Atomic(false)
    private let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    private let end = eventfd(0, Int32(EFD_CLOEXEC))
    private let timer = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC) | Int32(TFD_NONBLOCK))

    private static let endNumber: UInt64 = 0
    private static let timerNumber: UInt64 = 1

    init() {
        let isWhole = epoll >= 0 && end >= 0 && timer >= 0 && watch(end, as: Self.endNumber) && watch(timer, as: Self.timerNumber)
        if !isWhole { isOver.store(true, ordering: .relaxed) }
    }

    deinit { for descriptor in [epoll, end, timer] where descriptor >= 0 { close(descriptor) } }

    /// False after ``stop()``, and where the system has no room for it.
    var isUsable: Bool { !isOver.load(ordering: .relaxed) }

    /// `batch` will hear of its answers. False where it won't.
    func wait(for batch: ReadBatch) -> Bool {
        state.withLock { state in
            guard isUsable, state.isRunning || start() else { return false }
            state.isRunning = true
            state.number += 1
            state.waiting[state.number] = batch
            // Under the lock, because from here on it may be over at any moment.
            let isWatched = arm(batch.session, state.number)
            if !isWatched { state.waiting[state.number] = nil }
            return isWatched
        }
    }

    /// Somebody suffers where what is under way takes long: it is looked after.
    func minds() {
        guard !isTimed.load(ordering: .relaxed), !isTimed.exchange(true, ordering: .relaxed) else { return }
        let nanoseconds = SharedReads.patienceMin.microseconds * 1000
        var time = itimerspec(it_interval: timespec(), it_value: timespec(tv_sec: 0, tv_nsec: Int(nanoseconds)))
        timerfd_settime(timer, 0, &time, nil)
    }

    /// Nobody waits any more but for what is late already.
    func stop() {
        isOver.store(true, ordering: .relaxed)
        var one: UInt64 = 1
        _ = write(end, &one, 8)
    }

    // MARK: Watching

    private func watch(_ descriptor: Int32, as number: UInt64) -> Bool {
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data(u64: number))
        return epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0
    }

    /// For one event.
    private func arm(_ session: Session, _ number: UInt64) -> Bool {
        var event = epoll_event(events: EPOLLIN.rawValue | EPOLLONESHOT.rawValue, data: epoll_data(u64: number))
        let isNew = !session.isWatched
        session.isWatched = true
        return epoll_ctl(epoll, isNew ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, session.descriptor, &event) == 0
    }

    private func start() -> Bool {
        var thread = pthread_t()
        let reference = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Awaiting>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, reference.toOpaque())
        guard code == 0 else {
            reference.release()
            return false
        }
        pthread_detach(thread)
        return true
    }

    private func run() {
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        while isUsable {
            let count = epoll_wait(epoll, &events, 64, -1)
            if count < 0, errno != EINTR { isOver.store(true, ordering: .relaxed) }
            for event in events.prefix(Int(max(count, 0))) {
                switch event.data.u64 {
                case Self.endNumber: break
                case Self.timerNumber: tellLate()
                default: look(event.data.u64)
                }
            }
        }
        let left = state.withLock { state in
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for batch in left {
            batch.session.giveUp()
            batch.arrived()
        }
    }

    private func look(_ number: UInt64) {
        guard let batch = state.withLock({ $0.waiting[number] }) else { return }
        if !batch.session.gather() {
            if arm(batch.session, number) { return }
            batch.session.giveUp()
        }
        state.withLock { $0.waiting[number] = nil }
        batch.arrived()
    }

    private func tellLate() {
        var count: UInt64 = 0
        _ = read(timer, &count, 8)
        isTimed.store(false, ordering: .relaxed)
        let timed = state.withLock { Array($0.waiting.values) }.filter { $0.deadline != nil }
        let now = ContinuousClock.now
        var isAnyLeft = false
        for batch in timed {
            if let deadline = batch.deadline, deadline <= now { batch.isLate() } else { isAnyLeft = true }
        }
        if isAnyLeft { minds() }
    }
}
