/// What the server was started with, for whoever has to start it again on another machine.
package struct ServeFacts: Sendable {
    /// As typed, without secrets.
    package var options: [String] = []
    /// Which secrets it was given: options that name a file of them, and systemd's credentials.
    package var secrets: [String] = []
    /// Where commits are shipped to; empty where they aren't.
    package var archive = ""

    private static let naming: Set<String> = [
        "--master-key", "--private-key", "--smtp-password-file", "--objects-key-file", "--database-password-file",
    ]

    package init() {}

    /// - Parameters:
    ///   - arguments: of `serve`, without the executable and the command's name. No option takes a secret itself.
    ///   - credentials: names of systemd's credentials.
    package init(arguments: [String], credentials: [String] = [], archive: String) {
        options = arguments
        let names = arguments.map { $0.split(separator: "=", maxSplits: 1).first.map(String.init) ?? $0 }
        let files = arguments.flatMap { $0.split(separator: ",") }.filter { $0.hasPrefix("key-file=") }.map { "--backup's \($0)" }
        secrets = Self.naming.intersection(names).sorted() + files + credentials.sorted().map { "systemd credential \($0)" }
        self.archive = archive
    }
}
