import Moving
import Records
import Storage
import Vocabulary

extension Control {
    static let restoredByThemselves = automated(
        "BK-7", "Customers restore by themselves", "B",
        "A customer picks a moment and restores it in the portal, beside or in place of what is there, and compares first.",
        RestoredByThemselves())
}

/// Goes back in an environment of its own, as a customer's restore does, and compares before and after. That the pages are there is asked of the routes.
struct RestoredByThemselves: Probe {
    func check(_ platform: Platform) async throws -> Evidence {
        _ = try platform.requireBackups()
        var findings = Findings()
        for path in ["/backups", "/backups/moment", "/backups/restores"] {
            findings.expect(
                platform.routes.contains { $0.door == "environment" && $0.path == path }, "there is no page \(path) for customers")
        }
        let actor = Actor.platform("controls")
        let derivation = platform.derivation
        try await ScratchEnvironment.lend(0, on: platform) { live in
            try await live.workspace.collections.create(
                .init(slug: "things", name: "Things", fields: [.init(key: "name", type: .text, unique: true)]), by: actor)
            var records: [RecordID] = []
            for name in ["one", "two", "three"] {
                records.append(try await live.workspace.records.create(["name": .string(name)], in: "things", by: actor).id)
            }
            try await ScratchEnvironment.lend(1, on: platform, populate: { try LiveCopy.clear($0, except: derivation.tables) }) { past in
                var copy = LiveCopy(from: live.database, to: past.database, following: derivation)
                try await copy.begin()
                _ = try await copy.run()
                try await LiveCopy.release(live.database)

                _ = try await live.workspace.records.change(records[0], in: "things", ["name": "two too"], ifVersion: nil, by: actor)
                _ = try await live.workspace.records.delete(records[1], in: "things", ifVersion: nil, by: actor)
                _ = try await live.workspace.records.create(["name": "four"], in: "things", by: actor)
                let preview = try await Rewind.preview(live.database, from: past.database) { _ in true }
                findings.expect(
                    preview.map { [$0.changed, $0.returned, $0.gone] } == [[1, 1, 1]], "the comparison does not say what differs")
                let rewind = Rewind(nil, by: Author(actor.principal), at: platform.clock.now(), entropy: platform.entropy)
                do {
                    let outcome = try await live.database.write { try rewind.run(from: PastDatabase(past.database), in: $0) }
                    findings.count("records", outcome.records)
                    findings.facts["digest"] = .string(outcome.digest)
                } catch StorageError.failed(let reason) {
                    findings.expect(false, "going back was given up: \(reason)")
                    return
                }
                let names = try await live.workspace.records.list(in: "things", Query(sort: "name"), by: actor).records.map {
                    $0.values["name"]?.string
                }
                findings.expect(names == ["one", "three", "two"], "after going back, other records are there than were")
                let history = try await live.workspace.history.list(of: records[0], in: "things", by: actor)
                findings.expect(history.count == 3, "going back left a hole in a record's history")
            }
        }
        return findings.evidence("An environment was changed, compared with what it had been, and put back; nothing was erased.")
    }
}
