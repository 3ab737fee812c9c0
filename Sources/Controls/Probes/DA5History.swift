import Records
import Vocabulary

extension Control {
    static let history = automated(
        "DA-5", "Every change is on record", "Y",
        "Each change of a record keeps who made it, when, and what stood there before and after, for the customer to see.",
        History())
}

/// Changes a record in several ways and reads its history, in an environment of its own.
struct History: Probe {
    func check(_ platform: Platform) async throws -> Evidence {
        try await ScratchEnvironment.lend(on: platform) { scratch in
            var findings = Findings()
            let space = scratch.workspace
            let owner = Actor.platform("controls")
            let person = Actor(
                principal: Principal(.account(AccountID(at: platform.clock.now(), entropy: platform.entropy))), roles: [Role.editor])
            try await space.collections.create(.init(slug: "things", name: "Things", fields: [.init(key: "name", type: .text)]), by: owner)
            let record = try await space.records.create(["name": "first"], in: "things", by: owner)
            _ = try await space.records.change(record.id, in: "things", ["name": "second"], ifVersion: 1, by: person)
            _ = try await space.records.delete(record.id, in: "things", ifVersion: 2, by: person)
            _ = try await space.records.restore(record.id, in: "things", ifVersion: 3, by: owner)

            let versions = try await space.history.list(of: record.id, in: "things", by: owner).sorted { $0.version < $1.version }
            findings.count("changes", 4)
            findings.count("versions", versions.count)
            findings.expect(versions.map(\.action) == [.created, .changed, .deleted, .restored], "the history is not what was done")
            findings.expect(
                versions.map(\.by.account) == [nil, person.principal.account, person.principal.account, nil],
                "the history names others than those who acted")
            if let changed = versions.first(where: { $0.action == .changed }) {
                findings.expect(
                    changed.changes.map { [.string($0.key), $0.before, $0.after] } == [["name", "first", "second"]],
                    "the history does not say what stood before and after")
            }
            return findings.evidence("Four changes by two actors left four versions with time, actor, before and after.")
        }
    }
}
