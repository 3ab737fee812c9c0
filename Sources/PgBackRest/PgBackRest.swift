// PgBackRest: drives the command `pgbackrest`, and starts a PostgreSQL server on what it restored.
//
// It promises that every call ends, by itself or by its limit of time; that what the command says is read into values or refused, and never
// guessed; that no secret stands on a command line; and that a restored server can be reached by this process's user alone and ends with whoever
// asked for it. It refuses to know what the databases mean.
//
//     PgBackRest          one stanza of one configuration: look, check, back up, restore, verify
//     Repository          what `info` says, as values
//     BackupSchedule      which kind of backup is due
//     Program             a command with a limit of time
//     ScratchCluster      a restored cluster in a directory of its own, and the server on it
import Foundation
import Threads
import Vocabulary

/// One stanza, as a configuration file of pgBackRest describes it.
package struct PgBackRest: Sendable {
    package struct Settings: Sendable, Hashable {
        /// An absolute path. The file has the repository's passphrase, unless ``passphrase`` names another one.
        package let configuration: String
        package let stanza: String
        /// A file with the repository's passphrase, for a configuration that doesn't have it.
        package let passphrase: String?

        package init(configuration: String, stanza: String, passphrase: String? = nil) {
            self.configuration = configuration
            self.stanza = stanza
            self.passphrase = passphrase
        }
    }

    package let settings: Settings
    private let command: String
    private let threads: BoundedThreads

    private static let quick = Duration.minutes(2)
    private static let long = Duration.hours(24)

    /// - Throws: ``PgBackRestFault`` `.notInstalled`.
    package init(_ settings: Settings) throws {
        guard let command = Program.find("pgbackrest") else { throw PgBackRestFault.notInstalled }
        self.init(settings, command: command)
    }

    package init(_ settings: Settings, command: String) {
        self.settings = settings
        self.command = command
        // A backup, two restores, and a look at how things are must not wait for each other.
        threads = BoundedThreads(4, waiting: 200)
    }

    // MARK: Looking

    /// The names of all stanzas in the repositories of a configuration.
    package func stanzas() async throws -> [String] {
        try Repository.read(try await run("info", ["--output=json"], stanza: false, within: Self.quick).output).map(\.name)
    }

    /// What is kept.
    /// - Throws: ``PgBackRestFault``, `.noStanza` among them.
    package func repository() async throws -> Repository {
        let all = try Repository.read(try await run("info", ["--output=json"], within: Self.quick).output)
        guard let found = all.first(where: { $0.name == settings.stanza }), found.isThere else {
            throw PgBackRestFault.noStanza(settings.stanza)
        }
        if let problem = found.problem, found.clusters.isEmpty { throw PgBackRestFault(problem) }
        return found
    }

    /// The databases that a backup has, but for PostgreSQL's own.
    package func databases(in backup: Repository.Backup) async throws -> [Repository.Database] {
        let text = try await run("info", ["--output=json", "--set=\(backup.label)"], within: Self.quick).output
        guard let found = try Repository.read(text).first?.backups.first(where: { $0.label == backup.label }) else {
            throw PgBackRestFault.unreadable("info says nothing of \(backup.label)")
        }
        return found.databases
    }

    /// Begins a new piece of the log, and waits until the last one is in the repository.
    package func check() async throws { _ = try await run("check", ["--archive-timeout=60"], within: Self.quick) }

    /// Reads everything that is kept and compares it with its checksums.
    /// - Returns: what the command says; it is sound if nothing was thrown.
    package func verify() async throws -> String {
        try await run("verify", [], within: Self.long).output
    }

    /// Pieces of the log that are not there, though one before and one behind them are; in words.
    package func gaps() async throws -> [String] {
        let repository = try await repository()
        var gaps: [String] = []
        for log in repository.logs {
            let text = try await run(
                "repo-ls", ["archive/\(settings.stanza)", "--repo=\(log.repository)", "--recurse", "--output=json"], stanza: false,
                within: Self.long
            ).output
            gaps += try LogPieces(text).gaps().map { "repository \(log.repository): \($0)" }
        }
        return gaps
    }

    // MARK: Doing

    /// Takes a backup now, and lets go what the configuration keeps no longer.
    package func backUp(_ kind: Repository.Backup.Kind) async throws {
        _ = try await run("backup", ["--type=\(kind.word)"], within: Self.long)
    }

    /// Where recovery stops.
    package enum Target: Sendable, Hashable {
        /// After the last commit that was not later.
        case time(Instant)
        /// Before the first record at or behind this place of the log.
        case place(timeline: UInt32, position: UInt64)
    }

    /// Restores a cluster's files into an empty directory; the log is fetched when a server is started on them.
    ///
    /// - Parameter leavingOut: databases whose files are not fetched.
    package func restore(_ backup: Repository.Backup, until target: Target, leavingOut: [String], to directory: String) async throws {
        var words = ["--set=\(backup.label)", "--pg1-path=\(directory)", "--target-action=pause"]
        switch target {
        case .time(let moment): words += ["--type=time", "--target=\(Self.text(moment))"]
        case .place(let timeline, let position):
            words += ["--type=lsn", "--target=\(LogPlace.text(position))", "--target-exclusive", "--target-timeline=\(timeline)"]
        }
        var others = Set(leavingOut)
        while true {
            do {
                _ = try await run("restore", words + others.sorted().map { "--db-exclude=\($0)" }, within: Self.long)
                return
            } catch let fault as PgBackRestFault {
                // It was made or removed while the backup was taken: in the list, and without files.
                guard let name = fault.unknownDatabase, others.remove(name) != nil else { throw fault }
            }
        }
    }

    /// `2026-11-22 06:16:47.709349+00`, as PostgreSQL reads it.
    static func text(_ moment: Instant) -> String {
        // 2026-11-22T06:16:47.709Z has three digits; recovery wants all there are.
        let whole = Instant(seconds: moment.seconds).description.prefix(19).replacing("T", with: " ")
        let rest = String(moment.microseconds - moment.seconds * 1_000_000)
        return "\(whole).\(String(repeating: "0", count: 6 - rest.count))\(rest)+00"
    }

    // MARK: The command

    /// What the command and those that it starts see of the surroundings; the passphrase among it, where the configuration hasn't got it.
    func surroundings() throws -> [String] {
        var all = Program.surroundings
        if let path = settings.passphrase {
            guard let data = FileManager.default.contents(atPath: path) else { throw PgBackRestFault.noPassphrase(path) }
            all.append("PGBACKREST_REPO1_CIPHER_PASS=\(String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines))")
        }
        return all
    }

    private func run(_ verb: String, _ words: [String], stanza: Bool = true, within limit: Duration) async throws -> Program.Result {
        var all = ["--config=\(settings.configuration)", "--log-level-console=off", "--log-level-stderr=error"]
        if stanza { all.append("--stanza=\(settings.stanza)") }
        let program = Program(command, all + [verb] + words, surroundings: try surroundings())
        let stop = Program.Stop()
        let result = try await withTaskCancellationHandler {
            try await threads.run { try program.run(within: limit, stop: stop) }
        } onCancel: {
            stop.now()
        }
        guard !stop.wasAsked else { throw CancellationError() }
        guard result.code == 0 else { throw PgBackRestFault(verb, result) }
        return result
    }
}

