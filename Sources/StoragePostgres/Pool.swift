import Storage
import Synchronization
import Vocabulary

/// The connections of all databases: a bounded number. Where one more is needed, the one whose last use is longest ago is closed.
///
/// A connection belongs to its database for good. No more are in use than there are threads, which are fewer than the bound: there is
/// always one at rest that can be closed.
final class Pool: Sendable {
    private struct State {
        var resting: [DatabaseName: [Session]] = [:]
        var open = 0
        var clock: UInt64 = 0
    }

    private let state = Mutex(State())
    private let connector: Connector
    private let limit: Int
    private let patience: Duration

    init(_ connector: Connector) {
        self.connector = connector
        // The other two are the catalogue's.
        limit = max(connector.options.connections - 2, 2)
        patience = connector.options.reconnecting
    }

    /// How many connections are open, in use or at rest.
    var open: Int { state.withLock { $0.open } }

    /// Lends a connection. The one who takes it must ``put(_:_:)`` it back.
    func take(_ seat: Seat, fresh: Bool = false, key: () throws -> Secret) throws -> Session {
        while !fresh, let session = state.withLock({ $0.resting[seat.name]?.popLast() }) {
            if session.isAtRest() { return session }
            close(session)
        }
        makeRoom(for: 1)
        do {
            _ = try key()
            return try connector.connect(seat.database, patience: patience, habits: seat.habits) { self.makeRoom(for: 0) }
        } catch {
            state.withLock { $0.open -= 1 }
            throw error
        }
    }

    /// A connection that is open and has nothing under way, if there is one.
    func takeResting(_ seat: Seat) -> Session? {
        state.withLock { state in
            guard let index = state.resting[seat.name]?.lastIndex(where: \.isSilent) else { return nil }
            return state.resting[seat.name]?.remove(at: index)
        }
    }

    func put(_ session: Session, _ seat: Seat) {
        let isKept = state.withLock { state in
            guard !session.isLost, seat.gate.refusal == nil || seat.gate.refusal == .closed else {
                state.open -= 1
                return false
            }
            state.clock += 1
            session.lastUse = state.clock
            state.resting[seat.name, default: []].append(session)
            return true
        }
        _ = isKept
    }

    func close(_ session: Session) {
        state.withLock { $0.open -= 1 }
    }

    /// Closes what rests for `seat`.
    func clear(_ seat: Seat) {
        let closed = state.withLock { state in
            let found = state.resting.removeValue(forKey: seat.name) ?? []
            state.open -= found.count
            return found
        }
        _ = closed
    }

    /// Counts `count` more as open and closes as many as are too many then; at least one of those at rest for none.
    private func makeRoom(for count: Int) {
        let closed = state.withLock { state -> [Session] in
            state.open += count
            var closed: [Session] = []
            while state.open > limit || count == 0 && closed.isEmpty {
                let oldest = state.resting.lazy.compactMap { name, sessions in sessions.first.map { (name, $0.lastUse) } }.min {
                    $0.1 < $1.1
                }
                guard let oldest, var sessions = state.resting[oldest.0] else { break }
                closed.append(sessions.removeFirst())
                state.resting[oldest.0] = sessions.isEmpty ? nil : sessions
                state.open -= 1
            }
            return closed
        }
        // Closed as the last reference goes, outside of the lock.
        _ = closed
    }
}
