import ArgumentParser
import Foundation

/// Asks the running server; customers do the same on their page Backups.
struct OwnCopyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "own-copy", abstract: "Files with all of an environment, which its customer keeps: any SQLite opens them.",
        discussion: "One is made each week by itself.\nExample: holdfast own-copy fetch acme --recipient age1… --output acme.db.age",
        subcommands: [List.self, Make.self, FetchFile.self, Recipients.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The files that are kept of an environment, or the newest of each.",
            discussion: "Example: holdfast own-copy list acme")
        @Argument(help: "The environment's host label. The newest of each environment if left out.") var environment: String?
        @OptionGroup var common: CommonOptions

        func run() async throws {
            let path = environment.map { "/environments/\($0.segment)/own-copies" } ?? "/own-copies"
            try common.table(
                try await common.server.ask("GET", path),
                [
                    ("ENVIRONMENT", "environment"), ("ID", "id"), ("AT", "at"), ("RECORDS", "records"), ("BYTES", "bytes"),
                    ("SEALED TO", "sealed_to"), ("FAILURE", "failure"),
                ],
                empty: "None was made yet.")
        }
    }

    struct Make: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make one now.", discussion: "Goes on when nobody waits.\nExample: holdfast own-copy make acme")
        @Argument(help: "The environment's host label.") var environment: String
        @OptionGroup var common: CommonOptions

        func run() async throws {
            var (report, problem): (Any?, String?) = (nil, nil)
            try await common.server.follow("POST", "/environments/\(environment.segment)/own-copies", [:]) { line in
                if let step = line["step"] as? String { Terminal.note(step) }
                report = line["report"] ?? report
                problem = line["problem"] as? String ?? problem
            }
            if let problem { throw CommandFailure(message: problem) }
            guard let report else { throw CommandFailure(message: "The server stopped in the middle. Make it again.") }
            try common.show(report) { answer in
                let copy = answer as? [String: Any] ?? [:]
                Terminal.say("\(text(copy["id"])): \(text(copy["records"])) records, \(text(copy["bytes"])) bytes.")
                Terminal.say("Fetch it: holdfast own-copy fetch \(environment) --output \(environment).db.age")
            }
        }
    }

    struct FetchFile: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "fetch", abstract: "Download the newest file, sealed in the age format.",
            discussion: """
                With neither a passphrase nor a recipient, a passphrase is made and shown once; a file that is sealed to the customer's recipients comes as it is.
                Example: holdfast own-copy fetch acme --output acme.db.age && age -d -o acme.db acme.db.age
                """)
        @Argument(help: "The environment's host label.") var environment: String
        @Option(help: "Another file than the newest, as 'own-copy list' names it.") var copy: String?
        @Option(name: .customLong("recipient"), help: "Seal it to this recipient (age1…). Can be given several times.") var recipients:
            [String] = []
        @Option(help: "Seal it with the passphrase in this file's first line, of 16 characters or more.") var passphraseFile: String?
        @Option(help: "The file to write. It appears whole, or not at all.") var output: String
        @OptionGroup var common: CommonOptions

        func validate() throws {
            guard recipients.isEmpty || passphraseFile == nil else {
                throw ValidationError("Give --recipient or --passphrase-file, not both.")
            }
        }

        func run() async throws {
            var wish: [String: Any] = [:]
            var shown: String?
            if let copy { wish["copy"] = copy }
            if !recipients.isEmpty {
                wish["recipients"] = recipients
            } else if let passphraseFile {
                wish["passphrase"] = try Self.firstLine(of: passphraseFile)
            } else if try await !isSealedToRecipients() {
                shown = Self.passphrase()
                wish["passphrase"] = shown
            }
            try await save(common.server, wish)
            try common.show(["file": output, "passphrase": shown ?? NSNull()] as [String: Any]) { _ in
                if let shown {
                    Terminal.say("\(output) is sealed with this passphrase, which is shown this once: \(shown)")
                } else {
                    Terminal.say("\(output) is there.")
                }
            }
        }

        private func isSealedToRecipients() async throws -> Bool {
            let all = try await common.server.ask("GET", "/environments/\(environment.segment)/own-copies") as? [[String: Any]] ?? []
            let found = all.first { copy == nil ? $0["failure"] is NSNull : $0["id"] as? String == copy }
            return found?["sealed_to"] as? String == "recipients"
        }

        private func save(_ server: LocalServer, _ wish: [String: Any]) async throws {
            let body = try JSONSerialization.data(withJSONObject: wish)
            let partial = output + ".partial"
            guard FileManager.default.createFile(atPath: partial, contents: nil, attributes: [.posixPermissions: 0o600]),
                let sink = FileHandle(forWritingAtPath: partial)
            else { throw CommandFailure(message: "\(output) can't be written. Check the folder and your permission.", isUsage: true) }
            do {
                try await server.download("POST", "/environments/\(environment.segment)/own-copies/file", body, into: sink)
                try sink.close()
                guard rename(partial, output) == 0 else { throw CommandFailure(message: "\(output) can't be written.") }
            } catch {
                try? FileManager.default.removeItem(atPath: partial)
                throw error
            }
        }

        private static func firstLine(of file: String) throws -> String {
            guard let text = try? String(contentsOfFile: file, encoding: .utf8), let line = text.split(whereSeparator: \.isNewline).first
            else {
                throw CommandFailure(message: "\(file) can't be read, or has no line. Check its name and your permission.", isUsage: true)
            }
            return String(line)
        }

        /// 120 random bits in letters and digits that nobody mixes up.
        private static func passphrase() -> String {
            let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")
            var generator = SystemRandomNumberGenerator()
            return (0..<6).map { _ in String((0..<4).map { _ in alphabet[Int.random(in: 0..<32, using: &generator)] }) }.joined(
                separator: "-")
        }
    }

    struct Recipients: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show or set whom an environment's files are sealed to.",
            discussion: """
                With recipients, files are sealed to them as they are made, and nobody else can open them.
                Example: holdfast own-copy recipients acme --set age1…
                """)
        @Argument(help: "The environment's host label.") var environment: String
        @Option(name: .customLong("set"), help: "A recipient (age1…), as age-keygen prints it. Can be given several times; replaces all.")
        var recipients: [String] = []
        @Flag(help: "Set none: files are kept under the environment's own key.") var none = false
        @OptionGroup var common: CommonOptions

        func validate() throws {
            guard recipients.isEmpty || !none else { throw ValidationError("Give --set or --none, not both.") }
        }

        func run() async throws {
            let path = "/environments/\(environment.segment)/own-copy-recipients"
            let answer =
                recipients.isEmpty && !none
                ? try await common.server.ask("GET", path) : try await common.server.ask("PUT", path, ["recipients": recipients])
            try common.show(answer) { answer in
                let list = (answer as? [String: Any])?["recipients"] as? [String] ?? []
                if list.isEmpty { Terminal.note("None: files are kept under the environment's own key.") }
                for recipient in list { Terminal.say(recipient) }
            }
        }
    }
}