/// Places of the write-ahead log, as PostgreSQL writes them.
package enum LogPlace {
    /// `16/B374D848`
    package static func text(_ position: UInt64) -> String {
        "\(String(position >> 32, radix: 16, uppercase: true))/\(String(position & 0xFFFF_FFFF, radix: 16, uppercase: true))"
    }

    package static func read(_ text: some StringProtocol) -> UInt64? {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let high = UInt32(halves[0], radix: 16), let low = UInt32(halves[1], radix: 16) else { return nil }
        return UInt64(high) << 32 | UInt64(low)
    }

    /// Of a piece of the log: `000000010000000000000004` is the timeline, then the number in two halves.
    package static func timeline(ofSegment name: some StringProtocol) -> UInt32? {
        guard name.utf8.count == 24, name.allSatisfy(\.isHexDigit) else { return nil }
        return UInt32(name.prefix(8), radix: 16)
    }

    /// The position after a piece of the log of `size` bytes.
    package static func end(ofSegment name: some StringProtocol, size: UInt64) -> UInt64? {
        guard timeline(ofSegment: name) != nil, size > 0, let high = UInt64(name.dropFirst(8).prefix(8), radix: 16),
            let low = UInt64(name.suffix(8), radix: 16)
        else { return nil }
        return (high << 32) + (low + 1) * size
    }
}
