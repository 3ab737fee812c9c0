import ArgumentParser
import Foundation

struct RiskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "risk", abstract: "Show what looked like somebody else's: sign-ins and applications' tokens; and settle it.",
        discussion: "Example: holdfast risk list --tenant acme", subcommands: [List.self, Show.self, Dismiss.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what nobody has settled, newest first.", discussion: "Example: holdfast risk list --level high --json")
        @Flag(help: "What was confirmed or dismissed too.") var all = false
        @Option(help: "Of this tenant's members alone, since they joined.") var tenant: String?
        @Option(help: "medium or high.") var level: String?
        @OptionGroup var common: CommonOptions

        func run() async throws {
            guard level.map({ ["medium", "high"].contains($0) }) ?? true else {
                throw CommandFailure(message: "--level is medium or high, not '\(level ?? "")'.", isUsage: true)
            }
            var query = [("all", all ? "1" : nil), ("tenant", tenant), ("level", level)].compactMap { name, value in
                value?.addingPercentEncoding(withAllowedCharacters: .alphanumerics).map { "\(name)=\($0)" }
            }.joined(separator: "&")
            if !query.isEmpty { query = "?" + query }
            try common.table(
                try await common.server.ask("GET", "/risks" + query),
                [
                    ("ID", "id"), ("AT", "at"), ("ACCOUNT", "identifier"), ("LEVEL", "level"), ("BECAUSE OF", "because"), ("WITH", "with"),
                    ("DONE", "action"), ("STATE", "state"),
                ], empty: "Nothing unusual waits for anybody's word.")
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one of them, with where it came from.",
            discussion: "Example: holdfast risk show 019a7c3e-0000-7000-8000-000000000000")
        @Argument(help: "Its id, as the list shows it.") var risk: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.show(try await common.server.ask("GET", "/risks/\(risk.segment)")) { answer in
                let risk = answer as? [String: Any] ?? [:]
                for key in ["id", "at", "identifier", "level", "score", "because", "with", "country", "network", "action", "state"] {
                    Terminal.say("\(key): \(text(risk[key]))")
                }
            }
        }
    }

    struct Dismiss: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say that it was right. Ask the person first, and not by mail.",
            discussion: "Example: holdfast risk dismiss 019a7c3e-0000-7000-8000-000000000000")
        @Argument(help: "Its id, as the list shows it.") var risk: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.show(try await common.server.ask("POST", "/risks/\(risk.segment)/dismissal")) { answer in
                Terminal.say("Noted: what \(text((answer as? [String: Any])?["identifier"])) did was right.")
            }
        }
    }
}
