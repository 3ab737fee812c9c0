import ArgumentParser
import Foundation

struct ControlsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "controls", abstract: "Show every promise with its last check and evidence.",
        discussion: "Example: holdfast controls --json, or holdfast controls BK-4 BK-10 --check")

    @Argument(help: "Promises by their ids, such as BK-4. All if left out.") var ids: [String] = []
    @Flag(help: "Run the probes now instead of showing their last results.") var check = false
    @OptionGroup var common: CommonOptions

    func run() async throws {
        var answer: [Any] = []
        if check, !ids.isEmpty {
            for id in ids {
                let escaped = id.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-"))) ?? ""
                answer += try await common.server.ask("POST", "/controls/\(escaped)") as? [Any] ?? []
            }
        } else {
            answer = try await common.server.ask(check ? "POST" : "GET", "/controls") as? [Any] ?? []
            if !ids.isEmpty {
                answer = answer.filter { (($0 as? [String: Any])?["id"] as? String).map(ids.contains) ?? false }
                guard answer.count == Set(ids).count else {
                    throw CommandFailure(message: "There is no such promise. See: holdfast controls")
                }
            }
        }
        try common.table(
            answer, [("ID", "id"), ("STATE", "state"), ("KIND", "kind"), ("CHECKED", "checked_at"), ("PROMISE", "title")],
            empty: "No controls.")
    }
}
