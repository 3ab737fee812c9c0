import Dispatch
import StorageSQLite
import Storage
import Synchronization
import Vocabulary

/// What shipping knows of one database.
final class Line: Sendable {
    struct Note: Sendable {
        /// The last frame of a commit.
        let frame: UInt32
        let at: Instant
        /// The database's position with it.
        let sequence: UInt64
        /// Counts commits of this process.
        let serial: UInt64
        /// Of the log in which it was found, where nobody was told of it: such a log may have been allowed to start over.
        var salts: [UInt8]?
    }

    /// Where the archive ends, and where in the log that is.
    struct Chain: Sendable {
        let archive: Archive
        let files: DatabaseFiles
        let pageSize: Int
        /// The generation's first object, until it is stored.
        var opening: Opening?
        var position: ArchivePosition
        var time: Instant
        /// Of the log in which `nextFrame` is; nil where there was none yet.
        var salts: [UInt8]?
        var nextFrame: UInt32
        var isWithinCommit: Bool
        /// The first entry of the log that the last entry was in.
        var logStart: UInt64
        /// Made and not known to be stored: it must be the same when it is sent again.
        var made: SegmentInHand?
        /// When it was last looked whether somebody else began another generation.
        var lookedAt: ContinuousClock.Instant?
    }

    enum Mode: Sendable {
        /// Nobody looked yet at where the archive ends.
        case unattached
        case attached
        /// Commits may have left the log: a new generation will begin.
        case broken
        /// Somebody else ships to this archive.
        case stopped
    }

    struct State: Sendable {
        var mode = Mode.unattached
        var chain: Chain?
        /// Commits that are not stored.
        var notes: [Note] = []
        /// The database's position as far as it is known.
        var sequence: UInt64 = 0
        /// Entries before the archive's end are lost: going on there would not bring them back.
        var mustBegin = false
        /// Whether it is known at all.
        var isOpened = false
        var committed: UInt64 = 0
        var stored: UInt64 = 0
        /// The database's position up to which everything is in the archive's newest generation.
        var storedSequence: UInt64 = 0
        /// Whether that generation can be restored: it has a base.
        var hasBase = false
        /// In a row.
        var failures = 0
        var failure: String?
        var lagMost = Duration.zero
        fileprivate(set) var waiting: [DispatchSemaphore] = []
        /// Grows when ``mode`` changes: what was begun before is not to be noted any more.
        var epoch = 0

        /// Whether a checkpoint waits.
        var isAwaited: Bool { !waiting.isEmpty }

        /// Up to this position nothing is lost with this machine.
        var safeSequence: UInt64 { if case .attached = mode, hasBase { storedSequence } else { 0 } }

        var isCaughtUp: Bool {
            if case .attached = mode { notes.isEmpty } else { false }
        }

        mutating func breakOff(_ mode: Mode) {
            self.mode = mode
            chain = nil
            notes = []
            epoch += 1
            wake()
        }

        mutating func wait(_ semaphore: DispatchSemaphore) { waiting.append(semaphore) }

        mutating func wake() {
            for semaphore in waiting { semaphore.signal() }
            waiting = []
        }
    }

    let name: DatabaseName
    private let state = Mutex(State())

    init(_ name: DatabaseName) { self.name = name }

    func withState<T: Sendable>(_ body: (inout State) throws -> T) rethrows -> T { try state.withLock { try body(&$0) } }

    var snapshot: State { state.withLock { $0 } }
}
