import ArgumentParser

struct EnvironmentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "environment", abstract: "Create and list tenants' environments.",
        discussion: "Example: holdfast environment create acme sandbox", subcommands: [Create.self, List.self])

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
                [("ENVIRONMENT", "label"), ("KIND", "kind"), ("REGION", "region"), ("STATE", "state"), ("ADDRESS", "url")],
                empty: "No environments yet.")
        }
    }
}
