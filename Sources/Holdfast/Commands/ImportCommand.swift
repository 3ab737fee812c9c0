import ArgumentParser
import Foundation

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Import a CSV or JSON Lines file into a collection.",
        discussion: "Example: holdfast import acme flights flights.csv --create")

    @Argument(help: "The environment's host label, such as acme or acme-sandbox.") var environment: String
    @Argument(help: "The collection's slug.") var collection: String
    @Argument(help: "The file: .csv, .tsv or .jsonl.") var file: String
    @Flag(help: "Make the collection, with field types found in the file.") var create = false
    @Flag(help: "Import nothing unless every line is good.") var allOrNothing = false
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let path =
            "/environments/\(environment.segment)/collections/\(collection.segment)/import?create=\(create)&all_or_nothing=\(allOrNothing)"
            + "&file=\(URL(fileURLWithPath: file).lastPathComponent.segment)"
        let answer = try await common.server.upload(path, from: file)
        try common.show(answer) { answer in
            let report = answer as? [String: Any] ?? [:]
            Terminal.say("Imported \(text(report["imported"])) records, refused \(text(report["refused"])) lines.")
            for line in (report["refusals"] as? [[String: Any]] ?? []).prefix(20) {
                Terminal.say("  line \(text(line["line"])): \(text(line["reason"]))")
            }
        }
        if let report = answer as? [String: Any], (report["refused"] as? Int ?? 0) > 0 { throw ExitCode(1) }
    }
}
