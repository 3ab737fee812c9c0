import Logging
import Synchronization

/// The last lines that were logged, as text: what the search for personal data looks through.
///
/// Put its handlers beside the one that writes: `MultiplexLogHandler([stream, recent.handler(label:)])`.
package final class RecentLog: Sendable {
    private let capacity: Int
    private let lines: Mutex<(ring: [Line], next: Int, total: Int)>

    package init(capacity: Int = 5000) {
        self.capacity = capacity
        lines = Mutex(([], 0, 0))
    }

    package func handler(label: String) -> any LogHandler { Handler(log: self, label: label) }

    /// The lines that are still kept, and how many there were in all.
    package func snapshot() -> (lines: [String], total: Int) {
        let (ring, total) = lines.withLock { ($0.ring, $0.total) }
        return (ring.map(\.text), total)
    }

    package func note(_ line: String) { keep(.text(line)) }

    private func keep(_ line: Line) {
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

    /// Events are written out only when somebody looks: nearly every line is overwritten unseen.
    private enum Line: Sendable {
        case text(String)
        case event(label: String, message: Logger.Message, metadata: Logger.Metadata, more: Logger.Metadata?)

        var text: String {
            switch self {
            case .text(let text): text
            case .event(let label, let message, let metadata, let more):
                "\(label) \(message) \(metadata.merging(more ?? [:]) { _, new in new })"
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
            log.keep(.event(label: label, message: event.message, metadata: metadata, more: event.metadata))
        }
    }
}
