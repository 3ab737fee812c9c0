import ArgumentParser

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Show and rotate the master key.",
        discussion: "Example: holdfast key rotate --to /etc/holdfast/master-2.key", subcommands: [Status.self, Rotate.self])

    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Whether the keyring is unsealed, and by which master key.", discussion: "Example: holdfast key status")
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.show(try await common.server.ask("GET", "/key")) { answer in
                let status = answer as? [String: Any] ?? [:]
                Terminal.say(status["sealed"] as? Bool == true ? "Sealed: no master key." : "Unsealed.")
                for (key, value) in status.sorted(by: { $0.key < $1.key }) where key != "sealed" { Terminal.say("\(key): \(text(value))") }
            }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Wrap every environment's key by another master key, without downtime.",
            discussion: "Example: holdfast key rotate --to /etc/holdfast/master-2.key")
        @Option(help: "The file with the new master key, on the server's machine. Made if it doesn't exist.") var to: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            try common.show(try await common.server.ask("POST", "/key/rotate", ["file": absolute(to)])) { answer in
                let report = answer as? [String: Any] ?? [:]
                Terminal.say(
                    "Rotated: \(text(report["keys"])) keys are wrapped by \(to). Start the server with --master-key \(to) from now on.")
            }
        }
    }
}
