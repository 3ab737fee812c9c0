import Cluster
import Storage
import Synchronization
import Vocabulary

/// Environments and handles that were looked up before.
///
/// Whoever looks something up notes the generation first; if anything was forgotten meanwhile, what was found may be
/// old and is not kept. Without a valid lease nothing is known; a handle is good for ever, but whose it is may not be.
final class KnownEnvironments: Sendable {
    private struct State {
        var generation: UInt64 = 0
        var byID: [EnvironmentID: HostedEnvironment] = [:]
        var byLabel: [String: EnvironmentID] = [:]
        var databases: [EnvironmentID: any Database] = [:]
    }

    private let state = Mutex(State())
    private let capacity: Int
    private let lease: CacheLease?

    init(capacity: Int = 20_000, lease: CacheLease? = nil) {
        self.capacity = capacity
        self.lease = lease
    }

    var generation: UInt64 { state.withLock { $0.generation } }

    func environment(_ id: EnvironmentID) -> HostedEnvironment? { known { $0.byID[id] } }
    func environment(label: String) -> HostedEnvironment? { known { state in state.byLabel[label].flatMap { state.byID[$0] } } }
    func database(of id: EnvironmentID) -> (any Database)? { known { $0.databases[id] } }

    private func known<T: Sendable>(_ find: (State) -> T?) -> T? {
        guard lease?.isValid != false else { return nil }
        return state.withLock { find($0) }
    }

    /// Only active ones: the others are about to change.
    func keep(_ environment: HostedEnvironment, ifStill generation: UInt64) {
        guard environment.state == .active else { return }
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.byID.count >= capacity {
                state.byID = [:]
                state.byLabel = [:]
            }
            state.byID[environment.id] = environment
            state.byLabel[environment.label] = environment.id
        }
    }

    func keep(_ database: any Database, of id: EnvironmentID, ifStill generation: UInt64) {
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.databases.count >= capacity { state.databases = [:] }
            state.databases[id] = database
        }
    }

    func forget(_ ids: [EnvironmentID]) {
        state.withLock { state in
            state.generation += 1
            for id in ids {
                if let label = state.byID.removeValue(forKey: id)?.label { state.byLabel[label] = nil }
                state.databases[id] = nil
            }
        }
    }

    func forgetAll() {
        state.withLock { state in
            state = State(generation: state.generation + 1)
        }
    }
}
