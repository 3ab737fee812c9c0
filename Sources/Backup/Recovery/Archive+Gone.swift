import ObjectStores
import Sealing
import Vocabulary

extension Archive {
    /// Deletes everything that a store has of a database, and looks again. Returns how many objects there were.
    ///
    /// May be broken off anywhere and begun again. A store that doesn't let go of an object says so by its fault.
    package func deleteEverything() async throws -> Int {
        var count = 0
        // Whoever was just writing may have added something meanwhile.
        for _ in 0..<8 {
            let objects = try await store.all("\(keys.folder)/")
            if objects.isEmpty { return count }
            // What tells of the rest goes last.
            for object in objects.reversed() { try await store.delete(object.key) }
            count += objects.count
        }
        throw ObjectFault.unavailable(reason: "something is written there again and again")
    }

    private static func graveyard(_ folder: String) -> String { "\(folder)/gone/" }

    /// Puts up a tombstone in the archive's root, which a recovery reads before it restores anything.
    package static func entomb(_ tombstone: Tombstone, in store: any ObjectStore, folder: String = "backup") async throws {
        guard let key = ObjectKey(graveyard(folder) + "\(tombstone.environment)") else { return }
        do { try await store.put(Array(tombstone.text.utf8), at: key, ifAbsent: true) } catch ObjectFault.exists {}
    }

    package static func tombstones(in store: any ObjectStore, folder: String = "backup") async throws -> [Tombstone] {
        var found: [Tombstone] = []
        for object in try await store.all(graveyard(folder)) {
            if let tombstone = Tombstone(String(decoding: try await store.bytes(of: object.key, atMost: 1024), as: UTF8.self)) {
                found.append(tombstone)
            }
        }
        return found
    }
}
