import ArgumentParser

struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant", abstract: "Create, list and change tenants.",
        discussion: "Example: holdfast tenant create acme --name 'Acme Ltd' --edition standard --owner ann@acme.example",
        subcommands: [
            Create.self, List.self, Show.self, Edition.self, Rules.self, Offboard.self, LeavingList.self, CertificateCommand.self,
        ])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a tenant with a production environment, and invite its owner.",
            discussion:
                "Example: holdfast tenant create acme --name 'Acme Ltd' --edition standard --environment sandbox --owner ann@acme.example")

        @Argument(help: "The tenant's host label: a–z and 0–9, starting with a letter.") var slug: String
        @Option(help: "The name that people read. The slug if left out.") var name: String?
        @Option(help: "sandbox, team, standard or enterprise.") var edition = "team"
        @Option(help: "The region where its data stays.") var region: String?
        @Option(name: .customLong("environment"), help: "A further environment beside production: test or sandbox. May be repeated.")
        var environments: [String] = []
        @Option(help: "Invite this address as the tenant's owner.") var owner: String?
        @OptionGroup var common: CommonOptions

        func run() async throws {
            var body: [String: Any] = [
                "slug": slug, "name": name ?? slug, "edition": edition, "environments": ["production"] + environments,
            ]
            if let region { body["region"] = region }
            if let owner { body["owner"] = owner }
            let answer = try await common.server.ask("POST", "/tenants", body)
            try common.show(answer) { answer in
                let tenant = answer as? [String: Any] ?? [:]
                Terminal.say("Created \(text(tenant["slug"])) at \(text(tenant["url"])).")
                if owner != nil { Terminal.say("An invitation is on its way to the owner.") }
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List tenants.", discussion: "Example: holdfast tenant list --json")
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.table(
                try await common.server.ask("GET", "/tenants"),
                [("TENANT", "slug"), ("NAME", "name"), ("EDITION", "edition"), ("REGION", "region"), ("STATE", "state")],
                empty: "No tenants yet. Create one with: holdfast tenant create SLUG --name NAME")
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one tenant.", discussion: "Example: holdfast tenant show acme")
        @Argument(help: "The tenant's slug.") var slug: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.show(try await common.server.ask("GET", "/tenants/\(slug.segment)")) { answer in
                let tenant = answer as? [String: Any] ?? [:]
                for key in ["slug", "name", "edition", "region", "state", "url"] { Terminal.say("\(key): \(text(tenant[key]))") }
                for environment in tenant["environments"] as? [[String: Any]] ?? [] {
                    Terminal.say("  \(text(environment["kind"])): \(text(environment["url"])) (\(text(environment["state"])))")
                }
            }
        }
    }

    struct Rules: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what a tenant asks of its people's passwords and sign-ins.",
            discussion: "The tenant's own administrators set it, in the portal or by API. Example: holdfast tenant rules acme")
        @Argument(help: "The tenant's slug.") var slug: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.show(try await common.server.ask("GET", "/tenants/\(slug.segment)/rules")) { answer in
                let rules = answer as? [String: Any] ?? [:]
                Terminal.say("A password has at least \(text(rules["password_shortest"])) characters.")
                if rules["password_classic"] as? Bool == true {
                    Terminal.say("It has a lower-case and an upper-case letter and another character.")
                }
                Terminal.say("A passkey alone is \(rules["passkey_alone"] as? Bool == false ? "not enough" : "enough").")
                Terminal.say("Unusual sign-ins: \(text(rules["risk_medium"])) for medium risk, \(text(rules["risk_high"])) for high.")
            }
        }
    }

    struct Edition: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Move a tenant to another edition.", discussion: "Example: holdfast tenant edition acme enterprise")
        @Argument(help: "The tenant's slug.") var slug: String
        @Argument(help: "sandbox, team, standard or enterprise.") var edition: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.show(try await common.server.ask("PUT", "/tenants/\(slug.segment)/edition", ["edition": edition])) { _ in
                Terminal.say("\(slug) is now on the \(edition) edition.")
            }
        }
    }
}
