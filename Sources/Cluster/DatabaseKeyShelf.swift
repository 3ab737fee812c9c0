import Dispatch
import Sealing
import Storage
import Synchronization
import Vocabulary

/// A shelf of wrapped keys in a database of its own, which all nodes share. It must lie apart from the databases that the keys lock, in
/// backups too: give it a cluster of its own, or leave it out of every versioned backup.
///
/// All of it is kept in memory, for it is small: 10,000 environments are 1.5 MB. What other nodes change is read by ``catchUp()``; where that can't
/// be done for as long as a ``CacheLease`` lasts, ``isCurrent`` is false and no key is given.
package final class DatabaseKeyShelf: KeyShelf {
    private struct Contents {
        var number: Int64?
        var manifest: [UInt8]?
        var keys: [KeyOwner: [UInt8]] = [:]
        var tombstones: [Tombstone] = []

        mutating func take(_ row: Row) throws {
            let name: String = try row.get(0)
            if name.hasPrefix("tombstone/"), let tombstone = Tombstone(String(decoding: try row.get(1, as: [UInt8].self), as: UTF8.self)) {
                tombstones.append(tombstone)
            }
            guard let owner = KeyOwner(name) else { return }
            keys[owner] = try row.get(1, as: [UInt8].self)
        }
    }

    package let place: String
    private let database: any Database
    private let lease: CacheLease
    private let turns: any Turns
    private let contents = Mutex(Contents())
    private let listeners = Mutex<[@Sendable (Invalidation) -> Void]>([])

    package static let schema = Schema(name: "keyring", Invalidations.migrations, migrations)

    private static let migrations: [Migration] = [
        Migration("cluster_0002_keyring") { dialect in
            let (bytes, strict): (SQL, SQL) = dialect == .sqlite ? ("BLOB", " STRICT") : ("BYTEA", "")
            return [
                "CREATE TABLE keyring_manifest (id INTEGER PRIMARY KEY CHECK (id = 1), content \(bytes) NOT NULL)\(strict)",
                "CREATE TABLE wrapped_key (owner TEXT NOT NULL PRIMARY KEY, content \(bytes) NOT NULL)\(strict)",
            ]
        }
    ]

    /// Reads the whole shelf once. `place` is for messages and holds no password.
    package init(_ database: any Database, place: String, lease: CacheLease = .alone(), turns: any Turns) async throws {
        self.database = database
        self.place = place
        self.lease = lease
        self.turns = turns
        try await catchUp()
    }

    package var isShared: Bool { true }
    package var isCurrent: Bool { lease.isValid }

    package func refresh(for owner: KeyOwner?) async {
        let isMissing = owner.map { !contains($0) } ?? false
        if isMissing || !isCurrent { try? await catchUp() }
    }

    /// Adds somebody who keeps what these keys open.
    package func listen(_ listener: @escaping @Sendable (Invalidation) -> Void) {
        listeners.withLock { $0.append(listener) }
    }

    // MARK: Reading, from memory

    package func manifest() -> [UInt8]? { contents.withLock { $0.manifest } }
    package func owners() -> [KeyOwner] { contents.withLock { Array($0.keys.keys) } }
    package func contains(_ owner: KeyOwner) -> Bool { contents.withLock { $0.keys[owner] != nil } }
    package func read(_ owner: KeyOwner) -> [UInt8]? { contents.withLock { $0.keys[owner] } }

    // MARK: Writing

    package func hold() -> any KeyHold { SharedHold(turns: turns, place: place) }

    package func replaceManifest(_ old: [UInt8]?, with new: [UInt8]) throws {
        let place = place
        try write { transaction in
            guard try Self.manifest(in: transaction) == old else { throw SealingFault.keyringInUse(path: place) }
            try transaction.run(
                """
                INSERT INTO keyring_manifest (id, content) VALUES (1, \(new)) ON CONFLICT (id) DO UPDATE SET content = excluded.content
                """)
            try Invalidations.note(.masterKey, in: transaction)
        }
    }

    package func create(_ owner: KeyOwner, with bytes: [UInt8], under manifest: [UInt8]) throws -> Bool {
        let place = place
        return try write { transaction in
            // In the same transaction: a rotation that begins now sees this key, or this sees the rotation.
            guard try Self.manifest(in: transaction) == manifest else { throw SealingFault.keyringInUse(path: place) }
            let made = try transaction.run(
                "INSERT INTO wrapped_key (owner, content) VALUES (\(owner.description), \(bytes)) ON CONFLICT (owner) DO NOTHING")
            if made == 1 { try Invalidations.note(.key(owner.description), in: transaction) }
            return made == 1
        }
    }

    package func replace(_ keys: [(owner: KeyOwner, bytes: [UInt8])]) throws {
        guard !keys.isEmpty else { return }
        try write { transaction in
            for (owner, bytes) in keys {
                try transaction.run("UPDATE wrapped_key SET content = \(bytes) WHERE owner = \(owner.description)")
                try Invalidations.note(.key(owner.description), in: transaction)
            }
        }
    }

    package func remove(_ owner: KeyOwner) throws -> Bool {
        try write { transaction in
            let removed = try transaction.run("DELETE FROM wrapped_key WHERE owner = \(owner.description)")
            if removed > 0 { try Invalidations.note(.key(owner.description), in: transaction) }
            return removed > 0
        }
    }

    package func sweep() {}

    /// Under the name of no owner, so that nobody takes it for a key.
    package func entomb(_ tombstone: Tombstone) throws {
        _ = try write { transaction in
            try transaction.run(
                """
                INSERT INTO wrapped_key (owner, content) VALUES (\("tombstone/\(tombstone.environment)"), \(Array(tombstone.text.utf8)))
                ON CONFLICT (owner) DO NOTHING
                """)
        }
        contents.withLock { contents in
            if !contents.tombstones.contains(tombstone) { contents.tombstones.append(tombstone) }
        }
    }

    package func tombstones() -> [Tombstone] { contents.withLock { $0.tombstones } }

    // MARK: Keeping up

    /// Reads what changed since the last time, and renews the lease.
    package func catchUp() async throws {
        let began = lease.begin()
        let last = contents.withLock { $0.number }
        let (number, news, fresh) = try await database.read { reader -> (Int64, [Invalidation], Contents) in
            let (number, news) = try Invalidations.since(last, in: reader)
            var fresh = Contents(number: number)
            if !news.isEmpty { fresh.manifest = try Self.manifest(in: reader) }
            if news.contains(.everything) {
                try reader.each("SELECT owner, content FROM wrapped_key") { try fresh.take($0) }
            } else {
                for owner in Set(news).compactMap(\.owner) {
                    try reader.each("SELECT owner, content FROM wrapped_key WHERE owner = \(owner.description)") { try fresh.take($0) }
                }
            }
            return (number, news, fresh)
        }
        if !news.isEmpty {
            contents.withLock { contents in
                // Two looks at once: the later one has read everything that the earlier did.
                if contents.number != last, let current = contents.number, current >= number { return }
                if news.contains(.everything) {
                    contents = fresh
                } else {
                    contents.number = number
                    contents.manifest = fresh.manifest
                    for owner in news.compactMap(\.owner) { contents.keys[owner] = fresh.keys[owner] }
                }
            }
            let listeners = listeners.withLock { $0 }
            for invalidation in news { for listener in listeners { listener(invalidation) } }
        }
        lease.renew(fromLookBegunAt: began)
    }

    /// The keyring is synchronous, a database is not: this thread waits. Callers are on threads that may.
    private func write<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) throws -> T {
        let outcome = Mutex<Result<T, any Error>?>(nil)
        let done = DispatchSemaphore(value: 0)
        Task {
            let result: Result<T, any Error>
            do { result = .success(try await database.write(body)) } catch { result = .failure(error) }
            // Whoever asks meanwhile goes on with what is known: nobody has been told of the change yet. Where it can't be looked at, no key is given.
            do { try await catchUp() } catch { lease.doubt() }
            outcome.withLock { $0 = result }
            done.signal()
        }
        done.wait()
        guard let result = outcome.withLock({ $0 }) else { throw StorageError.closed }
        return try result.get()
    }

    private static func manifest(in reader: any Reader) throws -> [UInt8]? {
        try reader.value("SELECT content FROM keyring_manifest WHERE id = 1", as: [UInt8].self)
    }
}

extension Invalidation {
    fileprivate var owner: KeyOwner? { if case .key(let name) = self { KeyOwner(name) } else { nil } }
}

/// All nodes hold the shelf together; one at a time rotates.
private struct SharedHold: KeyHold {
    let turns: any Turns
    let place: String

    func alone<T>(_ body: () throws -> T) throws -> T {
        guard let turn = try turns.take("keyring") else { throw SealingFault.keyringInUse(path: place) }
        defer { turn.giveBack() }
        return try body()
    }
}
