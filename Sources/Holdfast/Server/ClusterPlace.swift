import Foundation
import Glibc
import PgBackRest
import Recovery
import Vocabulary

/// The value of `--pgbackrest`: a configuration file, then words after commas.
struct ClusterPlace: Sendable {
    let configuration: String
    let stanza: String?
    let passphrase: String?

    init(_ text: String) throws {
        var words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        configuration = absolute(words.removeFirst())
        var (stanza, passphrase) = (String?.none, String?.none)
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            switch (parts.first ?? "", parts.count) {
            case ("stanza", 2): stanza = parts[1]
            case ("passphrase-file", 2): passphrase = absolute(parts[1])
            default: throw Self.usage("'\(word)' is none of stanza=… and passphrase-file=….")
            }
        }
        (self.stanza, self.passphrase) = (stanza, passphrase)
    }

    /// - Throws: ``CommandFailure`` where the command, the file or the stanza is missing.
    /// - Parameter restores: whether restores will be asked for.
    func program(restores: Bool = true) async throws -> PgBackRest {
        guard !restores || geteuid() != 0 else {
            throw Self.usage(
                "a restore starts a PostgreSQL server of its own for a moment, and PostgreSQL refuses to run as root. Run holdfast as a user of its own."
            )
        }
        guard FileManager.default.isReadableFile(atPath: configuration) else {
            throw Self.usage("there is no file \(configuration), or this user may not read it.")
        }
        var status = stat()
        // It has the passphrase; the group is pgBackRest's own way of sharing it with the server's user.
        guard stat(configuration, &status) == 0, status.st_mode & 0o007 == 0 else {
            throw Self.usage("everybody may read \(configuration), which has the repository's passphrase. Run: chmod o= \(configuration)")
        }
        if let passphrase { _ = try SecretFile(path: passphrase, what: "The passphrase's file of --pgbackrest").read() }
        do {
            let name = try await name()
            return try PgBackRest(.init(configuration: configuration, stanza: name, passphrase: passphrase))
        } catch let fault as PgBackRestFault {
            throw Self.usage("\(fault).")
        }
    }

    private func name() async throws -> String {
        if let stanza { return stanza }
        let all = try await PgBackRest(.init(configuration: configuration, stanza: "", passphrase: passphrase)).stanzas()
        guard let only = all.first, all.count == 1 else {
            throw Self.usage(
                all.isEmpty
                    ? "the repository of \(configuration) has no stanza yet. Make one with pgbackrest stanza-create."
                    : "there are several stanzas: \(all.joined(separator: ", ")). Name one after a comma: stanza=….")
        }
        return only
    }

    /// - Throws: ``CommandFailure`` where the stanza isn't this server's, or nothing comes to it.
    func check(_ cluster: ClusterBackups) async throws {
        let name = cluster.program.settings.stanza
        do {
            let state = try await cluster.state()
            guard state.repository.clusters.last?.system == state.log.system else {
                throw Self.usage(
                    "the stanza '\(name)' keeps another PostgreSQL cluster than that of --database. Name the one that keeps it, or see to pg1-path in \(configuration)."
                )
            }
            guard state.repository.isEncrypted else {
                throw Self.usage(
                    "the repository is not encrypted. PostgreSQL's pages aren't either, so set repo1-cipher-type=aes-256-cbc and a passphrase, and make the stanza anew."
                )
            }
            guard state.log.isArchived else {
                throw Self.usage(
                    "PostgreSQL archives nothing. Set archive_mode=on and archive_command='pgbackrest --config=\(configuration) --stanza=\(name) archive-push %p', and restart it."
                )
            }
            _ = try ScratchCluster.binaries(state.log.majorVersion)
        } catch let fault as PgBackRestFault {
            throw Self.usage("\(fault).")
        }
    }

    private static func usage(_ message: String) -> CommandFailure { CommandFailure(message: "--pgbackrest: \(message)", isUsage: true) }
}
