import Crypto
import Storage
import Synchronization

/// Locks that nodes share, all on one connection of their own, beside those of the pool: they end with it, so that nobody holds a lock who is gone.
///
/// Calls block. While the server is out of reach they fail at once instead of being tried again.
package final class PostgresLocks: Sendable {
    private struct State {
        var session: Session?
        /// Tells the locks of a connection from those of the one before.
        var connection: UInt64 = 0
        var held: Set<String> = []
    }

    private let connector: Connector
    private let state = Mutex(State())

    package init(_ options: PostgresOptions) { connector = Connector(options: options) }

    /// One lock, held until it is given back or its connection is lost.
    package struct Lock: Sendable {
        let name: String
        let connection: UInt64
        let locks: PostgresLocks

        /// Asks the server; false once the connection was lost.
        package func isHeld() -> Bool { locks.isHeld(self) }
        package func giveBack() { locks.giveBack(self) }
    }

    /// Nil while somebody else has it, on this node or another.
    /// - Throws: ``StorageError`` where the server can't be asked.
    package func take(_ name: String) throws -> Lock? {
        try state.withLock { state in
            guard !state.held.contains(name) || !isAlive(&state) else { return nil }
            let number = number(of: name)
            let isTaken = try asking(&state) {
                try $0.run("SELECT CASE WHEN pg_try_advisory_lock(\(number)) THEN 1 ELSE 0 END").rows.first?.get(0, as: Int.self) == 1
            }
            guard isTaken else { return nil }
            state.held.insert(name)
            return Lock(name: name, connection: state.connection, locks: self)
        }
    }

    /// Cuts the connection: every lock is free.
    package func close() { state.withLock { forget(&$0) } }

    private func isHeld(_ lock: Lock) -> Bool {
        state.withLock { state in
            guard lock.connection == state.connection, state.held.contains(lock.name) else { return false }
            return isAlive(&state) && lock.connection == state.connection
        }
    }

    private func giveBack(_ lock: Lock) {
        state.withLock { state in
            guard lock.connection == state.connection, state.held.remove(lock.name) != nil else { return }
            let number = number(of: lock.name)
            // Where the server can't be asked any more, it has let go by itself.
            _ = try? asking(&state) { try $0.run("SELECT CASE WHEN pg_advisory_unlock(\(number)) THEN 1 ELSE 0 END") }
        }
    }

    private func isAlive(_ state: inout State) -> Bool {
        guard state.session != nil else { return false }
        return (try? asking(&state) { try $0.run("SELECT 1") }) != nil
    }

    private func asking<T>(_ state: inout State, _ body: (Session) throws -> T) throws -> T {
        do {
            let session: Session
            if let open = state.session {
                session = open
            } else {
                session = try connector.connect(connector.options.maintenanceDatabase, patience: .zero)
                state.session = session
                state.connection += 1
            }
            return try body(session)
        } catch {
            // Whatever went wrong on it, a lock is not worth a doubt.
            forget(&state)
            throw (error as? ServerError)?.storageError ?? error
        }
    }

    private func forget(_ state: inout State) {
        state.session = nil
        state.connection += 1
        state.held = []
    }

    /// The server's locks have numbers; ours are of the kind with one number, and differ by installation.
    func number(of name: String) -> Int64 {
        let digest = SHA256.hash(data: Array("holdfast lock \(connector.options.prefix.text) \(name)".utf8))
        return digest.prefix(8).reduce(0) { $0 << 8 | Int64($1) }
    }
}
