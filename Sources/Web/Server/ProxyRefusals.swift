import Logging
import NIOCore
import Synchronization

/// Counts connections that were refused for their PROXY header and says so in the log at most once a minute for each reason: whoever
/// can connect could fill the log otherwise. No address is written.
package final class ProxyRefusals: Sendable {
    private struct Count {
        var total = 0
        var said = 0
        var saidAt: NIODeadline?
    }

    private static let pause = TimeAmount.minutes(1)
    private let counts = Mutex<[ProxyRefusal: Count]>([:])
    private let logger: Logger

    package init(logger: Logger) { self.logger = logger }

    /// Since the start, by reason: `untrusted`, `missing`, `text`, `version`, `command`, `family`, `length`.
    package var totals: [String: Int] {
        counts.withLock { Dictionary(uniqueKeysWithValues: $0.map { ($0.key.code, $0.value.total) }) }
    }

    func note(_ refusal: ProxyRefusal, at now: NIODeadline = .now()) {
        let unsaid = counts.withLock { counts -> Int? in
            var count = counts[refusal] ?? Count()
            defer { counts[refusal] = count }
            count.total += 1
            if let saidAt = count.saidAt, now - saidAt < Self.pause { return nil }
            defer { (count.said, count.saidAt) = (count.total, now) }
            return count.total - count.said
        }
        guard let unsaid else { return }
        logger.warning("connections refused at the PROXY header", metadata: ["reason": "\(refusal.code)", "connections": "\(unsaid)"])
    }
}
