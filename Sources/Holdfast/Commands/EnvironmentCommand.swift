import ArgumentParser

struct EnvironmentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "environment", abstract: "Create, list and move tenants' environments.",
        discussion: "Example: holdfast environment create acme sandbox", subcommands: [Create.self, List.self, Move.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a tenant another environment, with a database, key and host of its own.",
            discussion: "Example: holdfast environment create acme sandbox")
        @Argument(help: "The tenant's slug.") var tenant: String
        @Argument(help: "production, test or sandbox.") var kind: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.show(try await common.server.ask("POST", "/tenants/\(tenant.segment)/environments", ["kind": kind])) { answer in
                Terminal.say("Created \(text((answer as? [String: Any])?["url"])).")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List environments.", discussion: "Example: holdfast environment list acme")
        @Argument(help: "Only this tenant's.") var tenant: String?
        @OptionGroup var common: CommonOptions

        func run() async throws {
            let path = tenant.map { "/tenants/\($0.segment)/environments" } ?? "/environments"
            try common.table(
                try await common.server.ask("GET", path),
                [
                    ("ENVIRONMENT", "label"), ("KIND", "kind"), ("REGION", "region"), ("PLACE", "place"), ("STATE", "state"),
                    ("ADDRESS", "url"),
                ],
                empty: "No environments yet.")
        }
    }

    struct Move: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Move an environment's database to another place while it is in use.",
            discussion: """
                Writers wait for less than a second; nothing is lost. The old copy is destroyed with its key.
                Example: holdfast environment move acme --to postgres
                """)
        @Argument(help: "The environment's host label, such as acme or acme-sandbox.") var environment: String
        @Option(help: "Where to: embedded or postgres.") var to: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            var (report, problem): (Any?, String?) = (nil, nil)
            try await common.server.follow("POST", "/environments/\(environment.segment)/move", ["place": to]) { line in
                if let step = line["step"] as? [String: Any] {
                    Terminal.note("\(text(step["name"])): \(text(step["rows"])) rows, \(text(step["bytes"])) bytes")
                }
                report = line["report"] ?? report
                problem = line["problem"] as? String ?? problem
            }
            if let problem { throw CommandFailure(message: problem) }
            guard let report else {
                throw CommandFailure(
                    message: "The server stopped in the middle. At its next start the environment is whole at one of both places.")
            }
            try common.show(report, Self.say)
        }

        private static func say(_ answer: Any) {
            let report = answer as? [String: Any] ?? [:]
            let (bytes, milliseconds) = (report["bytes"] as? Int ?? 0, max(1, report["milliseconds"] as? Int ?? 1))
            let rate = Double(bytes) / 1000 / Double(milliseconds)
            Terminal.say(
                "Moved from \(text(report["from"])) to \(text(report["to"])): \(text(report["rows"])) rows, \(bytes) bytes, \(rounded(rate)) MB/s."
            )
            Terminal.say("Writers waited \(rounded(report["pause_milliseconds"] as? Double ?? 0)) ms.")
            Terminal.say("SHA-256 of all rows at both places: \(text(report["digest"]))")
            if report["old_copy_removed"] as? Bool == false {
                Terminal.note("The old copy can't be read any more: its key is destroyed. What is left of it is removed at a later start.")
            }
        }

        private static func rounded(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
    }
}
