import Cluster
import Storage
import Synchronization
import Vocabulary

/// Who watches which operation in this process, and which process this is. One per server.
package final class OperationBoard: Sendable {
    struct Name: Hashable {
        let database: DatabaseName
        let id: OperationID
    }

    private struct Watched {
        let bell: Bell
        var watchers: Int
    }

    /// Names this run of the program: an unfinished operation of another run was interrupted.
    package let run: String
    /// Whether another run is still at work, on another node.
    let isAtWork: @Sendable (_ run: String) async throws -> Bool
    private let visited = Mutex<Set<DatabaseName>>([])
    private let watched = Mutex<[Name: Watched]>([:])

    /// `isAtWork` is asked about other runs only. Where one process has the data for itself, none is.
    package init(run: String, isAtWork: @escaping @Sendable (_ run: String) async throws -> Bool) {
        self.run = run
        self.isAtWork = isAtWork
    }

    /// For one process by itself.
    package convenience init(entropy: some Entropy, clock: some Clock) {
        self.init(run: ID<OperationBoard>(at: clock.now(), entropy: entropy).description) { _ in false }
    }

    /// True the first time that this run meets a database.
    func meets(_ database: DatabaseName) -> Bool { visited.withLock { $0.insert(database).inserted } }

    /// Whether anybody watches anything.
    var isWatched: Bool { watched.withLock { !$0.isEmpty } }

    func announce(_ name: Name) {
        watched.withLock { $0[name]?.bell }?.ring()
    }

    func enter(_ name: Name) -> Bell {
        watched.withLock { watched in
            var entry = watched[name] ?? Watched(bell: Bell(), watchers: 0)
            entry.watchers += 1
            watched[name] = entry
            return entry.bell
        }
    }

    func leave(_ name: Name) {
        watched.withLock { watched in
            guard var entry = watched[name] else { return }
            entry.watchers -= 1
            watched[name] = entry.watchers > 0 ? entry : nil
        }
    }
}
