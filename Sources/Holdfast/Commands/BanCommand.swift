import ArgumentParser
import Foundation

struct BanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ban", abstract: "Show who is kept out, keep somebody out, and let somebody in again.",
        discussion: "Example: holdfast ban lift 192.0.2.7", subcommands: [List.self, Add.self, Lift.self, Allow.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the bans in force.", discussion: "Example: holdfast ban list --all --json")
        @Flag(help: "Those that are over or lifted too.") var all = false
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.table(
                try await common.server.ask("GET", all ? "/bans?all=1" : "/bans"),
                [
                    ("ADDRESSES", "addresses"), ("FOR", "reason"), ("STRIKE", "strike"), ("SINCE", "since"), ("UNTIL", "until"),
                    ("STATE", "state"), ("LIFTED BY", "lifted_by"),
                ], empty: "Nobody is banned.")
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ban an address or a range.", discussion: "Example: holdfast ban add 192.0.2.0/24 --for 12h")
        @Argument(help: "An address or a range (CIDR).") var addresses: String
        @Option(name: .customLong("for"), help: "How long: a number and s, m, h or d.") var length = "1h"
        @OptionGroup var common: CommonOptions

        func run() async throws {
            guard let seconds = Self.seconds(length) else {
                throw CommandFailure(message: "--for takes a number and s, m, h or d, such as 90m; '\(length)' is not one.", isUsage: true)
            }
            try common.show(try await common.server.ask("POST", "/bans", ["addresses": addresses, "seconds": seconds])) { answer in
                let ban = answer as? [String: Any] ?? [:]
                Terminal.say("\(text(ban["addresses"])) is banned until \(text(ban["until"])).")
            }
        }

        static func seconds(_ text: String) -> Int? {
            let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
            guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()), (1...1_000_000).contains(count) else {
                return nil
            }
            return count * unit
        }
    }

    struct Lift: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a ban early, on every node.", discussion: "Example: holdfast ban lift 192.0.2.7")
        @Argument(help: "What was banned, as the list shows it; or the ban's id.") var ban: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.show(try await common.server.ask("POST", "/bans/lift", ["ban": ban])) { answer in
                Terminal.say("\(text((answer as? [String: Any])?["addresses"])) may come in again.")
            }
        }
    }

    struct Allow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show and change which addresses are never banned.", discussion: "Example: holdfast ban allow add 198.51.100.0/28",
            subcommands: [List.self, Add.self, Remove.self])

        struct List: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "List the addresses that are never banned.", discussion: "Example: holdfast ban allow list")
            @OptionGroup var common: CommonOptions

            func run() async throws {
                try common.table(
                    try await common.server.ask("GET", "/bans/allowed"), [("ADDRESSES", "addresses"), ("SINCE", "since"), ("BY", "by")],
                    empty: "Everybody can be banned.")
            }
        }

        struct Add: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Never ban these addresses.", discussion: "Example: holdfast ban allow add 198.51.100.0/28")
            @Argument(help: "An address or a range (CIDR).") var addresses: String
            @OptionGroup var common: CommonOptions

            func run() async throws {
                try common.show(try await common.server.ask("POST", "/bans/allowed", ["addresses": addresses])) { answer in
                    Terminal.say("\(text((answer as? [String: Any])?["addresses"])) is never banned from now on.")
                }
            }
        }

        struct Remove: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Take addresses off the list: they can be banned again.",
                discussion: "Example: holdfast ban allow remove 198.51.100.0/28")
            @Argument(help: "The addresses as the list shows them.") var addresses: String
            @OptionGroup var common: CommonOptions

            func run() async throws {
                try common.show(try await common.server.ask("POST", "/bans/allowed/remove", ["addresses": addresses])) { answer in
                    Terminal.say("\(text((answer as? [String: Any])?["addresses"])) can be banned like any other.")
                }
            }
        }
    }
}
