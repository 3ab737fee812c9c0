import ArgumentParser

struct RoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "role", abstract: "Show and change the roles of an environment.",
        discussion: "Example: holdfast role create acme 'Gate staff' --like reader",
        subcommands: [List.self, Show.self, Create.self, Allow.self, Deny.self, Rename.self, Remove.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the roles, and how many people hold each.", discussion: "Example: holdfast role list acme")
        @Argument(help: "The environment's host label, such as acme or acme-sandbox.") var environment: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.table(
                try await common.server.ask("GET", "/environments/\(environment.segment)/roles"),
                [("ROLE", "name"), ("NAME", "label"), ("BUILT IN", "built_in"), ("PEOPLE", "people")], empty: "No roles.")
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a role allows in each collection.", discussion: "Example: holdfast role show acme editor")
        @Argument(help: "The environment's host label.") var environment: String
        @Argument(help: "The role, as the list shows it.") var role: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.table(
                try await common.server.ask("GET", "/environments/\(environment.segment)/roles/\(role.segment)"),
                [("COLLECTION", "collection"), ("ALLOWS", "permissions")], empty: "Nothing.")
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a role, empty or like another one.", discussion: "Example: holdfast role create acme 'Gate staff' --like reader"
        )
        @Argument(help: "The environment's host label.") var environment: String
        @Argument(help: "What people call it.") var label: String
        @Option(help: "A role whose permissions it begins with.") var like: String?
        @OptionGroup var common: CommonOptions

        func run() async throws {
            var body: [String: Any] = ["label": label]
            if let like { body["like"] = like }
            try common.show(try await common.server.ask("POST", "/environments/\(environment.segment)/roles", body)) { answer in
                Terminal.say("\(label) is made, as '\(text((answer as? [String: Any])?["name"]))'.")
            }
        }
    }

    struct Cell: ParsableArguments {
        @Argument(help: "The environment's host label.") var environment: String
        @Argument(help: "The role, as the list shows it.") var role: String
        @Argument(
            help:
                "view, create, edit, delete, restore, import, export, share, design, manage-people, manage-roles, view-audit or manage-backups."
        )
        var permission: String
        @Option(help: "A collection's short name. Left out: all of them, those to come included.") var collection: String?
        @OptionGroup var common: CommonOptions

        func turn(to granted: Bool) async throws {
            var body: [String: Any] = ["permission": permission, "granted": granted]
            if let collection { body["collection"] = collection }
            let path = "/environments/\(environment.segment)/roles/\(role.segment)"
            try common.show(try await common.server.ask("POST", path, body)) { _ in
                Terminal.say("'\(role)' \(granted ? "allows" : "no longer allows") \(permission)\(collection.map { " in \($0)" } ?? "").")
            }
        }
    }

    struct Allow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a custom role allow something.",
            discussion: "Example: holdfast role allow acme gate-staff edit --collection flights")
        @OptionGroup var cell: Cell

        func run() async throws { try await cell.turn(to: true) }
    }

    struct Deny: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a custom role allow something no longer.", discussion: "Example: holdfast role deny acme gate-staff export")
        @OptionGroup var cell: Cell

        func run() async throws { try await cell.turn(to: false) }
    }

    struct Rename: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Call a custom role something else. Its holders keep it, and what it allows stays.",
            discussion: "Example: holdfast role rename acme gate-staff 'Front desk'")
        @Argument(help: "The environment's host label.") var environment: String
        @Argument(help: "The role, as the list shows it.") var role: String
        @Argument(help: "What people shall call it.") var label: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            let path = "/environments/\(environment.segment)/roles/\(role.segment)/label"
            try common.show(try await common.server.ask("PUT", path, ["label": label])) { answer in
                Terminal.say("'\(role)' is called \(text((answer as? [String: Any])?["label"])) now.")
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a custom role.", discussion: "Example: holdfast role remove acme gate-staff")
        @Argument(help: "The environment's host label.") var environment: String
        @Argument(help: "The role, as the list shows it.") var role: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            let path = "/environments/\(environment.segment)/roles/\(role.segment)"
            try common.show(try await common.server.ask("DELETE", path)) { _ in Terminal.say("'\(role)' is removed.") }
        }
    }
}
