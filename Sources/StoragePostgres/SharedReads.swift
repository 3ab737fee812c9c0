import Storage
import Synchronization
import Vocabulary

/// The reads of one database that go together: while some are under way on a connection that they share, those that come wait for each other, and are
/// sent at once when it is free.
final class SharedReads: Sendable {
    enum Place {
        /// Somebody has to send, and it is whoever came.
        case first
        /// What is under way is waited for.
        case behind
        /// So much waits that it is quicker by itself.
        case none
    }

    private struct State {
        var waiting: [QuickRead] = []
        /// What waits will probably take, in microseconds.
        var work = 0
        var underWay = 0
        /// How long those under way usually take, in microseconds.
        var usual = 0
    }

    /// For each database.
    static let connectionsMax = 1
    static let readsMax = 64
    static let bytesMax = 128 << 10
    private static let waitingMax = 4096
    private static let workMax = 2000
    /// How long those that are under way may take at least, and at most, before they are asked for again elsewhere.
    static let patienceMin = Duration.milliseconds(5)
    private static let patienceMax = Duration.milliseconds(20)

    private let state = Mutex(State())

    func join(_ read: QuickRead) -> Place {
        state.withLock { state in
            let time = read.habit.time
            guard state.waiting.count < Self.waitingMax, state.work == 0 || state.work + time <= Self.workMax else { return .none }
            state.waiting.append(read)
            state.work += time
            guard state.underWay < Self.connectionsMax else { return .behind }
            state.underWay += 1
            return .first
        }
    }

    /// Those that are to be sent now. Nobody, where others took them meanwhile; then nothing needs to be sent.
    func take() -> [QuickRead] {
        state.withLock { state in
            var (count, bytes) = (0, 0)
            for read in state.waiting.prefix(Self.readsMax) {
                bytes += read.habit.bytes
                if count > 0, bytes > Self.bytesMax { break }
                count += 1
            }
            if count == 0 { state.underWay -= 1 }
            let taken = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(count)
            state.work = state.waiting.reduce(0) { $0 + $1.habit.time }
            return taken
        }
    }

    /// How long may be waited for what is sent now.
    var patience: Duration { min(max(.microseconds(state.withLock { $0.usual } * 4), Self.patienceMin), Self.patienceMax) }

    /// What was under way isn't any more, or is not to be counted any more. True where something waits: then it has to be sent.
    func ended(after time: Duration? = nil) -> Bool {
        state.withLock { state in
            if let time { state.usual += (Int(clamping: time.microseconds) - state.usual) / 8 }
            if state.waiting.isEmpty { state.underWay -= 1 }
            return !state.waiting.isEmpty
        }
    }
}
