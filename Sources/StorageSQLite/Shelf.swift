import Storage
import Synchronization
import Vocabulary

/// Open connections: a bounded number, those at rest closed in the order of their last use.
///
/// A connection belongs to its seat for good; it never serves another database. Those in use are not on the shelf,
/// and there are at most as many as there are threads, so room can always be made.
final class Shelf: Sendable {
    private struct Resting {
        let connection: Connection
        let seat: Seat
        let since: UInt64
    }

    private struct State {
        var readers: [DatabaseName: [Resting]] = [:]
        var writers: [DatabaseName: Resting] = [:]
        var open = 0
        var clock: UInt64 = 0
    }

    private let state = Mutex(State())
    private let options: SQLiteOptions

    init(options: SQLiteOptions) { self.options = options }

    /// How many connections are open, in use or at rest.
    var openConnections: Int { state.withLock { $0.open } }

    /// Lends a connection to `body`. After an error from opening, nothing is kept.
    func withConnection<T>(
        _ seat: Seat, _ role: Connection.Role, key: () throws -> Secret, _ body: (Connection) throws -> T
    ) throws -> T {
        let connection = try take(seat, role) ?? open(seat, role, key)
        defer { put(connection, seat) }
        return try body(connection)
    }

    /// A connection opened now with `key`, which so is proved to be the right one; afterwards it rests with the others.
    func withFreshConnection<T>(_ seat: Seat, _ role: Connection.Role, key: () throws -> Secret, _ body: (Connection) throws -> T) throws
        -> T
    {
        let connection = try open(seat, role, key)
        do {
            let value = try body(connection)
            put(connection, seat)
            return value
        } catch {
            connection.close()
            state.withLock { $0.open -= 1 }
            throw error
        }
    }

    /// Closes what rests for `seat`.
    func clear(_ seat: Seat, checkpoint: Bool) {
        let resting = state.withLock { state in
            let resting =
                (state.readers.removeValue(forKey: seat.name) ?? []) + (state.writers.removeValue(forKey: seat.name).map { [$0] } ?? [])
            state.open -= resting.count
            return resting
        }
        for entry in resting { close(entry, checkpoint: checkpoint) }
    }

    func clearAll() {
        let resting = state.withLock { state in
            let resting = state.readers.values.flatMap(\.self) + Array(state.writers.values)
            state.readers = [:]
            state.writers = [:]
            state.open -= resting.count
            return resting
        }
        for entry in resting { close(entry, checkpoint: true) }
    }

    private func take(_ seat: Seat, _ role: Connection.Role) -> Connection? {
        state.withLock { state in
            if role == .writer { return state.writers.removeValue(forKey: seat.name)?.connection }
            return state.readers[seat.name]?.popLast()?.connection
        }
    }

    private func put(_ connection: Connection, _ seat: Seat) {
        state.withLock { state in
            state.clock += 1
            let resting = Resting(connection: connection, seat: seat, since: state.clock)
            if connection.role == .writer {
                state.writers[seat.name] = resting
            } else {
                state.readers[seat.name, default: []].append(resting)
            }
        }
    }

    private func open(_ seat: Seat, _ role: Connection.Role, _ key: () throws -> Secret) throws -> Connection {
        let evicted = state.withLock { state -> [Resting] in
            state.open += 1
            var evicted: [Resting] = []
            while state.open > options.connections, let oldest = Self.removeOldest(&state) {
                state.open -= 1
                evicted.append(oldest)
            }
            return evicted
        }
        for entry in evicted { close(entry, checkpoint: true) }
        do {
            return try Connection(path: seat.file.path, key: key(), role: role, options: options)
        } catch {
            state.withLock { $0.open -= 1 }
            throw error
        }
    }

    /// A look at each: a few microseconds before an opening that takes hundreds.
    private static func removeOldest(_ state: inout State) -> Resting? {
        let writer = state.writers.min { $0.value.since < $1.value.since }
        // Those that came last are taken first, so the first of each is its oldest.
        let reader = state.readers.min { ($0.value.first?.since ?? .max) < ($1.value.first?.since ?? .max) }
        let readerSince = reader?.value.first?.since ?? .max
        if let writer, writer.value.since < readerSince { return state.writers.removeValue(forKey: writer.key) }
        guard let reader, readerSince != .max else { return nil }
        let oldest = state.readers[reader.key]?.removeFirst()
        if state.readers[reader.key]?.isEmpty == true { state.readers[reader.key] = nil }
        return oldest
    }

    private func close(_ resting: Resting, checkpoint: Bool) {
        guard resting.connection.role == .writer else { return resting.connection.close() }
        resting.seat.writerTurn.withLock { _ in
            if checkpoint {
                do {
                    try resting.connection.use { try resting.connection.checkpointBeforeClose() }
                } catch {
                    // The log still holds everything, but what the disk made of it is unknown until it is read again.
                    resting.seat.gate.close(.inDoubt)
                }
            }
            resting.connection.close()
        }
    }
}
