// Holdfast: the executable. It wires the targets below it together and offers the commands; it decides nothing itself.
//
// `serve` runs the platform. Every other command talks to the running server through the Unix socket in
// its data directory, so that there is one writer and each command is audited with the operating system's user.
import ArgumentParser
import Foundation

@main
struct Holdfast: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "holdfast",
        abstract: "A multi-tenant backend that keeps the promises of a security white paper, and shows the evidence.",
        discussion: "Example: holdfast serve --data ./data --listen 127.0.0.1:8443",
        version: version,
        subcommands: [
            Serve.self, TenantCommand.self, EnvironmentCommand.self, AccountCommand.self, RoleCommand.self, StaffCommand.self,
            ImportCommand.self, ExportCommand.self,
            AuditCommand.self, ControlsCommand.self, KeyCommand.self, NodeCommand.self, BanCommand.self, RiskCommand.self,
            AlarmCommand.self,
            ClientCommand.self,
            PasswordListCommand.self, BackupCommand.self, Recover.self, RestoreCommand.self, OwnCopyCommand.self,
            DemoCommand.self,
        ])

    /// Exit codes: 0 done, 1 failed, 2 bad usage.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            Terminal.complain(failure.message)
            Foundation.exit(failure.isUsage ? 2 : 1)
        } catch {
            let code = exitCode(for: error)
            let message = fullMessage(for: error)
            if code == .success {
                Terminal.say(message)
                Foundation.exit(0)
            }
            Terminal.complain(message)
            Foundation.exit(code == .validationFailure ? 2 : 1)
        }
    }
}

/// A command could not be carried out; the message is for the person at the terminal.
struct CommandFailure: Error {
    let message: String
    var isUsage = false
}
