import Records
import Vocabulary

extension Control {
    static let roles = automated(
        "AZ-1", "Rights by role, made by the customer", "BC",
        "What somebody may do follows from roles that the customer's own administrators give and define, and nobody gives more than they have.",
        RolesHold())
}

/// Plays the roles through in an environment of its own: what each may do, must not do, and must not hand on.
package struct RolesHold: Probe {
    /// What each built-in role shall allow.
    private let promised: [String: Permissions]

    package init(promised: [String: Permissions] = Dictionary(uniqueKeysWithValues: Role.builtIn.map { ($0.name, $0.permissions) })) {
        self.promised = promised
    }

    package func check(_ platform: Platform) async throws -> Evidence {
        try await ScratchEnvironment.lend(on: platform) { scratch in
            var findings = Findings()
            var trials = 0
            func person(_ roles: String...) -> Actor {
                Actor(
                    principal: Principal(.account(AccountID(at: platform.clock.now(), entropy: platform.entropy))), roles: roles)
            }
            /// Whether `work` goes through; a refusal is a no, everything else is not known.
            func goes(_ work: () async throws -> Void) async throws -> Bool {
                trials += 1
                do {
                    try await work()
                    return true
                } catch let refusal as Refusal {
                    guard refusal.kind == .forbidden || refusal.kind == .notFound else { throw refusal }
                    return false
                }
            }

            let space = scratch.workspace
            let owner = person(Role.owner)
            try await space.collections.create(.init(slug: "first", name: "First", fields: [.init(key: "name", type: .text)]), by: owner)
            let second = try await space.collections.create(
                .init(slug: "second", name: "Second", fields: [.init(key: "name", type: .text)]), by: owner)

            for (role, permissions) in promised.sorted(by: { $0.key < $1.key }) {
                let held = try await space.roles.permissions(of: person(role))
                for permission in Permission.allCases {
                    trials += 1
                    findings.expect(
                        held.allows(permission) == permissions.allows(permission),
                        "\(role) \(permissions.allows(permission) ? "lacks" : "has") \(permission.rawValue)")
                }
            }

            let editor = person(Role.editor)
            let reader = person(Role.reader)
            let nobody = person()
            let stranger = person("no-such-role")
            let record = try await space.records.create(["name": "one"], in: "first", by: editor)
            for (who, name, may) in [
                (reader, "a reader", false), (nobody, "somebody without role", false), (stranger, "an unknown role", false),
            ] {
                findings.expect(
                    try await goes { _ = try await space.records.create(["name": "x"], in: "first", by: who) } == may, "\(name) could write"
                )
                findings.expect(
                    try await goes { try await space.records.delete(record.id, in: "first", ifVersion: nil, by: who) } == may,
                    "\(name) could delete")
            }
            findings.expect(
                try await goes { _ = try await space.records.find(record.id, in: "first", by: reader) }, "a reader could not read")
            findings.expect(
                !(try await goes { _ = try await space.records.find(record.id, in: "first", by: nobody) }),
                "somebody without role could read")
            findings.expect(
                !(try await goes { try await space.collections.create(.init(slug: "third", name: "Third"), by: editor) }),
                "an editor could design")
            findings.expect(
                !(try await goes { _ = try await space.roles.define("more", label: "More", permissions: .all, by: editor) }),
                "an editor could define a role")

            // A role of the customer's own, for one collection.
            let narrow = Permissions(everywhere: [.manageRoles], collections: [second.id: [.view, .create]])
            _ = try await space.roles.define("clerk", label: "Clerk", permissions: narrow, by: owner)
            let clerk = person("clerk")
            findings.expect(
                try await goes { _ = try await space.records.create(["name": "two"], in: "second", by: clerk) }, "a clerk could not write")
            findings.expect(
                !(try await goes { _ = try await space.records.find(record.id, in: "first", by: clerk) }),
                "a clerk could read beyond the one collection")
            findings.expect(
                !(try await goes { _ = try await space.roles.define("boss", label: "Boss", permissions: .all, by: clerk) }),
                "a clerk could define a role with more rights than their own")
            findings.expect(
                !(try await goes { try await space.roles.requireGrantable([Role.owner], by: clerk) }), "a clerk could make an owner")
            let two = try await space.records.create(["name": "three"], in: "second", by: owner)
            findings.expect(
                !(try await goes { _ = try await space.records.change(two.id, in: "second", ["name": "x"], ifVersion: nil, by: clerk) }),
                "a clerk could change what they may only add to")
            findings.expect(
                !(try await goes { try await space.records.delete(two.id, in: "second", ifVersion: nil, by: clerk) }),
                "a clerk could delete what they may only add to")

            // The role that somebody holds, widened: not by themselves, and by others up to what those have.
            findings.expect(
                !(try await goes { _ = try await space.roles.set(.edit, in: second.id, of: "clerk", to: true, by: clerk) }),
                "a clerk could widen the role that they hold")
            findings.expect(
                !(try await goes { _ = try await space.roles.create(label: "Deputy", like: Role.editor, by: clerk) }),
                "a clerk could copy a role with more rights than their own")
            let deputy = try await space.roles.create(label: "Deputy", like: "clerk", by: clerk)
            findings.expect(deputy.permissions == narrow, "a copied role has other rights than the one that it was copied from")
            _ = try await space.roles.set(.edit, in: second.id, of: "clerk", to: true, by: owner)
            findings.expect(
                try await goes { _ = try await space.records.change(two.id, in: "second", ["name": "x"], ifVersion: nil, by: clerk) },
                "a wider role does not hold at once")

            // What the preview of a role shows is what its holder meets.
            for name in promised.keys.sorted() + ["clerk", deputy.name] {
                trials += 1
                let (outlook, holder) = (try await space.roles.outlook(of: [name], by: owner), person(name))
                let met = try await space.collections.list(by: holder).map(\.slug)
                let held = try await space.roles.permissions(of: holder)
                findings.expect(outlook.views.map(\.collection.slug) == met, "the preview of \(name) shows other collections than they see")
                findings.expect(
                    outlook.views.allSatisfy { view in view.permissions.allSatisfy { held.allows($0, in: view.collection.id) } },
                    "the preview of \(name) shows other rights than they have")
            }
            try await space.roles.remove("clerk", by: owner)
            findings.expect(
                !(try await goes { _ = try await space.records.find(two.id, in: "second", by: clerk) }), "a removed role still opens")
            findings.count("trials", trials)
            return findings.evidence(
                "The built-in roles and one of the customer's own allow and refuse as they should, and nobody gives more than they have.")
        }
    }
}
