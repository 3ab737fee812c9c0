import ArgumentParser
import Foundation

struct AlarmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alarm", abstract: "Show alarms, settle them, and choose who else is told.",
        discussion: "Example: holdfast alarm route add webhook https://chat.example.com/hooks/alarms",
        subcommands: [List.self, Acknowledge.self, Close.self, Route.self])

    /// Whose alarms: the vendor's own if no tenant is named.
    struct Side: ParsableArguments {
        @Option(help: "The tenant whose alarms they are; the vendor's own if left out.") var tenant: String?

        func query(_ path: String) -> String {
            guard let tenant = tenant?.addingPercentEncoding(withAllowedCharacters: .alphanumerics) else { return path }
            return path + (path.contains("?") ? "&" : "?") + "tenant=\(tenant)"
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the alarms that are not settled.", discussion: "Example: holdfast alarm list --tenant acme --json")
        @Flag(help: "Closed ones too.") var all = false
        @OptionGroup var side: Side
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.table(
                try await common.server.ask("GET", side.query(all ? "/alarms?all=1" : "/alarms")),
                [
                    ("ID", "id"), ("RAISED", "raised_at"), ("SEVERITY", "severity"), ("ALARM", "title"), ("DETAIL", "detail"),
                    ("BY", "actor"), ("STATE", "state"),
                ], empty: "Nothing waits.")
        }
    }

    struct Acknowledge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say that an alarm was seen.",
            discussion: "Example: holdfast alarm acknowledge 019a7c3e-0000-7000-8000-000000000000")
        @Argument(help: "The alarm's id, as the list shows it.") var alarm: String
        @OptionGroup var side: Side
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.show(try await common.server.ask("POST", side.query("/alarms/\(alarm)/acknowledge"), [:])) { answer in
                Terminal.say("\(text((answer as? [String: Any])?["title"])): in hand.")
            }
        }
    }

    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Close an alarm.",
            discussion: "Example: holdfast alarm close 019a7c3e-0000-7000-8000-000000000000 --note 'our own scanner'")
        @Argument(help: "The alarm's id, as the list shows it.") var alarm: String
        @Option(help: "What it was, for whoever looks back on it.") var note: String?
        @OptionGroup var side: Side
        @OptionGroup var common: CommonOptions

        func run() async throws {
            let body: [String: Any] = note.map { ["note": $0] } ?? [:]
            try common.show(try await common.server.ask("POST", side.query("/alarms/\(alarm)/close"), body)) { answer in
                Terminal.say("\(text((answer as? [String: Any])?["title"])): closed.")
            }
        }
    }

    struct Route: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show and change who else is told of alarms, beside operators or the tenant's administrators.",
            discussion: "Example: holdfast alarm route add mail security@vendor.example",
            subcommands: [Ways.self, Add.self, Test.self, Remove.self])

        struct Ways: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                commandName: "list", abstract: "List the further ways.", discussion: "Example: holdfast alarm route list")
            @OptionGroup var side: Side
            @OptionGroup var common: CommonOptions

            func run() async throws {
                try common.table(
                    try await common.server.ask("GET", side.query("/alarms/routes")),
                    [("ID", "id"), ("KIND", "kind"), ("TO", "target"), ("FROM", "threshold"), ("LAST", "outcome"), ("AT", "tried_at")],
                    empty: "Alarms go by mail to operators or administrators alone.")
            }
        }

        struct Add: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Tell alarms one way more. A webhook's secret is printed this once.",
                discussion: "Example: holdfast alarm route add webhook https://chat.example.com/hooks/alarms --threshold critical")
            @Argument(help: "mail or webhook.") var kind: String
            @Argument(help: "A mail address, or an https:// address that takes a signed POST (Standard Webhooks).") var target: String
            @Option(help: "notice, warning or critical: what is less severe doesn't go this way.") var threshold = "notice"
            @OptionGroup var side: Side
            @OptionGroup var common: CommonOptions

            func run() async throws {
                var body: [String: Any] = ["kind": kind, "target": target, "threshold": threshold]
                if let tenant = side.tenant { body["tenant"] = tenant }
                try common.show(try await common.server.ask("POST", "/alarms/routes", body)) { answer in
                    let route = answer as? [String: Any] ?? [:]
                    Terminal.say("Alarms go to \(text(route["target"])) too.")
                    if let secret = route["secret"] as? String { Terminal.say("Messages are signed with \(secret)") }
                }
            }
        }

        struct Test: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Send a test one way.",
                discussion: "Example: holdfast alarm route test 019a7c3e-0000-7000-8000-000000000000")
            @Argument(help: "The route's id, as the list shows it.") var route: String
            @OptionGroup var side: Side
            @OptionGroup var common: CommonOptions

            func run() async throws {
                try common.show(try await common.server.ask("POST", side.query("/alarms/routes/\(route)/test"), [:])) { answer in
                    Terminal.say("A test is on its way to \(text((answer as? [String: Any])?["target"])).")
                }
            }
        }

        struct Remove: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Tell alarms one way less. Everybody is told of that, this last time there too.",
                discussion: "Example: holdfast alarm route remove 019a7c3e-0000-7000-8000-000000000000")
            @Argument(help: "The route's id, as the list shows it.") var route: String
            @OptionGroup var side: Side
            @OptionGroup var common: CommonOptions

            func run() async throws {
                try common.show(try await common.server.ask("DELETE", side.query("/alarms/routes/\(route)"))) { answer in
                    Terminal.say("Alarms no longer go to \(text((answer as? [String: Any])?["target"])).")
                }
            }
        }
    }
}
