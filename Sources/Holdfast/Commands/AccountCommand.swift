import ArgumentParser

struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Invite, list, disable and enable people's accounts.",
        discussion: "Example: holdfast account invite ann@acme.example --tenant acme --role owner",
        subcommands: [Invite.self, List.self, Disable.self, Enable.self, Devices.self, Sessions.self, End.self])

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

    struct Devices: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the devices that an account is known on.", discussion: "Example: holdfast account devices ann@acme.example")
        @Argument(help: "The account's address.") var address: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.table(
                try await common.server.ask("GET", "/accounts/\(address.segment)/devices"),
                [("DEVICE", "platform"), ("NAME", "name"), ("STATE", "state"), ("NETWORK", "network"), ("LAST SEEN", "last_seen_at")],
                empty: "No devices. The next browser that signs in becomes the first.")
        }
    }

    struct Sessions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the sessions that an account has open.", discussion: "Example: holdfast account sessions ann@acme.example")
        @Argument(help: "The account's address.") var address: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.table(
                try await common.server.ask("GET", "/accounts/\(address.segment)/sessions"),
                [("SESSION", "id"), ("WITH", "platform"), ("SINCE", "created_at"), ("LAST SEEN", "last_seen_at")],
                empty: "No sessions.")
        }
    }

    struct End: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End everything that an account has open: sessions, tokens, applications. Signing in again is possible.",
            discussion: "Example: holdfast account end ann@acme.example")
        @Argument(help: "The account's address.") var address: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.show(try await common.server.ask("POST", "/accounts/\(address.segment)/end")) { _ in
                Terminal.say("\(address) is signed out everywhere, and no application acts for it any more.")
            }
        }
    }
}
