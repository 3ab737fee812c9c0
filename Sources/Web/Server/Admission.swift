import Synchronization
import Vocabulary

/// Counts open connections, in all and per subscriber, so that one client can't take every place.
package final class Admission: Sendable {
    private struct Counts {
        var total = 0
        var perSubscriber: [NetworkAddress: Int] = [:]
    }

    private let limits: Limits
    private let counts = Mutex(Counts())

    package init(limits: Limits) { self.limits = limits }

    package var open: Int { counts.withLock { $0.total } }

    /// Takes a place, or says that there is none. `subscriber` is nil for trusted proxies and the Unix socket.
    func admit(_ subscriber: NetworkAddress?) -> Bool {
        counts.withLock { counts in
            guard counts.total < limits.connections else { return false }
            if let subscriber {
                guard counts.perSubscriber[subscriber, default: 0] < limits.connectionsPerAddress else { return false }
                counts.perSubscriber[subscriber, default: 0] += 1
            }
            counts.total += 1
            return true
        }
    }

    /// Counts a connection that came through a proxy as its client's, or says that the client has as many as it may.
    func attribute(_ subscriber: NetworkAddress) -> Bool {
        counts.withLock { counts in
            guard counts.perSubscriber[subscriber, default: 0] < limits.connectionsPerAddress else { return false }
            counts.perSubscriber[subscriber, default: 0] += 1
            return true
        }
    }

    func release(_ subscriber: NetworkAddress?) {
        counts.withLock { counts in
            counts.total -= 1
            guard let subscriber, let count = counts.perSubscriber[subscriber] else { return }
            counts.perSubscriber[subscriber] = count > 1 ? count - 1 : nil
        }
    }
}
