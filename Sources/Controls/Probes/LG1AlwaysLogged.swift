import Audit
import Records
import Storage
import Vocabulary

extension Control {
    static let alwaysLogged = automated(
        "LG-1", "No change without its log entry", "M",
        "Security events are written together with what they speak of; where they can't be written, it does not happen.",
        AlwaysLogged())
}

/// Breaks the audit log of an environment of its own, in several ways, and sees every change refused and nothing changed.
struct AlwaysLogged: Probe {
    func check(_ platform: Platform) async throws -> Evidence {
        var findings = Findings()
        var refused = 0
        for damage in Damage.allCases {
            try await ScratchEnvironment.lend(on: platform) { scratch in
                let space = scratch.workspace
                let actor = Actor.platform("controls")
                try await space.collections.create(
                    .init(slug: "things", name: "Things", fields: [.init(key: "name", type: .text)]), by: actor)
                let record = try await space.records.create(["name": "before"], in: "things", by: actor)
                try await scratch.database.write { transaction in for statement in damage.statements { try transaction.run(statement) } }

                let changes: [(String, @Sendable () async throws -> Void)] = [
                    ("creating a record", { _ = try await space.records.create(["name": "after"], in: "things", by: actor) }),
                    (
                        "changing a record",
                        { _ = try await space.records.change(record.id, in: "things", ["name": "after"], ifVersion: nil, by: actor) }
                    ),
                    ("deleting a record", { try await space.records.delete(record.id, in: "things", ifVersion: nil, by: actor) }),
                    ("making a collection", { _ = try await space.collections.create(.init(slug: "more", name: "More"), by: actor) }),
                    (
                        "defining a role",
                        { _ = try await space.roles.define("clerk", label: "Clerk", permissions: Permissions(), by: actor) }
                    ),
                ]
                for (name, change) in changes {
                    do {
                        try await change()
                        findings.expect(false, "\(name) went through without a log entry (\(damage.rawValue))")
                    } catch {
                        refused += 1
                    }
                }
                let records = try await space.records.list(in: "things", Query(), by: actor).records
                findings.expect(records == [record], "something changed although its entry could not be written (\(damage.rawValue))")
            }
        }
        findings.count("changes_refused", refused)
        findings.facts["damages"] = .array(Damage.allCases.map { .string($0.rawValue) })
        return findings.evidence(
            "With the log made unwritable in \(Damage.allCases.count) ways, all changes were refused and nothing changed.")
    }

    private enum Damage: String, CaseIterable {
        case entriesRefused = "entries refused"
        case treeMissing = "tree missing"

        var statements: [SQL] {
            switch self {
            case .entriesRefused:
                ["ALTER TABLE audit_entry RENAME TO audit_entry_away"]
            case .treeMissing:
                ["DELETE FROM audit_frontier"]
            }
        }
    }
}
