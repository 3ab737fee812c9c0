import ArgumentParser

struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Invite, list, disable and enable people's accounts.",
        discussion: "Example: holdfast account invite ann@acme.example --tenant acme --role owner",
        subcommands: [Invite.self, List.self, Disable.self, Enable.self])

    struct Invite: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Invite somebody to a tenant, or to the staff of this installation.",
            discussion: "Example: holdfast account invite ann@acme.example --tenant acme --role owner")
        @Argument(help: "The address that the invitation goes to.") var address: String
        @Option(help: "The tenant's slug. Left out: invites an operator of this installation.") var tenant: String?
        @Option(help: "owner, administrator, editor, reader, or a role of the tenant's own.") var role = "reader"
        @OptionGroup var common: CommonOptions

        func run() async throws {
            var body: [String: Any] = ["identifier": address, "role": tenant == nil ? "operator" : role]
            if let tenant { body["tenant"] = tenant }
            try common.show(try await common.server.ask("POST", "/invitations", body)) { _ in
                Terminal.say("An invitation is on its way to \(address). It is good for one use, for seven days.")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List accounts.", discussion: "Example: holdfast account list --json")
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.table(
                try await common.server.ask("GET", "/accounts"),
                [("ACCOUNT", "identifier"), ("NAME", "name"), ("STATE", "state"), ("ID", "id")],
                empty: "No accounts yet. The link that 'holdfast serve' printed makes the first.")
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Disable an account: it is signed out everywhere at once.",
            discussion: "Example: holdfast account disable ann@acme.example")
        @Argument(help: "The account's address.") var address: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.show(try await common.server.ask("POST", "/accounts/\(address.segment)/disable")) { _ in
                Terminal.say("\(address) is disabled and signed out everywhere.")
            }
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Enable a disabled account again.", discussion: "Example: holdfast account enable ann@acme.example")
        @Argument(help: "The account's address.") var address: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.show(try await common.server.ask("POST", "/accounts/\(address.segment)/enable")) { _ in
                Terminal.say("\(address) may sign in again.")
            }
        }
    }
}
