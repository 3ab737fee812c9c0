import Storage
import StorageSQLite
import Synchronization
import TestSupport
import Vocabulary

@testable import Cluster

/// Steady time that a test moves, or holds.
final class HandClock: SteadyClock {
    private let time = Mutex<UInt64>(1_000_000_000)
    func nanoseconds() -> UInt64 { time.withLock { $0 } }
    func advance(by duration: Duration) { time.withLock { $0 += UInt64(duration.microseconds) * 1000 } }
}

/// A database that can be out of reach for one node.
final class Wire: Database {
    let inner: any Database
    let isCut = Mutex(false)
    struct Cut: Error {}

    init(_ inner: any Database) { self.inner = inner }

    var name: DatabaseName { inner.name }

    private func check() throws { if isCut.withLock({ $0 }) { throw Cut() } }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Reader) throws -> T) async throws -> T {
        try check()
        return try await inner.read(body)
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) async throws -> T {
        try check()
        return try await inner.write(body)
    }

    func position() async throws -> CommitPosition { try await inner.position() }
}

/// A node that remembers who may enter, of a table that several nodes share.
struct Gatekeeper {
    static let schema = Schema(
        name: "control", Invalidations.migrations, Nodes.migrations,
        [Migration("gate", ["CREATE TABLE pass (account TEXT NOT NULL PRIMARY KEY)"])])

    let clock = HandClock()
    let wire: Wire
    let coherence: Coherence
    let known: BoundedCache<AccountID, Bool>

    init(_ database: any Database) {
        wire = Wire(database)
        coherence = Coherence(wire, lease: CacheLease(clock: clock))
        let known = BoundedCache<AccountID, Bool>(limit: 100, lease: coherence.lease)
        self.known = known
        coherence.listen { invalidation in
            switch invalidation {
            case .account(let id): known.forget(id)
            case .rights, .everything: known.forgetAll()
            default: break
            }
        }
    }

    func admit(_ account: AccountID) async throws {
        try await coherence.write { [coherence] transaction in
            try transaction.run("INSERT INTO pass (account) VALUES (\(account))")
            try coherence.note(.account(account), in: transaction)
        }
    }

    func expel(_ account: AccountID) async throws {
        try await coherence.write { [coherence] transaction in
            try transaction.run("DELETE FROM pass WHERE account = \(account)")
            try coherence.note(.account(account), in: transaction)
        }
    }

    /// Nil where neither memory nor database can tell.
    func admits(_ account: AccountID) async -> Bool? {
        if let answer = known[account] { return answer }
        let generation = known.generation
        guard let answer = try? await wire.read({ try $0.row("SELECT 1 FROM pass WHERE account = \(account)") != nil }) else { return nil }
        known.insert(answer, for: account, readAt: generation)
        return answer
    }
}

func account() -> AccountID { AccountID(at: SystemClock().now(), entropy: SystemEntropy()) }
