import ArgumentParser

struct ControlsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "controls", abstract: "Show every promise with its last check and evidence.",
        discussion: "Example: holdfast controls --json")

    @Flag(help: "Run the probes now instead of showing their last results.") var check = false
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let answer = try await common.server.ask(check ? "POST" : "GET", "/controls")
        try common.table(
            answer, [("ID", "id"), ("STATE", "state"), ("KIND", "kind"), ("CHECKED", "checked_at"), ("PROMISE", "title")],
            empty: "No controls.")
    }
}
