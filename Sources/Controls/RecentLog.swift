import Logging
import Synchronization

/// The last lines that were logged, as text: what the search for personal data looks through.
///
/// Put its handlers beside the one that writes: `MultiplexLogHandler([stream, recent.handler(label:)])`.
package final class RecentLog: Sendable {
    private let capacity: Int
    private let lines: Mutex<(ring: [String], next: Int, total: Int)>

    package init(capacity: Int = 5000) {
        self.capacity = capacity
        lines = Mutex(([], 0, 0))
    }

    package func handler(label: String) -> any LogHandler { Handler(log: self, label: label) }

    /// The lines that are still kept, and how many there were in all.
    package func snapshot() -> (lines: [String], total: Int) { lines.withLock { ($0.ring, $0.total) } }

    package func note(_ line: String) {
        lines.withLock { state in
            state.total += 1
            if state.ring.count < capacity {
                state.ring.append(line)
            } else {
                state.ring[state.next] = line
                state.next = (state.next + 1) % capacity
            }
        }
    }

    private struct Handler: LogHandler {
        let log: RecentLog
        let label: String
        var logLevel = Logger.Level.trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
            log.note("\(label) \(event.message) \(all)")
        }
    }
}
