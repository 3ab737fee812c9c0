import ArgumentParser

struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "Show the nodes that serve this installation.", discussion: "Example: holdfast node list",
        subcommands: [List.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the nodes that are at work, and which one leads.",
            discussion: """
                A node that is gone leaves the list within some seconds. One that is listed and was not seen lately stands still.
                Example: holdfast node list --json
                """)
        @OptionGroup var common: CommonOptions

        func run() async throws {
            let answer = try await common.server.ask("GET", "/nodes")
            let nodes = answer as? [[String: Any]] ?? []
            if common.json { return try common.show(answer) { _ in } }
            let rows = nodes.map { node in
                node.merging(["role": node["leads"] as? Bool == true ? "leads" : "", "asked": node["asked"] as? Bool == true ? "*" : ""]) {
                    $1
                }
            }
            try common.table(
                rows,
                [
                    ("", "asked"), ("NODE", "name"), ("ADDRESS", "address"), ("VERSION", "version"), ("STARTED", "started_at"),
                    ("SEEN", "seen_at"), ("ROLE", "role"),
                ], empty: "No node is at work.")
            let places = Set(nodes.compactMap { $0["objects"] as? String }.filter { !$0.isEmpty })
            if places.count > 1 {
                Terminal.note(
                    "These nodes publish the logs to different places (\(places.sorted().joined(separator: ", "))). Start all with the same --objects."
                )
            }
        }
    }
}
