import Storage
import Synchronization
import Vocabulary

/// Where queued imports wait for their turn: a few run at once, in tasks that outlive the request which started them.
///
/// One per process. ``run()`` works until its task is cancelled; what runs then stays unfinished in the database and goes on at the next start.
package final class ImportDesk: Sendable {
    private let orders: AsyncStream<@Sendable () async -> Void>
    private let continuation: AsyncStream<@Sendable () async -> Void>.Continuation
    private let width: Int
    private let met = Mutex<Set<DatabaseName>>([])

    package init(width: Int = 2) {
        (orders, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(10_000))
        self.width = width
    }

    /// Hands an operation over. `failed` is told what the platform could not do; refusals are written into the operation.
    package func enqueue(
        _ operation: OperationID, in workspace: Workspace, failed: @escaping @Sendable (any Error) -> Void = { _ in }
    ) {
        continuation.yield {
            do { try await workspace.imports.run(operation) } catch { if !(error is CancellationError) { failed(error) } }
        }
    }

    /// Takes up again what an earlier run of the program left unfinished in this environment. Does so once, and again after ``meetAgain()``; call it
    /// whenever a workspace is made.
    package func meet(_ workspace: Workspace, failed: @escaping @Sendable (any Error) -> Void = { _ in }) async throws {
        guard met.withLock({ $0.insert(workspace.database.name).inserted }) else { return }
        do {
            for operation in try await workspace.operations.recover(resumable: [Imports.kind]) {
                enqueue(operation.id, in: workspace, failed: failed)
            }
        } catch {
            _ = met.withLock { $0.remove(workspace.database.name) }
            throw error
        }
    }

    /// A node is gone: what it left unfinished is to be taken up where somebody next comes by.
    package func meetAgain() { met.withLock { $0 = [] } }

    package func run() async throws {
        await withDiscardingTaskGroup { group in
            for _ in 0..<width {
                group.addTask { [orders] in
                    for await order in orders { await order() }
                }
            }
        }
    }
}
