import Cluster
import Dispatch
import Logging
import ObjectStores
import Storage
import StorageSQLite
import Synchronization
import Threads
import Vocabulary

/// Brings every commit of an engine's databases to their archives, a moment after it was acknowledged.
///
/// Frames are read from the log itself: nothing is copied on the writer's way. The log may start over only when all of it is stored; a writer
/// waits for that at a checkpoint, for a moment, and goes on with a longer log if it takes more. When the log has grown beyond its bound,
/// it is let go, and a new generation begins as soon as the destination is back.
package final class Shipping: LogWatcher {
    package struct Settings: Sendable {
        package var folder = "backup"
        /// Segments of one database are at least so long apart.
        package var interval = Duration.milliseconds(50)
        /// Databases that are shipped at the same time.
        package var parallel = 4
        /// Frames of one log that may wait for the destination.
        package var framesMax = 65_536
        /// How long a checkpoint waits for the destination.
        package var patience = Duration.milliseconds(100)
        package var retryAfter = Duration.milliseconds(200)
        package var retryAtMost = Duration.seconds(10)
        /// How often it is looked whether another server writes to the same archive.
        package var lookAfter = Duration.seconds(1)
        package var covers: @Sendable (DatabaseName) -> Bool = { _ in true }
        /// Whose writers hear of a commit only when the archive has it.
        package var confirms: @Sendable (DatabaseName) -> Bool = { _ in false }
        /// A commit that isn't confirmed for so long keeps further ones from being made,
        package var overdueAfter = Duration.seconds(2)
        /// and after so long its writer is told that it isn't.
        package var unconfirmedAfter = Duration.seconds(10)
        /// Nothing can be deleted there, so nothing is merged or pruned by us.
        package var isAppendOnly = false
        package var merging = Archive.MergePolicy()

        package init() {}
    }

    package struct Status: Sendable {
        /// Where the archive ends.
        package let position: ArchivePosition?
        package let generation: UInt32?
        package let ordinal: UInt64?
        /// Of the newest commit that is stored.
        package let storedUntil: Instant?
        /// Commits that are not stored.
        package let waiting: Int
        /// When the first of them was made.
        package let waitingSince: Instant?
        /// The longest time that a commit was on its way.
        package let lagMost: Duration
        /// Why nothing is shipped at the moment.
        package let failure: String?
    }

    /// Why commits can't be expected in the archive now.
    package struct NotShipped: Error, CustomStringConvertible {
        package let description: String
    }

    struct Schedule {
        var lines: [DatabaseName: Line] = [:]
        var due: [DatabaseName: ContinuousClock.Instant] = [:]
        var busy: Set<DatabaseName> = []
        var wantsBase: [DatabaseName] = []
        var makesBase = false
        /// Databases that are just being copied.
        var copied: Set<DatabaseName> = []
    }

    let store: any ObjectStore
    let settings: Settings
    let clock: any Clock
    private let entropy: any Entropy
    let logger: Logger
    let threads: BoundedThreads
    let schedule = Mutex(Schedule())
    let bell = Bell()
    let progress = Bell()
    let confirmations = Mutex(Confirmations())

    package init(
        to store: any ObjectStore, settings: Settings = Settings(), clock: any Clock = SystemClock(),
        entropy: any Entropy = SystemEntropy(),
        logger: Logger
    ) {
        self.store = store
        self.settings = settings
        self.clock = clock
        self.entropy = entropy
        self.logger = logger
        threads = BoundedThreads(settings.parallel + 1, waiting: 4096)
    }

    // MARK: Told by the engine

    package func opened(_ name: DatabaseName, at position: CommitPosition) {
        guard settings.covers(name) else { return }
        let line = line(name)
        let isNew = line.withState { state in
            state.sequence = max(state.sequence, position.sequence)
            state.isOpened = true
            if case .unattached = state.mode { return true }
            return false
        }
        if isNew { call(line) }
    }

    package func committed(_ name: DatabaseName, frames: Int, position: CommitPosition) {
        guard settings.covers(name), frames > 0 else { return }
        let line = line(name)
        let now = clock.now()
        let isWanted = line.withState { state in
            state.committed += 1
            state.sequence = position.sequence
            state.isOpened = true
            switch state.mode {
            case .unattached, .attached:
                state.notes.append(
                    Line.Note(frame: UInt32(clamping: frames), at: now, sequence: position.sequence, serial: state.committed))
                return true
            case .broken: return true
            case .stopped: return false
            }
        }
        if isWanted { call(line) }
    }

    package func mayCheckpoint(_ name: DatabaseName, frames: Int) -> Bool {
        switch considerCheckpoint(name, frames: frames) {
        case .decided(let answer): return answer
        case .hurries(let stored):
            _ = stored.wait(timeout: .now() + .microseconds(Int(settings.patience.microseconds)))
            return isCaughtUp(name)
        }
    }

    /// What can be said of a checkpoint without waiting.
    enum Consideration {
        case decided(Bool)
        /// What is missing is being stored; signalled when it is, or can't be.
        case hurries(DispatchSemaphore)
    }

    func isCaughtUp(_ name: DatabaseName) -> Bool { line(name).snapshot.isCaughtUp }

    func considerCheckpoint(_ name: DatabaseName, frames: Int) -> Consideration {
        guard settings.covers(name) else { return .decided(true) }
        let line = line(name)
        let semaphore = DispatchSemaphore(value: 0)
        let answer: Bool? = line.withState { state in
            switch state.mode {
            case .broken, .stopped: return true
            case .attached where state.notes.isEmpty: return true
            default: break
            }
            if frames > settings.framesMax {
                state.breakOff(.broken)
                return true
            }
            guard case .attached = state.mode, state.failures == 0 else { return false }
            state.wait(semaphore)
            return nil
        }
        if let answer {
            if case .broken = line.snapshot.mode { call(line) }
            return .decided(answer)
        }
        call(line, hurry: true)
        return .hurries(semaphore)
    }

    package func destroyed(_ name: DatabaseName) {
        schedule.withLock { schedule in
            schedule.lines[name] = nil
            schedule.due[name] = nil
            schedule.wantsBase.removeAll { $0 == name }
        }
    }

    // MARK: Scheduling

    func known(_ name: DatabaseName) -> Line? { schedule.withLock { $0.lines[name] } }

    func line(_ name: DatabaseName) -> Line {
        schedule.withLock { schedule in
            if let line = schedule.lines[name] { return line }
            let line = Line(name)
            schedule.lines[name] = line
            return line
        }
    }

    /// Sees to it that a line gets its turn, now unless it has one already.
    func call(_ line: Line, hurry: Bool = false, at due: ContinuousClock.Instant = .now) {
        let rings = schedule.withLock { schedule in
            if let known = schedule.due[line.name], !hurry || known <= due { return false }
            schedule.due[line.name] = due
            return !schedule.busy.contains(line.name)
        }
        if rings { bell.ring() }
    }

    private enum Turn {
        case line(Line)
        case nothing(until: ContinuousClock.Instant)
    }

    private func take() -> Turn {
        let now = ContinuousClock.now
        return schedule.withLock { schedule in
            let busy = schedule.busy
            let waiting = schedule.due.lazy.filter { !busy.contains($0.key) }
            guard let (name, due) = waiting.min(by: { $0.value < $1.value }) else { return .nothing(until: now + .seconds(60)) }
            guard due <= now, let line = schedule.lines[name] else { return .nothing(until: due) }
            schedule.due[name] = nil
            schedule.busy.insert(name)
            return .line(line)
        }
    }

    /// Ships until it is cancelled.
    package func run(_ engine: SQLiteEngine) async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<settings.parallel { group.addTask { await self.work(engine) } }
            group.addTask { await self.makeBases() }
            group.addTask { await self.giveUpOnTheLate() }
        }
    }

    private func work(_ engine: SQLiteEngine) async {
        while !Task.isCancelled {
            let rings = bell.rings
            switch take() {
            case .line(let line): await turn(line, engine)
            case .nothing(let due): await bell.wait(beyond: rings, atMost: max(.milliseconds(1), due - .now))
            }
        }
    }

    private func turn(_ line: Line, _ engine: SQLiteEngine) async {
        let begun = ContinuousClock.now
        var next: ContinuousClock.Instant?
        do {
            try await attach(line, engine)
            try await ship(line)
            next = line.withState { state in
                // What stopped stays stopped, and goes on saying why.
                guard case .attached = state.mode else { return nil }
                state.failures = 0
                state.failure = nil
                if state.notes.isEmpty { return nil }
                return state.isAwaited || confirms(line.name) ? begun : begun + settings.interval
            }
        } catch {
            next = note(error, of: line)
        }
        let (isCalled, isInLine) = schedule.withLock { schedule in
            schedule.busy.remove(line.name)
            // Who was called meanwhile waits out the interval, or the pause after a failure, all the same.
            let isCalled = schedule.due[line.name] != nil
            if isCalled { schedule.due[line.name] = next ?? (confirms(line.name) ? begun : begun + settings.interval) }
            return (isCalled, schedule.lines[line.name] === line)
        }
        if !isCalled, isInLine, let next { call(line, at: next) } else { bell.ring() }
        progress.ring()
    }

    /// When to try again.
    private func note(_ error: any Error, of line: Line) -> ContinuousClock.Instant? {
        if error is CancellationError { return nil }
        let failures = line.withState { state in
            state.failures += 1
            state.failure = "\(error)"
            if error is SegmentInHand.LogLost { state.breakOff(.broken) }
            if case ArchiveFault.contested = error { state.breakOff(.stopped) }
            state.wake()
            return state.failures
        }
        settle(line)
        if case ArchiveFault.contested = error {
            logger.critical("backups of \(line.name) stopped: \(error)")
            return nil
        }
        if failures == 1 { logger.error("\(line.name) can't be shipped at the moment: \(error)") }
        return .now + min(settings.retryAtMost, settings.retryAfter * (1 << min(failures - 1, 10)))
    }

    // MARK: Attaching

    /// Finds out where the archive ends, and whether the database goes on from there.
    private func attach(_ line: Line, _ engine: SQLiteEngine) async throws {
        switch line.snapshot.mode {
        case .attached, .stopped: return
        case .unattached, .broken: break
        }
        let archive = try archive(of: line.name)
        let tail = try await archive.tail()
        let (now, entropy) = (clock.now(), entropy)
        let outcome = try await engine.quietly(line.name) { files in
            let state = line.snapshot
            let meeting = try Meeting(files, tail, sequence: state.sequence, mustBegin: state.mustBegin)
            line.withState { $0.attach(meeting, tail, archive, files, now: now, entropy: entropy) }
            return meeting.outcome
        }
        guard case .begins(let reason) = outcome else {
            if tail?.generation.bases.isEmpty ?? false { wantBase(line) }
            return
        }
        wantBase(line)
        switch reason {
        case .first: logger.info("\(line.name): a first archive")
        case .gap: logger.warning("\(line.name): commits may be missing from the archive; a new generation begins")
        case .behind: logger.critical("\(line.name): the database lacks commits that its archive has; a new generation begins")
        }
    }

    // MARK: Shipping

    private func ship(_ line: Line) async throws {
        while true {
            let state = line.snapshot
            guard case .attached = state.mode, var chain = state.chain else { return }
            if let opening = chain.opening {
                try await chain.archive.open(opening)
                chain.opening = nil
                guard line.note(chain, in: state.epoch) else { return }
            }
            if chain.lookedAt.map({ .now - $0 > settings.lookAfter }) ?? true {
                // A second server that began a generation of its own would otherwise go unnoticed.
                try await chain.archive.expectNewest(chain.position.generation)
                chain.lookedAt = .now
                guard line.note(chain, in: state.epoch) else { return }
            }
            let ready: SegmentInHand?
            if let made = chain.made { ready = made } else { ready = try await make(chain, state.notes) }
            guard let segment = ready else { return }
            // Made of a log that nobody could touch, or not at all.
            chain.made = segment
            guard line.note(chain, in: state.epoch) else { return }
            try await chain.archive.append(segment.bytes, after: segment.after)
            guard line.stored(segment, in: state.epoch, lag: clock.now() - segment.oldest) else { return }
            settle(line)
            progress.ring()
            // The rest of a large commit is not kept waiting, nor is a writer.
            if segment.finished == state.notes.last?.serial, !line.withState({ $0.isAwaited }) { return }
        }
    }

    private func make(_ chain: Line.Chain, _ notes: [Line.Note]) async throws -> SegmentInHand? {
        try await threads.run { try SegmentInHand(chain, notes) }
    }
}
