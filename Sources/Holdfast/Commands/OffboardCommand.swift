import ArgumentParser
import Foundation
import Ledger
import Wiring

/// A tenant leaves: everything can be fetched for a while, then it is destroyed for good.
struct Offboard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A tenant leaves: everything can be fetched for a while, then all of it is destroyed, backups too.",
        discussion: """
            Until the end of the window nothing can be changed, and it can be called off with --withdraw. Afterwards there is no way back.
            Example: holdfast tenant offboard acme --on 2026-12-06 --reason 'contract ended'
            """)
    @Argument(help: "The tenant's slug.") var slug: String
    @Option(help: "The day on which everything is destroyed, or a moment (RFC 3339). 14 days from now if left out.") var on: String?
    @Option(help: "Why, for the certificate.") var reason: String?
    @Flag(help: "The tenant stays.") var withdraw = false
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if withdraw, on != nil || reason != nil { throw ValidationError("--withdraw goes alone.") }
    }

    func run() async throws {
        let path = "/tenants/\(slug.segment)/leaving"
        if withdraw {
            try common.show(try await common.server.ask("DELETE", path)) { _ in Terminal.say("\(slug) stays.") }
            return
        }
        var body: [String: Any] = [:]
        if let on { body["on"] = on }
        if let reason { body["reason"] = reason }
        try common.show(try await common.server.ask("POST", path, body)) { answer in
            let leaving = answer as? [String: Any] ?? [:]
            Terminal.say("\(slug) is leaving. Nothing can be changed from now on; everything is destroyed at \(text(leaving["ends_at"])).")
            Terminal.say("To call it off before: holdfast tenant offboard \(slug) --withdraw")
        }
    }
}

struct LeavingList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leaving", abstract: "Tenants that are leaving or left, and what is waited for.",
        discussion: "--now does at once what the server does each minute. Example: holdfast tenant leaving --now")
    @Flag(help: "Go on now with what is due.") var now = false
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let answer = try await now ? common.server.ask("POST", "/leaving/round") : common.server.ask("GET", "/leaving")
        try common.table(
            answer,
            [("TENANT", "slug"), ("STAGE", "stage"), ("WINDOW ENDS", "ends_at"), ("GONE", "gone_at"), ("WAITING FOR", "waiting")],
            empty: "Nobody is leaving.")
    }
}

struct CertificateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificate", abstract: "The certificate that everything of a tenant was destroyed.",
        discussion: "Example: holdfast tenant certificate show acme --output acme.certificate", subcommands: [Show.self, Verify.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a tenant's certificate, or write it to a file.",
            discussion: "Example: holdfast tenant certificate show acme --output acme.certificate")
        @Argument(help: "The tenant's slug.") var slug: String
        @Option(help: "The file to write. Standard output if left out.") var output: String?
        @OptionGroup var common: CommonOptions

        func run() async throws {
            let answer = try await common.server.ask("GET", "/tenants/\(slug.segment)/certificate")
            let certificate = text((answer as? [String: Any])?["certificate"])
            guard let output else { return try common.show(answer) { _ in Terminal.say(certificate) } }
            guard FileManager.default.createFile(atPath: output, contents: Data(certificate.utf8)) else {
                throw CommandFailure(message: "\(output) can't be written.")
            }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Verify a certificate with the platform's audit key, without any server.",
            discussion:
                "'holdfast audit key platform' printed the key. Example: holdfast tenant certificate verify acme.certificate --key platform.key"
        )
        @Argument(help: "The certificate's file.") var file: String
        @Option(help: "The platform's audit key, or a file with it.") var key: String
        @Flag(help: "Print what it says as JSON.") var json = false

        func run() async throws {
            let text = key.contains("+") && !FileManager.default.fileExists(atPath: key) ? key : Self.read(key)
            guard let text, let key = NoteKey(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
                throw CommandFailure(message: "--key takes what 'holdfast audit key platform' prints, or a file with it.", isUsage: true)
            }
            guard let content = Self.read(file) else { throw CommandFailure(message: "\(file) can't be read.", isUsage: true) }
            let certificate: OffboardingCertificate
            do { certificate = try OffboardingCertificate(verifying: content, key: key) } catch {
                throw CommandFailure(message: "\(error)")
            }
            if json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
                return Terminal.say(String(decoding: try encoder.encode(certificate), as: UTF8.self))
            }
            Terminal.say(
                "Signed by \(key.name). Everything of \(certificate.name) (\(certificate.slug)) at \(certificate.platform) was destroyed:")
            for environment in certificate.environments {
                Terminal.say(
                    "  \(environment.host): \(environment.keysDestroyed.count) keys at \(environment.keysDestroyedAt), database at \(environment.databaseDestroyedAt), \(environment.auditEntries) audit entries"
                )
            }
            for destination in certificate.destinations {
                Terminal.say(
                    "  backups at \(destination.name): \(destination.objectsDeleted) objects, nothing left at \(destination.confirmedAt)")
            }
            Terminal.say("  \(certificate.membershipsEnded) memberships and \(certificate.sessionsEnded) sessions ended")
            Terminal.say("Asked for \(certificate.requestedAt), issued \(certificate.issuedAt).")
        }

        private static func read(_ path: String) -> String? {
            FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
        }
    }
}
