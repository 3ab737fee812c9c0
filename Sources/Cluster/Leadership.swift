import Logging
import ServiceLifecycle
import Synchronization
import Vocabulary

/// Which of the nodes does what has to be done once: one at a time, another one when that is gone.
///
/// Who leads learns half a second late at most that it no longer does, so for that long two may believe it. What is done by it alone is therefore
/// such that doing it twice does no harm: it is spared, not forbidden.
package final class Leadership: Service {
    private let turns: any Turns
    private let logger: Logger
    private let turn = Mutex<(any Turn)?>(nil)
    static let pause = Duration.milliseconds(500)

    package init(_ turns: any Turns, logger: Logger) {
        self.turns = turns
        self.logger = logger
    }

    package var isLeader: Bool { turn.withLock { $0 != nil } }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.step()
                do { try await Task.sleep(for: Self.pause) } catch { break }
            }
        }
        let last = turn.withLock { turn in
            defer { turn = nil }
            return turn
        }
        await last?.givingBack()
    }

    /// Sees whether the lead is still ours, or can be had.
    package func step() async {
        if let held = turn.withLock({ $0 }) {
            if await held.holds() { return }
            turn.withLock { $0 = nil }
            logger.notice("another node may lead now")
        }
        do {
            guard let taken = try await turns.taking("leader") else { return }
            turn.withLock { $0 = taken }
            logger.info("this node leads")
        } catch {
            // Whoever can't ask doesn't lead.
        }
    }
}
