import Synchronization
import Vocabulary

/// The writes that wait for their turn in one database: a bounded number, drained by one thread at a time.
package final class WriteQueue: Sendable {
    private struct State {
        var pending: [PendingWrite] = []
        var isDraining = false
    }

    private let limit: Int
    private let state = Mutex(State())

    package init(limit: Int) { self.limit = limit }

    package enum Admission { case queued, needsDrain, refused }

    package func enqueue(_ write: PendingWrite) -> Admission {
        state.withLock {
            guard $0.pending.count < limit else { return .refused }
            $0.pending.append(write)
            guard !$0.isDraining else { return .queued }
            $0.isDraining = true
            return .needsDrain
        }
    }

    /// At most `limit` waiting writes, in their order.
    package func take(limit: Int) -> [PendingWrite] {
        state.withLock { state in
            guard state.pending.count > limit else {
                defer { state.pending = [] }
                return state.pending
            }
            defer { state.pending.removeFirst(limit) }
            return Array(state.pending.prefix(limit))
        }
    }

    /// True where nothing waits; whoever enqueues next must then start a new drain.
    package func endDrainIfEmpty() -> Bool {
        state.withLock {
            if $0.pending.isEmpty { $0.isDraining = false }
            return $0.pending.isEmpty
        }
    }
}

/// A write that waits for its turn. The engine's threads pass it on, never two at once: hence unchecked.
package class PendingWrite: @unchecked Sendable {
    package let key: @Sendable () throws -> Secret
    package let arrived = ContinuousClock.now
    /// How often its closure was run again because another's work was in its way.
    package var repeats = 0

    init(key: @escaping @Sendable () throws -> Secret) { self.key = key }

    package func perform(_ transaction: any Transaction) throws {}
    package func succeed() {}
    package func fail(_ error: any Error) {}
}

/// Safe for the reason given above.
package final class Write<T: Sendable>: PendingWrite, @unchecked Sendable {
    private let body: @Sendable (any Transaction) throws -> T
    private let continuation: UnsafeContinuation<T, any Error>
    private var value: T?

    package init(
        key: @escaping @Sendable () throws -> Secret, body: @escaping @Sendable (any Transaction) throws -> T,
        continuation: UnsafeContinuation<T, any Error>
    ) {
        self.body = body
        self.continuation = continuation
        super.init(key: key)
    }

    package override func perform(_ transaction: any Transaction) throws { value = try body(transaction) }

    package override func succeed() {
        if let value { continuation.resume(returning: value) } else { continuation.resume(throwing: StorageError.inDoubt) }
    }

    package override func fail(_ error: any Error) { continuation.resume(throwing: error) }
}
