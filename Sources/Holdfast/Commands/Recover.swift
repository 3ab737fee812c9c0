import ArgumentParser
import Backup
import Foundation
import ObjectStores
import Sealing
import Threads
import Vocabulary
import Wiring

struct Recover: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rebuild everything in an empty directory, from a bundle, shares and the archive.",
        discussion: """
            Nothing that is there is ever touched. Interrupted, the same command begins anew. What can't be brought back is named, everything
            else is rebuilt, and the exit code is 1 then.

            Example: holdfast recover --bundle bundle.tar --share anna.share --share ben.share --archive /mnt/backup --data /var/lib/holdfast
            """)

    @Option(help: "The bundle that 'holdfast backup bundle' wrote.") var bundle: String
    @Option(name: .customLong("share"), help: "A holder's share. As many as the bundle needs.") var shares: [String] = []
    @Option(help: "A file with a holder's age identity, for shares that are sealed. May be repeated.") var identity: [String] = []
    @OptionGroup var place: BackupCommand.Place
    @Option(help: "A new or empty directory.") var data: String
    @Flag(help: "Go on although the archive ends before the bundle was made: what came after its end is lost.") var acceptOldArchive = false
    @Flag(help: "Print the report as JSON.") var json = false

    func run() async throws {
        let store = try await place.store()
        let report = try await told {
            let bundle = try await RecoveryBundle(bundle, threads: BoundedThreads(2, waiting: 100))
            let identities = try identity.map(ShareFile.identity)
            let shares = try shares.map { try ShareFile.read($0, identities) }
            do {
                return try await Rebuilding(bundle, from: store, to: absolute(data), acceptsOld: acceptOldArchive).run(with: shares) {
                    Terminal.note("holdfast: \($0)")
                }
            } catch let fault as SealingFault {
                throw CommandFailure(message: "\(fault)")
            } catch let refusal as Refusal {
                throw CommandFailure(message: refusal.message)
            }
        }
        if json { try show(report) } else { say(report) }
        if !report.isComplete {
            throw CommandFailure(
                message: "\(report.missing.count) of \(report.databases.count + report.missing.count) databases are missing.")
        }
    }

    private func say(_ report: Rebuilding.Report) {
        var rows = [["DATABASE", "HOST", "COMMIT", "AS OF", "BYTES", "SECONDS"]]
        for database in report.databases {
            rows.append([
                database.name, database.label ?? "–", "\(database.generation):\(database.ordinal)",
                database.time.map { "\($0)" } ?? "its base",
                "\(database.size)", Self.seconds(database.took),
            ])
        }
        Terminal.table(rows)
        for missing in report.missing { Terminal.say("MISSING \(missing.name) \(missing.label ?? ""): \(missing.reason)") }
        for name in report.unknown { Terminal.say("not restored: \(name), which the recovered installation doesn't know") }
        Terminal.say("Rebuilt in \(Self.seconds(report.took)) s. The keyring is at \(data)/keyring, the master key at \(data)/master.key.")
        Terminal.say("Put the master key where the server takes it from (--master-key FILE), apart from the data, and start the server:")
        Terminal.say("  holdfast serve --data \(data) --master-key FILE …")
        Terminal.say("Everybody has to sign in again. The settings that the old server had are in the bundle: tar -xOf \(bundle) README")
    }

    private func show(_ report: Rebuilding.Report) throws {
        func optional(_ value: String?) -> Any { value ?? NSNull() }
        let answer: [String: Any] = [
            "complete": report.isComplete, "seconds": Double(report.took.microseconds) / 1e6, "unknown": report.unknown,
            "databases": report.databases.map { database -> [String: Any] in
                [
                    "name": database.name, "label": optional(database.label), "generation": Int(database.generation),
                    "ordinal": Int(clamping: database.ordinal), "time": optional(database.time.map { "\($0)" }),
                    "bytes": Int(clamping: database.size),
                    "seconds": Double(database.took.microseconds) / 1e6,
                ]
            },
            "missing": report.missing.map { ["name": $0.name, "label": optional($0.label), "reason": $0.reason] },
        ]
        let data = try JSONSerialization.data(withJSONObject: answer, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        Terminal.say(String(decoding: data, as: UTF8.self))
    }

    private static func seconds(_ duration: Duration) -> String {
        let tenths = duration.microseconds / 100_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}
