import Crypto
import Sealing
import Storage
import Vocabulary

extension Control {
    static let ownDatabase = automated(
        "TN-1", "A database of one's own", "BL",
        "Each environment of each customer has its own database with its own key; nothing is shared but the machine.",
        OwnDatabase())
}

/// Goes through all environments: a database each, a key each, and no two alike.
struct OwnDatabase: Probe {
    func check(_ platform: Platform) async throws -> Evidence {
        var findings = Findings()
        let places = try await platform.places()
        findings.count("environments", places.count)
        findings.expect(Set(places.map(\.id)).count == places.count, "two environments have one identifier")
        findings.expect(Set(places.map(\.label)).count == places.count, "two environments have one host name")

        var keys: [SHA256Digest: KeyOwner] = [:]
        for owner in [KeyOwner.control] + places.map(\.databaseKey) {
            guard let key = try? platform.keyring.subkey(for: owner, purpose: .database) else {
                findings.expect(false, "\(owner) has no key that can be opened")
                continue
            }
            // Compared by digest, so that no second copy of all keys comes to be.
            if let twin = keys.updateValue(owner, forKey: key.withBytes { SHA256.hash(data: $0) }) {
                findings.expect(false, "\(owner) and \(twin) have the same key")
            }
        }
        for place in places {
            findings.expect(
                try await platform.engines.engine(at: place.engine).exists(.environment(place.id)),
                "environment \(place.id) has no database")
        }
        findings.count("distinct_keys", keys.count)
        let shared = try await Self.sharedTables(platform)
        findings.expect(shared.isEmpty, "customers' records have a table in the control database: \(shared.joined(separator: ", "))")
        return findings.evidence("As many databases and keys as environments: \(places.count).")
    }

    /// Tables of environments that also stand in the control database although they hold customers' content.
    private static func sharedTables(_ platform: Platform) async throws -> [String] {
        let tables = try await platform.control.read {
            try SchemaColumns.all($0).compactMap { $0.name.split(separator: ".").first.map(String.init) }
        }
        return Set(tables).intersection(["record", "record_version", "collection"]).sorted()
    }
}
