import Ledger
import ObjectStores
import Storage
import Vocabulary

/// A log's hashes and its newest signed checkpoint in an object store, laid out as C2SP's tlog-tiles says (`docs/formats/audit-tiles.md`).
///
/// Hashes only: no entry leaves the database this way. Whoever reads the store can check that the log only grows, and a
/// database that was changed or put back can no longer agree with what was published before.
package struct PublishedLog: Sendable {
    private let store: any ObjectStore
    private let folder: ObjectKey
    private let checkpoints: AuditCheckpoints

    /// A checkpoint is some hundred bytes.
    private static let longestNote = 64 << 10

    /// Nil where the folder's name is unfit. `folder` is the log's alone.
    package init?(in store: any ObjectStore, folder: String, checkpoints: AuditCheckpoints) {
        guard let folder = ObjectKey(folder) else { return nil }
        self.store = store
        self.folder = folder
        self.checkpoints = checkpoints
    }

    /// The newest checkpoint in the store, as it lies there. Nil where nothing was published yet.
    package func note() async throws -> String? {
        do {
            return String(decoding: try await store.bytes(of: key("checkpoint"), atMost: Self.longestNote), as: UTF8.self)
        } catch ObjectFault.missing {
            return nil
        }
    }

    // MARK: Publishing

    /// Brings the store up to the newest checkpoint in the database. Safe to repeat and to do on several nodes.
    ///
    /// The checkpoint comes last, so that whoever reads it finds all its tiles.
    /// - Returns: how many objects were written.
    /// - Throws: ``AuditFault`` where the database is no continuation of what was published, ``ObjectFault``.
    @discardableResult
    package func publish() async throws -> Int {
        // In this order: another node may sign and publish in between, and what is in the store must not look newer than the log.
        let before = try await note().map(believed)
        guard let newest = try await checkpoints.newest() else {
            guard let before else { return 0 }
            throw AuditFault.rolledBack(signed: before.size, found: 0)
        }
        let size = newest.checkpoint.size
        if let before {
            guard before.size <= size else { throw AuditFault.rolledBack(signed: before.size, found: size) }
            guard
                try await checkpoints.consistency(from: before.size, to: size)?.verifies(
                    oldRoot: before.root, newRoot: newest.checkpoint.root) == true
            else { throw AuditFault.rootDiffers(size: before.size) }
            if before.size == size { return 0 }
        }
        let full = Tile.completed(from: before?.size ?? 0, to: size)
        var written = 0
        for place in full + Tile.partial(of: size) {
            let tile = try await tile(place)
            do {
                try await store.put(tile.bytes, at: key(place.path), ifAbsent: true)
                written += 1
            } catch ObjectFault.exists {
                guard try await stored(place) == tile else { throw AuditFault.publishedTileDiffers(level: place.level, index: place.index) }
            }
        }
        try await store.put(Array(newest.note.utf8), at: key("checkpoint"))
        // A full tile says all that its partial ones said.
        for place in full {
            for partial in try await store.all(try key("\(place.path).p").description + "/") { try await store.delete(partial.key) }
        }
        return written + 1
    }

    private func tile(_ place: Tile.Place) async throws -> Tile {
        let hashes = try await checkpoints.database.read { reader in
            var tree = AuditTree(reader: reader)
            return try (0..<UInt64(place.width)).map {
                try tree.node(level: place.level * Tile.height, index: place.index * UInt64(Tile.width) + $0)
            }
        }
        guard let tile = Tile(place, hashes: hashes) else { throw AuditFault.tileDiffers(level: place.level, index: place.index) }
        return tile
    }

    // MARK: Verifying

    package struct Report: Sendable {
        /// Entries under the published checkpoint.
        package let size: UInt64
        /// Tiles that agree.
        package let tiles: Int
        package let faults: [AuditFault]
    }

    /// Hashes all published tiles together and compares the root with the published checkpoint. Nil where nothing was published yet.
    ///
    /// Says nothing about the database: give ``note()`` to an ``AuditVerifier`` as a checkpoint that was kept elsewhere.
    package func verify() async throws -> Report? {
        guard let note = try await note() else { return nil }
        let checkpoint: Checkpoint
        do {
            checkpoint = try believed(note)
        } catch let fault as AuditFault {
            return Report(size: 0, tiles: 0, faults: [fault])
        }
        var faults: [AuditFault] = []
        var count = 0
        var edge: [Int: Tile] = [:]
        // From the bottom: each level's full tiles give the hashes that the level above has to hold.
        var expected: [TreeHash]?
        for level in 0...7 where checkpoint.size >> UInt64(Tile.height * level) > 0 {
            var roots: [TreeHash] = []
            for place in Tile.all(level: level, size: checkpoint.size) {
                guard let tile = try await stored(place) else {
                    faults.append(.publishedTileMissing(level: level, index: place.index))
                    continue
                }
                let first = Int(place.index) * Tile.width
                if let expected, !expected.dropFirst(first).prefix(place.width).elementsEqual(tile.hashes) {
                    faults.append(.publishedTileDiffers(level: level, index: place.index))
                    continue
                }
                count += 1
                if place.width == Tile.width, let root = tile.node(height: Tile.height, index: 0) {
                    roots.append(root)
                } else {
                    edge[level] = tile
                }
            }
            guard faults.isEmpty else { return Report(size: checkpoint.size, tiles: count, faults: faults) }
            expected = roots
        }
        let root = try? TreeShape.root(0, checkpoint.size) { level, index in
            let place = Tile.holding(level: level, index: index)
            guard let hash = edge[place.level]?.node(height: place.height, index: place.offset) else { throw AuditFault.treeMissing }
            return hash
        }
        if root != checkpoint.root { faults.append(.publishedRootDiffers(size: checkpoint.size)) }
        return Report(size: checkpoint.size, tiles: count, faults: faults)
    }

    private func believed(_ note: String) throws -> Checkpoint {
        guard let parsed = try? SignedNote(parsing: note), let checkpoint = try? Checkpoint(text: parsed.text) else {
            throw AuditFault.checkpointMalformed(0)
        }
        guard checkpoint.origin == checkpoints.origin else { throw AuditFault.foreign(origin: checkpoint.origin) }
        guard (try? parsed.verified(by: [checkpoints.key])) != nil else { throw AuditFault.forged(size: checkpoint.size) }
        return checkpoint
    }

    /// Nil where it is missing or has no tile's size.
    private func stored(_ place: Tile.Place) async throws -> Tile? {
        do {
            return Tile(place, bytes: try await store.bytes(of: key(place.path), atMost: place.width * TreeHash.byteCount))
        } catch ObjectFault.missing, ObjectFault.corrupt {
            return nil
        }
    }

    private func key(_ path: String) throws -> ObjectKey {
        guard let key = ObjectKey(path).flatMap(folder.appending) else { throw ObjectFault.settings(reason: "the log's folder is unfit") }
        return key
    }
}
