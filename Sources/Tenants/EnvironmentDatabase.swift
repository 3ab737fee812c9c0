import Cluster
import Moving
import Sealing
import Storage
import Synchronization
import Vocabulary

/// An environment's database, wherever it lies: a handle that stays good when the database moves.
///
/// While the last step of a move runs, writes wait here, at most ``patience``; reads go on. Afterwards everything goes to the new copy. A process
/// that was not told of a move meets the fence of the old copy, or its absence, and then asks the register where the database is.
final class EnvironmentDatabase: Database {
    struct Copy: Sendable {
        let number: Int
        let database: any Database
    }

    private struct State {
        var copy: Copy
        var isPaused = false
        var writing = 0
        var delay = Duration.zero
    }

    static let patience = Duration.seconds(5)

    let name: DatabaseName
    private let state: Mutex<State>
    /// Rung when a pause ends, and when the last writer leaves in a pause.
    private let bell = Bell()
    private let find: @Sendable () async throws -> Copy

    /// - Parameter find: asks the register, not a cache.
    init(_ copy: Copy, find: @escaping @Sendable () async throws -> Copy) {
        name = copy.database.name
        state = Mutex(State(copy: copy))
        self.find = find
    }

    var current: Copy { state.withLock { $0.copy } }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Reader) throws -> T) async throws -> T {
        let copy = current
        do {
            return try await copy.database.read(body)
        } catch  where Self.isGone(error) {
            guard let next = try? await follow(copy) else { throw error }
            return try await next.database.read(body)
        }
    }

    func position() async throws -> CommitPosition {
        let copy = current
        do {
            return try await copy.database.position()
        } catch  where Self.isGone(error) {
            guard let next = try? await follow(copy) else { throw error }
            return try await next.database.position()
        }
    }

    @discardableResult
    func write<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) async throws -> T {
        let deadline = ContinuousClock.now + Self.patience
        let delay = state.withLock { $0.delay }
        if delay > .zero { try await Task.sleep(for: delay) }
        while true {
            let copy = try await enter(until: deadline)
            let error: any Error
            do {
                defer { leave() }
                return try await copy.database.write(body)
            } catch let thrown {
                error = thrown
            }
            // Neither leaves anything behind, so the same may be done again elsewhere.
            let isFenced = ChangeCapture.isFenced(error)
            guard isFenced || Self.isGone(error) else { throw error }
            if (try? await follow(copy)) == nil {
                guard isFenced else { throw error }
                // Another process is at the last step of a move.
                guard ContinuousClock.now < deadline else { throw StorageError.overloaded }
                await bell.wait(beyond: bell.rings, atMost: .milliseconds(20))
            }
        }
    }

    private func enter(until deadline: ContinuousClock.Instant) async throws -> Copy {
        while true {
            let rings = bell.rings
            let copy: Copy? = state.withLock { state in
                guard !state.isPaused else { return nil }
                state.writing += 1
                return state.copy
            }
            if let copy { return copy }
            let left = deadline - ContinuousClock.now
            guard left > .zero else { throw StorageError.overloaded }
            await bell.wait(beyond: rings, atMost: left)
            try Task.checkCancellation()
        }
    }

    private func leave() {
        let isLast = state.withLock { state in
            state.writing -= 1
            return state.isPaused && state.writing == 0
        }
        if isLast { bell.ring() }
    }

    // MARK: Moving

    /// Keeps new writes waiting. False, and nothing waits, if those that run don't end by `deadline`.
    func pause(until deadline: ContinuousClock.Instant) async -> Bool {
        state.withLock { $0.isPaused = true }
        while true {
            let rings = bell.rings
            if state.withLock({ $0.writing == 0 }) { return true }
            let left = deadline - ContinuousClock.now
            guard left > .zero else {
                resume()
                return false
            }
            await bell.wait(beyond: rings, atMost: left)
        }
    }

    /// Changes how long each write waits before it begins.
    func slow(_ next: (Duration) -> Duration) { state.withLock { $0.delay = next($0.delay) } }

    func resume() {
        state.withLock { $0.isPaused = false }
        bell.ring()
    }

    /// From now on, everything goes to `copy`, if that is newer than the one in use.
    func turn(to copy: Copy) {
        state.withLock { if $0.copy.number < copy.number { $0.copy = copy } }
    }

    /// The copy in use, if it is another one than `old`.
    private func follow(_ old: Copy) async throws -> Copy? {
        let known = current
        if known.number != old.number { return known }
        let found = try await find()
        guard found.number != old.number else { return nil }
        turn(to: found)
        return found
    }

    /// Whether an error may mean that this copy was destroyed.
    private static func isGone(_ error: any Error) -> Bool {
        switch error {
        case StorageError.missing, StorageError.unreadable: true
        case SealingFault.keyMissing: true
        default: false
        }
    }
}
