import Storage
import Synchronization

/// What the engine knows of one database, whether it is open or not. Its connections rest on the ``Shelf``.
final class Seat: Sendable {
    let name: DatabaseName
    let file: DatabaseFile
    /// Who uses the database. Closed with `.missing` when it is destroyed, with an error when a commit's outcome became unknown.
    let gate = Gate()
    /// Held by who writes, checkpoints or closes the writer: there is one at a time.
    let writerTurn = Mutex(())
    let queue: WriteQueue
    private let watcher: (any LogWatcher)?
    private let onDiskFailure: @Sendable (DatabaseName) -> Void

    init(name: DatabaseName, file: DatabaseFile, options: SQLiteOptions) {
        self.name = name
        self.file = file
        onDiskFailure = options.onDiskFailure
        watcher = options.logWatcher
        queue = WriteQueue(limit: options.waitingWrites)
    }

    /// On the writer's thread, after each commit and before anybody is answered.
    func noteCommit(_ connection: Connection, _ sequence: Int64) {
        watcher?.committed(name, frames: connection.framesInLog, position: CommitPosition(sequence: UInt64(clamping: sequence)))
    }

    /// On the writer's thread, when a shared transaction is on disk. Where a second place has to have it first, others answer later.
    ///
    /// - Parameter sequence: of the commit; nil where nothing was changed.
    func answer(_ writes: [PendingWrite], _ sequence: Int64?) {
        guard let sequence, let watcher, watcher.confirms(name) else {
            for write in writes { write.succeed() }
            return
        }
        watcher.confirm(name, position: CommitPosition(sequence: UInt64(clamping: sequence))) { isKept in
            for write in writes { if isKept { write.succeed() } else { write.fail(StorageError.unconfirmed) } }
        }
    }

    /// Whether a write may wait for its turn now.
    var admits: Bool { watcher?.admits(name) ?? true }

    /// On the writer's thread, before each checkpoint.
    func mayCheckpoint(_ connection: Connection) -> Bool { watcher?.mayCheckpoint(name, frames: connection.framesInLog) ?? true }

    func noteOpening(_ sequence: Int64) { watcher?.opened(name, at: CommitPosition(sequence: UInt64(clamping: sequence))) }

    func noteDestruction() { watcher?.destroyed(name) }

    /// What is on disk can't be known any more.
    func closeInDoubt() {
        if gate.close(.inDoubt) { onDiskFailure(name) }
    }
}
