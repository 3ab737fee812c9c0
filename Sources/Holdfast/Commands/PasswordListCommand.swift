import ArgumentParser
import Foundation
import Identity

struct PasswordListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "password-list", abstract: "Make a list of stolen passwords that 'serve --breached-passwords' refuses.",
        discussion: "Example: holdfast password-list build pwned-passwords-sha1-ordered-by-hash.txt --out breached.list",
        subcommands: [Build.self, Check.self])

    struct Build: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make it from a list of SHA-1 digests in order, HASH:COUNT a line, as Have I Been Pwned publishes one.",
            discussion: """
                Eight bytes for each password are kept: some 7 GB for all, 250 MB for those seen a hundred times.
                Example: holdfast password-list build pwned.txt --out breached.list --at-least 100
                """)
        @Argument(help: "The list; - for standard input.") var source: String
        @Option(name: .customLong("out"), help: "The file to write. It appears whole, or not at all.") var target: String
        @Option(help: "Leave out what was seen more seldom.") var atLeast = 1
        @Flag(help: "Print the answer as JSON.") var json = false

        func run() throws {
            guard atLeast >= 1 else { throw CommandFailure(message: "--at-least takes a number from 1.", isUsage: true) }
            let descriptor = source == "-" ? STDIN_FILENO : open(source, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else {
                throw CommandFailure(message: "\(source) can't be read: \(String(cString: strerror(errno))).", isUsage: true)
            }
            defer { if descriptor != STDIN_FILENO { close(descriptor) } }
            let count: Int
            do throws(BreachedPasswordsFile.Fault) {
                count = try BreachedPasswordsFile.make(from: descriptor, at: target, atLeast: atLeast)
            } catch {
                switch error {
                case .line: throw CommandFailure(message: "\(error)", isUsage: true)
                case .source, .target, .damaged: throw CommandFailure(message: "\(error)")
                }
            }
            Terminal.say(json ? "{\"passwords\":\(count)}" : "\(count) passwords. Start the server with --breached-passwords \(target)")
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "See whether a list is as it was written.", discussion: "Example: holdfast password-list check breached.list")
        @Argument(help: "The list.") var file: String
        @Flag(help: "Print the answer as JSON.") var json = false

        func run() throws {
            do {
                let count = try BreachedPasswordsFile.check(file)
                Terminal.say(json ? "{\"passwords\":\(count)}" : "\(count) passwords, as they were written.")
            } catch let fault as BreachedPasswords.Fault {
                throw CommandFailure(message: "\(file): \(fault).", isUsage: fault == .missing)
            } catch let fault as BreachedPasswordsFile.Fault {
                throw CommandFailure(message: "\(file): \(fault)")
            }
        }
    }
}
