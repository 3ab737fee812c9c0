import Storage
import Synchronization
import Vocabulary

/// The open connections of all databases: a bounded number. The database whose last use is longest ago is closed first, whole:
/// SQLite keeps the descriptor of a single closed connection as long as its database has another one.
///
/// A connection belongs to its seat for good; it never serves another database. At most as many are in use as there are
/// threads, so room can nearly always be made; where it can't, the bound is passed by no more than the threads' number.
final class Shelf: Sendable {
    private final class Entry {
        let seat: Seat
        var readers: [Connection] = []
        var writer: Connection?
        var inUse = 0
        var lastUse: UInt64 = 0

        init(seat: Seat) { self.seat = seat }
    }

    private struct State {
        var entries: [DatabaseName: Entry] = [:]
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

    /// Runs `body` here and now, where a reader is at rest and `body` is quickly done. Nil otherwise: nothing came of it, or nothing is to come.
    func briefly<T>(_ seat: Seat, _ body: (Connection) throws -> T) -> Result<T, any Error>? {
        guard let connection = takeResting(seat) else { return nil }
        defer { put(connection, seat) }
        return connection.briefly { try body(connection) }
    }

    /// A connection opened now with `key`, which so is proved to be the right one; afterwards it rests with the others.
    func withFreshConnection<T>(_ seat: Seat, key: () throws -> Secret, _ body: (Connection) throws -> T) throws -> T {
        _ = take(seat, nil)
        let connection = try open(seat, .reader, key)
        do {
            let value = try body(connection)
            put(connection, seat)
            return value
        } catch {
            connection.close()
            giveUp(seat)
            throw error
        }
    }

    /// Closes what rests for `seat`.
    func clear(_ seat: Seat, checkpoint: Bool) {
        let taken = state.withLock { Self.remove($0.entries[seat.name], &$0) }
        if let taken { close(taken, checkpoint: checkpoint) }
    }

    /// Marks the seat as used, and takes a connection from it where one rests.
    private func take(_ seat: Seat, _ role: Connection.Role?) -> Connection? {
        state.withLock { state in
            let entry: Entry
            if let known = state.entries[seat.name] {
                entry = known
            } else {
                entry = Entry(seat: seat)
                state.entries[seat.name] = entry
            }
            entry.inUse += 1
            switch role {
            case .reader?: return entry.readers.popLast()
            case .writer?: return entry.writer.take()
            default: return nil
            }
        }
    }

    private func takeResting(_ seat: Seat) -> Connection? {
        state.withLock { state in
            guard let entry = state.entries[seat.name], let connection = entry.readers.popLast() else { return nil }
            entry.inUse += 1
            return connection
        }
    }

    private func put(_ connection: Connection, _ seat: Seat) {
        state.withLock { state in
            guard let entry = state.entries[seat.name] else { return }
            state.clock += 1
            entry.lastUse = state.clock
            entry.inUse -= 1
            if connection.role == .writer { entry.writer = connection } else { entry.readers.append(connection) }
        }
    }

    /// The seat is marked as used already.
    private func open(_ seat: Seat, _ role: Connection.Role, _ key: () throws -> Secret) throws -> Connection {
        let evicted = state.withLock { state -> [Taken] in
            state.open += 1
            var evicted: [Taken] = []
            while state.open > options.connections {
                // A look at each: some microseconds before an opening that takes hundreds.
                let idle = state.entries.values.lazy.filter { $0.inUse == 0 }.min { $0.lastUse < $1.lastUse }
                guard let taken = Self.remove(idle, &state) else { break }
                evicted.append(taken)
            }
            return evicted
        }
        for taken in evicted { close(taken, checkpoint: true) }
        do {
            return try Connection(path: seat.file.path, key: key(), role: role, options: options)
        } catch {
            giveUp(seat)
            throw error
        }
    }

    /// After a connection that was to be, or was, opened is no more.
    private func giveUp(_ seat: Seat) {
        state.withLock { state in
            state.open -= 1
            guard let entry = state.entries[seat.name] else { return }
            entry.inUse -= 1
            if entry.inUse == 0, entry.readers.isEmpty, entry.writer == nil { state.entries[seat.name] = nil }
        }
    }

    private struct Taken {
        let seat: Seat
        let readers: [Connection]
        let writer: Connection?
    }

    private static func remove(_ entry: Entry?, _ state: inout State) -> Taken? {
        guard let entry else { return nil }
        state.entries[entry.seat.name] = nil
        state.open -= entry.readers.count + (entry.writer == nil ? 0 : 1)
        return Taken(seat: entry.seat, readers: entry.readers, writer: entry.writer)
    }

    private func close(_ taken: Taken, checkpoint: Bool) {
        for reader in taken.readers { reader.close() }
        guard let writer = taken.writer else { return }
        taken.seat.writerTurn.withLock { _ in
            if checkpoint {
                do {
                    try writer.use { try writer.checkpointBeforeClose(taken.seat.mayCheckpoint) }
                } catch {
                    // The log still holds everything, but what the disk made of it is unknown until it is read again.
                    taken.seat.closeInDoubt()
                }
            }
            writer.close()
        }
    }
}
