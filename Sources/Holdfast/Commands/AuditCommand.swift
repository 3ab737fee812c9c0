import ArgumentParser
import Foundation

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Read, export and verify audit logs.",
        discussion: "Example: holdfast audit verify acme", subcommands: [List.self, Verify.self, Export.self, Key.self, Checkpoint.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The newest entries of a log.", discussion: "Example: holdfast audit list acme --limit 50")
        @Argument(help: "The environment's host label. The platform's own log if left out.") var log: String?
        @Option(help: "How many entries, at most 500.") var limit = 50
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.table(
                try await common.server.ask("GET", "/audit/\((log ?? "platform").segment)?limit=\(limit)"),
                [("SEQ", "seq"), ("AT", "at"), ("EVENT", "event"), ("ACTOR", "actor"), ("FIELDS", "summary")], empty: "The log is empty.")
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check that nothing in a log was changed: a running server's log, or an exported file without any server.",
            discussion:
                "Example: holdfast audit verify acme\nExample: holdfast audit verify --file acme-audit.jsonl --key acme.key --checkpoint acme-2026-11.txt"
        )
        @Argument(help: "The environment's host label; 'platform' for the platform's own log. All logs if left out.") var log: String?
        @Option(help: "An exported log, verified offline.") var file: String?
        @Option(
            help: "With --file: the log's key that you know, as 'audit key' prints it, or a file with it. Else the file's own is believed.")
        var key: String?
        @Option(help: "With --file: a file with a checkpoint that you kept, as 'audit checkpoint' prints it. The log must go on from it.")
        var checkpoint: String?
        @OptionGroup var common: CommonOptions

        func validate() throws {
            if file == nil, key != nil || checkpoint != nil {
                throw ValidationError("--key and --checkpoint go with --file: a running server knows its own.")
            }
        }

        func run() async throws {
            let answer: Any
            if let file {
                answer = try OfflineAudit(key: key, checkpoint: checkpoint).verify(file: file)
            } else {
                answer = try await common.server.ask("POST", "/audit/\((log ?? "all").segment)/verify")
            }
            let reports = answer as? [[String: Any]] ?? []
            try common.show(answer) { _ in
                for report in reports {
                    let published = (report["published"] as? Int).map { ", \($0) of them published" } ?? ""
                    let finding = report["ok"] as? Bool == true ? "unchanged" : text(report["finding"])
                    Terminal.say("\(text(report["log"])): \(text(report["entries"])) entries\(published), \(finding)")
                    if let trust = report["trust"] as? String, report["ok"] as? Bool == true {
                        Terminal.note(OfflineAudit.words(for: trust, key: text(report["key"])))
                    }
                }
            }
            if reports.contains(where: { $0["ok"] as? Bool != true }) { throw ExitCode(1) }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a log with its checkpoints to a file that can be verified offline.",
            discussion: "Example: holdfast audit export acme --output acme-audit.jsonl")
        @Argument(help: "The environment's host label; 'platform' for the platform's own log.") var log: String
        @Option(help: "The file to write. Standard output if left out.") var output: String?
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try await save(common.server, "/audit/\(log.segment)/export", to: output)
        }
    }

    struct Key: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the key that a log is verified with. It stays the same for the life of the log: keep it elsewhere.",
            discussion: "Example: holdfast audit key acme > acme.key")
        @Argument(help: "The environment's host label; 'platform' for the platform's own log.") var log: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.show(try await common.server.ask("GET", "/audit/\(log.segment)/key")) { answer in
                Terminal.say(text((answer as? [String: Any])?["key"]))
            }
        }
    }

    struct Checkpoint: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Print a signed checkpoint of a log as it is now. Kept elsewhere, it shows later whether anything before it was changed.",
            discussion: "Example: holdfast audit checkpoint acme > acme-2026-11.txt")
        @Argument(help: "The environment's host label; 'platform' for the platform's own log.") var log: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.show(try await common.server.ask("GET", "/audit/\(log.segment)/checkpoint")) { answer in
                Terminal.say(text((answer as? [String: Any])?["checkpoint"]))
            }
        }
    }
}
