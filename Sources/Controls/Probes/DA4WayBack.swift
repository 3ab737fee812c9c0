import Records
import Vocabulary

extension Control {
    static let wayBack = automated(
        "DA-4", "Nothing deleted is lost", "Y",
        "What is deleted is set aside and can be brought back: a record, any of its versions, a whole collection.",
        WayBack())
}

/// Deletes and brings back, in an environment of its own.
struct WayBack: Probe {
    func check(_ platform: Platform) async throws -> Evidence {
        try await ScratchEnvironment.lend(on: platform) { scratch in
            var findings = Findings()
            let space = scratch.workspace
            let actor = Actor.platform("controls")
            let collection = try await space.collections.create(
                .init(slug: "things", name: "Things", fields: [.init(key: "name", type: .text)]), by: actor)
            let first = try await space.records.create(["name": "first"], in: "things", by: actor)
            let second = try await space.records.replace(
                first.id, in: "things", with: ["name": "second"], ifVersion: first.version, by: actor)

            let deleted = try await space.records.delete(first.id, in: "things", ifVersion: second.version, by: actor)
            findings.expect(deleted.deletedAt != nil, "a deleted record does not say when")
            findings.expect(
                try await space.records.list(in: "things", Query(), by: actor).records.isEmpty, "a deleted record is still listed")
            findings.expect(
                try await space.records.list(in: "things", Query(deleted: true), by: actor).records.map(\.id) == [first.id],
                "a deleted record is not among the deleted")
            let restored = try await findings.attempt("a deleted record did not come back") {
                try await space.records.restore(first.id, in: "things", ifVersion: deleted.version, by: actor)
            }
            guard let restored else { return findings.evidence("") }
            findings.expect(restored.values["name"] == "second" && restored.deletedAt == nil, "a record did not come back as it was")
            let older = try await findings.attempt("an older version did not come back") {
                try await space.records.restore(first.id, in: "things", version: first.version, ifVersion: restored.version, by: actor)
            }
            findings.expect(older?.values["name"] == "first", "an older version came back with other values")

            try await space.collections.delete("things", by: actor)
            findings.expect(
                try await space.collections.deleted(by: actor).map(\.id) == [collection.id], "a deleted collection is not among the deleted"
            )
            let back = try await findings.attempt("a deleted collection did not come back") {
                try await space.collections.restore(collection.id, by: actor)
                return try await space.records.list(in: "things", Query(), by: actor).records.map(\.id)
            }
            findings.expect(back == [first.id], "a collection came back without its records")
            findings.facts["tried"] = ["record", "older version", "collection"]
            return findings.evidence("A record, an older version and a whole collection came back after deletion.")
        }
    }
}
