import Storage
import Synchronization
import Vocabulary

/// Keeps what this node remembers of one database in step with it.
///
/// ```swift
/// coherence.listen { if case .account(let id) = $0 { roles.forget(id) } }
/// try await coherence.write { transaction in
///     try transaction.run("DELETE FROM membership WHERE account = \(id)")
///     try coherence.note(.account(id), in: transaction)
/// }
/// ```
/// Here it is forgotten when `write` returns, on the other nodes when they look: told at once or by themselves, within ``CacheLease/length``. There is one
/// way of forgetting for both: reading what was noted. So nothing can be forgotten here and be overlooked there.
package final class Coherence: Sendable {
    package let lease: CacheLease
    private let database: any Database
    private let known = Mutex<Int64?>(nil)
    private let listeners = Mutex<[@Sendable (Invalidation) -> Void]>([])
    private let notes = Atomic<UInt64>(0)

    /// - Parameter lease: ``CacheLease/alone(clock:)`` where no other process writes to `database`.
    package init(_ database: any Database, lease: CacheLease = .alone()) {
        self.database = database
        self.lease = lease
    }

    /// Adds somebody who remembers. `.everything` and words of a kind that it doesn't know come too.
    package func listen(_ listener: @escaping @Sendable (Invalidation) -> Void) {
        listeners.withLock { $0.append(listener) }
    }

    package func note(_ invalidation: Invalidation, in transaction: any Transaction) throws {
        notes.add(1, ordering: .relaxed)
        try Invalidations.note(invalidation, in: transaction)
    }

    /// A write whose invalidations are in force on this node when it returns.
    @discardableResult
    package func write<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) async throws -> T {
        let before = notes.load(ordering: .relaxed)
        do {
            let result = try await database.write(body)
            await settle(since: before)
            return result
        } catch {
            // Whether the commit stands may not be known.
            await settle(since: before)
            throw error
        }
    }

    /// Forgets what was noted since the last look, and renews the lease.
    package func catchUp() async throws {
        let began = lease.begin()
        let last = known.withLock { $0 }
        let (number, news) = try await database.read { try Invalidations.since(last, in: $0) }
        if !news.isEmpty {
            let listeners = listeners.withLock { $0 }
            for invalidation in news { for listener in listeners { listener(invalidation) } }
        }
        known.withLock { known in
            // Two looks at once: each forgot what it read, and the later number stands. A number that went back is another history's.
            if let current = known, current != last, current > number, number >= last ?? 0 { return }
            known = number
        }
        lease.renew(fromLookBegunAt: began)
    }

    private func settle(since before: UInt64) async {
        guard notes.load(ordering: .relaxed) != before else { return }
        lease.doubt()
        // If it can't look now, every cache counts as empty until somebody can.
        try? await Task { try await self.catchUp() }.value
    }
}
