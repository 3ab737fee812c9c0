import ArgumentParser

struct ClientCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client", abstract: "Register, list and disable applications that sign people in or call the API.",
        discussion: "Example: holdfast client create 'Stock app' --environment acme --redirect http://127.0.0.1/callback",
        subcommands: [Create.self, List.self, Disable.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Register an application (OpenID Connect, authorization code with PKCE).",
            discussion: "Example: holdfast client create 'Stock app' --environment acme --redirect http://127.0.0.1/callback")
        @Argument(help: "The name that people see when they sign in to it.") var name: String
        @Option(help: "The only environment that it may ask for: its host label. Left out: any that its user belongs to.")
        var environment: String?
        @Option(help: "Where people are sent back to, exactly. May be repeated.") var redirect: [String]
        @Flag(help: "It runs on a server and gets a secret, printed once.") var confidential = false
        @OptionGroup var common: CommonOptions

        func run() async throws {
            var body: [String: Any] = ["name": name, "redirect_uris": redirect, "kind": confidential ? "confidential" : "public"]
            if let environment { body["environment"] = environment }
            try common.show(try await common.server.ask("POST", "/clients", body)) { answer in
                let client = answer as? [String: Any] ?? [:]
                Terminal.say("Registered \(text(client["name"])). Its client id is \(text(client["id"])).")
                if let secret = client["secret"] as? String { Terminal.say("Its secret, shown this once: \(secret)") }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List registered applications.", discussion: "Example: holdfast client list")
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.table(
                try await common.server.ask("GET", "/clients"),
                [("CLIENT", "id"), ("NAME", "name"), ("KIND", "kind"), ("STATE", "state")], empty: "No applications are registered.")
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Disable an application: every token it got stops working.",
            discussion: "Example: holdfast client disable 0199c0de-…")
        @Argument(help: "The client id.") var client: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.show(try await common.server.ask("POST", "/clients/\(client.segment)/disable")) { _ in
                Terminal.say("\(client) is disabled, and so are its tokens.")
            }
        }
    }
}
