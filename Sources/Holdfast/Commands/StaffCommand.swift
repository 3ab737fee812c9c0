import ArgumentParser

struct StaffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "staff", abstract: "Show and change who of the vendor's people may act on which kinds of environment.",
        discussion: "Example: holdfast staff give olive@vendor.example production",
        subcommands: [List.self, Appoint.self, Give.self, Take.self, Dismiss.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the staff. Customers see the same, for their own environments.", discussion: "Example: holdfast staff list")
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.table(
                try await common.server.ask("GET", "/staff"),
                [("ACCOUNT", "identifier"), ("NAME", "name"), ("ROLE", "role"), ("ENVIRONMENTS", "environments")], empty: "Nobody yet.")
        }
    }

    struct Appoint: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make somebody an operator. They reach tests and sandboxes; production is given apart.",
            discussion: "Example: holdfast staff appoint olive@vendor.example")
        @Argument(help: "The account's address.") var address: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.show(try await common.server.ask("POST", "/staff", ["address": address, "role": "operator"])) { _ in
                Terminal.say("\(address) is an operator.")
            }
        }
    }

    struct Give: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Open a kind of environment to an operator, or to somebody as support.",
            discussion: "Example: holdfast staff give olive@vendor.example production")
        @Argument(help: "The account's address.") var address: String
        @Argument(help: "production, test or sandbox.") var kind: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.show(try await common.server.ask("POST", "/staff", ["address": address, "kind": kind])) { _ in
                Terminal.say("\(address) may act on \(kind) environments. Customers who have one see it.")
            }
        }
    }

    struct Take: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Close a kind of environment to somebody.", discussion: "Example: holdfast staff take olive@vendor.example production"
        )
        @Argument(help: "The account's address.") var address: String
        @Argument(help: "production, test or sandbox.") var kind: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.show(try await common.server.ask("POST", "/staff/take", ["address": address, "kind": kind])) { _ in
                Terminal.say("\(address) may no longer act on \(kind) environments.")
            }
        }
    }

    struct Dismiss: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an operator one no longer. Their account stays.",
            discussion: "Example: holdfast staff dismiss olive@vendor.example")
        @Argument(help: "The account's address.") var address: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.show(try await common.server.ask("POST", "/staff/take", ["address": address])) { _ in
                Terminal.say("\(address) is no operator any more.")
            }
        }
    }
}
