import ServiceLifecycle
import Synchronization
import Vocabulary

/// The time between the order to stop and closing the listeners: the server is not ready any more, says so, and still answers, so that a
/// balancer in front sends new requests elsewhere before any is turned away.
///
/// Runs as the last service of its group, which stops services from the last to the first.
package final class Drain: Service {
    private let period: Duration
    private let begun = Atomic(false)

    package init(_ period: Duration) { self.period = period }

    package var isDraining: Bool { begun.load(ordering: .relaxed) }

    package func run() async throws {
        try await gracefulShutdown()
        begun.store(true, ordering: .relaxed)
        if period > .zero { try await Task.sleep(for: period) }
    }

    /// `readiness`, and not ready while draining.
    package func over(_ readiness: Readiness) -> Readiness {
        Readiness(
            isSealed: readiness.isSealed,
            obstacles: { [self] in isDraining ? [Self.obstacle] : await readiness.obstacles() })
    }

    private static let obstacle = Obstacle("draining", "The server is stopping.")
}
