import Storage
import Synchronization
import Vocabulary

/// What the engine knows of one database, whether it is open or not. Its connections rest on the ``Shelf``.
final class Seat: Sendable {
    let name: DatabaseName
    let file: DatabaseFile
    /// Who uses the database. Closed with `.missing` when it is destroyed, with an error when a commit's outcome became unknown.
    let gate = Gate()
    /// Held by who writes, checkpoints or closes the writer: there is one at a time.
    let writerTurn = Mutex(())
    private let queue: Mutex<Queue>

    private struct Queue {
        var pending: [PendingWrite] = []
        var isDraining = false
        let limit: Int
    }

    private let onDiskFailure: @Sendable (DatabaseName) -> Void

    init(name: DatabaseName, file: DatabaseFile, options: SQLiteOptions) {
        self.name = name
        self.file = file
        onDiskFailure = options.onDiskFailure
        queue = Mutex(Queue(limit: options.waitingWrites))
    }

    /// What is on disk can't be known any more.
    func closeInDoubt() {
        if gate.close(.inDoubt) { onDiskFailure(name) }
    }

    enum Admission { case queued, needsDrain, refused }

    func enqueue(_ write: PendingWrite) -> Admission {
        queue.withLock {
            guard $0.pending.count < $0.limit else { return .refused }
            $0.pending.append(write)
            guard !$0.isDraining else { return .queued }
            $0.isDraining = true
            return .needsDrain
        }
    }

    /// At most `limit` waiting writes, in their order.
    func takePending(limit: Int) -> [PendingWrite] {
        queue.withLock { queue in
            guard queue.pending.count > limit else {
                defer { queue.pending = [] }
                return queue.pending
            }
            defer { queue.pending.removeFirst(limit) }
            return Array(queue.pending.prefix(limit))
        }
    }

    /// True where nothing waits; whoever enqueues next must then start a new drain.
    func endDrainIfEmpty() -> Bool {
        queue.withLock {
            if $0.pending.isEmpty { $0.isDraining = false }
            return $0.pending.isEmpty
        }
    }
}

/// A write that waits for its turn. The engine's threads pass it on, never two at once: hence unchecked.
class PendingWrite: @unchecked Sendable {
    let key: @Sendable () throws -> Secret

    init(key: @escaping @Sendable () throws -> Secret) { self.key = key }

    func perform(_ transaction: SQLiteTransaction) throws {}
    func succeed() {}
    func fail(_ error: any Error) {}
}

/// Safe for the reason given above.
final class Write<T: Sendable>: PendingWrite, @unchecked Sendable {
    private let body: @Sendable (any Transaction) throws -> T
    private let continuation: UnsafeContinuation<T, any Error>
    private var value: T?

    init(
        key: @escaping @Sendable () throws -> Secret, body: @escaping @Sendable (any Transaction) throws -> T,
        continuation: UnsafeContinuation<T, any Error>
    ) {
        self.body = body
        self.continuation = continuation
        super.init(key: key)
    }

    override func perform(_ transaction: SQLiteTransaction) throws { value = try body(transaction) }

    override func succeed() {
        if let value { continuation.resume(returning: value) } else { continuation.resume(throwing: StorageError.inDoubt) }
    }

    override func fail(_ error: any Error) { continuation.resume(throwing: error) }
}
