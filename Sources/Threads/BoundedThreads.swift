import NIOPosix
import Synchronization

/// A few threads for calls that block, and a bounded line before them.
package final class BoundedThreads: Sendable {
    /// The line is full. Nothing was begun.
    package struct Crowded: Error {}

    private let pool: NIOThreadPool
    private let admitted = Mutex(0)
    private let limit: Int

    /// - Parameter waiting: how many may wait beside those that run.
    package init(_ threads: Int, waiting: Int) {
        limit = max(1, threads) + max(0, waiting)
        pool = NIOThreadPool(numberOfThreads: max(1, threads))
        pool.start()
    }

    deinit { pool.shutdownGracefully { _ in } }

    /// - Throws: ``Crowded``, and what `work` throws.
    package func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        let isAdmitted = admitted.withLock { count in
            guard count < limit else { return false }
            count += 1
            return true
        }
        guard isAdmitted else { throw Crowded() }
        defer { admitted.withLock { $0 -= 1 } }
        return try await pool.runIfActive(work)
    }
}
