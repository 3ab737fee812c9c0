import Synchronization

/// A small map in memory that forgets at once when told, and never grows past its limit.
///
/// A value read from the database before a revocation must not be put in after it: whoever fills the cache takes a
/// ``generation`` before reading, and ``insert(_:for:readAt:)`` drops the value if anything was forgotten in between.
/// Without a valid ``CacheLease`` it counts as empty.
package final class BoundedCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct State {
        var values: [Key: Value] = [:]
        var generation: UInt64 = 0
    }

    private let state = Mutex(State())
    private let limit: Int
    private let lease: CacheLease?

    package init(limit: Int, lease: CacheLease? = nil) {
        self.limit = limit
        self.lease = lease
    }

    package var generation: UInt64 { state.withLock { $0.generation } }
    package var count: Int { state.withLock { $0.values.count } }

    package subscript(_ key: Key) -> Value? {
        guard lease?.isValid != false else { return nil }
        return state.withLock { $0.values[key] }
    }

    package func insert(_ value: Value, for key: Key, readAt generation: UInt64) {
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.values.count >= limit, state.values[key] == nil {
                // Half goes at once: which half doesn't matter, the database still knows them all.
                for victim in Array(state.values.keys.prefix(limit / 2)) { state.values[victim] = nil }
            }
            state.values[key] = value
        }
    }

    package func forget(where matches: (Key, Value) -> Bool) {
        state.withLock { state in
            state.generation &+= 1
            for victim in state.values.filter({ matches($0.key, $0.value) }) { state.values[victim.key] = nil }
        }
    }

    package func forget(_ key: Key) {
        state.withLock { state in
            state.generation &+= 1
            state.values[key] = nil
        }
    }

    package func forgetAll() {
        state.withLock { state in
            state.generation &+= 1
            state.values.removeAll(keepingCapacity: true)
        }
    }
}
