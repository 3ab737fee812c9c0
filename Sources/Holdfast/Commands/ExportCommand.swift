import ArgumentParser
import Foundation

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Export a collection as CSV or JSON Lines.",
        discussion: "Example: holdfast export acme flights --format csv --output flights.csv")

    @Argument(help: "The environment's host label, such as acme or acme-sandbox.") var environment: String
    @Argument(help: "The collection's slug.") var collection: String
    @Option(help: "csv or jsonl.") var format = "csv"
    @Option(help: "The file to write. Standard output if left out.") var output: String?
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard ["csv", "jsonl"].contains(format) else { throw ValidationError("The format is csv or jsonl, not '\(format)'.") }
    }

    func run() async throws {
        let path = "/environments/\(environment.segment)/collections/\(collection.segment)/export?format=\(format)"
        try await save(common.server, path, to: output)
    }
}

/// Downloads into a file, or to standard output. Written beside and renamed, so that a broken download never looks like a whole one.
func save(_ server: LocalServer, _ path: String, to output: String?) async throws {
    guard let output else { return try await server.download(path, into: .standardOutput) }
    let partial = output + ".partial"
    guard FileManager.default.createFile(atPath: partial, contents: nil, attributes: [.posixPermissions: 0o600]),
        let sink = FileHandle(forWritingAtPath: partial)
    else { throw CommandFailure(message: "\(output) can't be written. Check the folder and your permission.", isUsage: true) }
    do {
        try await server.download(path, into: sink)
        try sink.close()
        guard rename(partial, output) == 0 else { throw CommandFailure(message: "\(output) can't be written.") }
    } catch {
        try? FileManager.default.removeItem(atPath: partial)
        throw error
    }
}

func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
