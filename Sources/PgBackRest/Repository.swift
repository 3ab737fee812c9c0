import Foundation
import Vocabulary

/// What pgBackRest keeps of one cluster, as `pgbackrest info --output=json` says it.
package struct Repository: Sendable, Hashable {
    package struct Backup: Sendable, Hashable {
        package enum Kind: Sendable, Hashable, CaseIterable {
            case full
            /// What changed since the last full.
            case differential
            /// What changed since the last backup of any kind.
            case incremental

            /// pgBackRest's own.
            package var word: String {
                switch self {
                case .full: "full"
                case .differential: "diff"
                case .incremental: "incr"
                }
            }
        }

        /// `20261122-061636F`
        package let label: String
        package let kind: Kind
        package let startedAt: Instant
        /// It restores nothing that was committed before that. pgBackRest rounds down to seconds.
        package let endedAt: Instant
        /// The first place in the log at which what it restores is whole.
        package let whole: UInt64
        package let timeline: UInt32
        /// In the repository, in bytes, without what it takes from others.
        package let size: UInt64
        /// Of the cluster, in bytes.
        package let clusterSize: UInt64
        /// Pages with wrong checksums were found while it was made.
        package let hasErrors: Bool
        /// Labels of the backups that it is of no use without.
        package let needs: [String]
        /// Which of the repositories has it.
        package let repository: Int
        package let databases: [Database]
    }

    package struct Database: Sendable, Hashable {
        package let name: String
        package let oid: UInt32
    }

    /// The log of one history of the cluster that is there.
    package struct Log: Sendable, Hashable {
        package let repository: Int
        /// The first piece that is there, as PostgreSQL names it; nil where none is.
        package let first: String?
        package let last: String?
    }

    package struct Place: Sendable, Hashable {
        /// As in the configuration: 1 for `repo1`.
        package let number: Int
        /// `aes-256-cbc`, or `none`.
        package let cipher: String
        /// Nil where it is well.
        package let problem: String?
    }

    /// One life of the cluster: an upgrade or a new `initdb` begins another one.
    package struct Cluster: Sendable, Hashable {
        package let system: UInt64
        /// `15`
        package let version: String
    }

    package let name: String
    /// False where the repository has never heard of the stanza.
    package let isThere: Bool
    /// Nil where it is well; no backup yet is well.
    package let problem: String?
    /// The newest last.
    package let clusters: [Cluster]
    package let places: [Place]
    /// Of the newest cluster, the oldest first.
    package let backups: [Backup]
    package let logs: [Log]
    /// Whether a backup is being made, on this machine.
    package let isBusy: Bool

    package var isEncrypted: Bool { !places.isEmpty && places.allSatisfy { $0.cipher != "none" } }

    /// The newest backup that is whole before a moment.
    package func backup(before moment: Instant) -> Backup? {
        // Rounded down to the second by pgBackRest.
        backups.last { $0.endedAt + .seconds(1) <= moment }
    }

    /// The newest backup that is whole before a place in the log.
    package func backup(before position: UInt64) -> Backup? { backups.last { $0.whole <= position } }

    // MARK: Reading

    /// All stanzas of an answer.
    /// - Throws: ``PgBackRestFault`` `.unreadable`.
    package static func read(_ text: String) throws -> [Repository] {
        let said: [Said]
        do {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromKebabCase
            // What it quotes of a file that it could not decrypt comes as it is.
            said = try decoder.decode([Said].self, from: Data(text.utf8.map { $0 < 0x20 ? 0x20 : $0 }))
        } catch let error as DecodingError {
            throw PgBackRestFault.unreadable(Self.words(for: error, text))
        }
        return try said.map(Repository.init)
    }

    private static func words(for error: DecodingError, _ text: String) -> String {
        switch error {
        case .keyNotFound(let key, let context): "'\(key.stringValue)' is missing at \(path(context))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): "something else than expected at \(path(context))"
        default: text.isEmpty ? "nothing" : "no JSON, but '\(text.prefix(80))'"
        }
    }

    private static func path(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: " ")
        return path.isEmpty ? "the beginning" : path
    }

    private init(_ said: Said) throws {
        name = said.name
        // 1 and 3: nothing of the stanza is there; 2: no valid backups.
        isThere = ![1, 3].contains(said.status.code)
        problem = Self.problem(said.status, said.repo.map(\.status))
        clusters = try said.db.sorted { $0.id < $1.id }.map { Cluster(system: $0.systemId, version: try Self.version($0.version)) }
        places = said.repo.map {
            Place(number: $0.key, cipher: $0.cipher, problem: Self.problem($0.status))
        }
        let newest = said.db.map(\.id).max()
        backups = try said.backup.filter { $0.database.id == newest }.map(Backup.init).sorted { $0.endedAt < $1.endedAt }
        logs = said.archive.filter { $0.database.id == newest }.map { Log(repository: $0.database.repoKey, first: $0.min, last: $0.max) }
        isBusy = said.status.lock?.backup.held ?? false
    }

    /// "other" says nothing; what the repositories say does.
    private static func problem(_ status: Said.Status, _ others: [Said.Status] = []) -> String? {
        guard ![0, 2].contains(status.code) else { return nil }
        return (others.first { ![0, 2].contains($0.code) } ?? status).message
    }

    private static func version(_ text: String) throws -> String {
        guard !text.isEmpty, text.allSatisfy({ $0.isNumber || $0 == "." }) else {
            throw PgBackRestFault.unreadable("PostgreSQL's version is '\(text.prefix(20))'")
        }
        return text
    }
}

extension Repository.Backup {
    fileprivate init(_ said: Said.Backup) throws {
        let kinds: [String: Kind] = ["full": .full, "diff": .differential, "incr": .incremental]
        guard let kind = kinds[said.type] else { throw PgBackRestFault.unreadable("a backup of the kind '\(said.type.prefix(20))'") }
        guard let whole = said.lsn?.stop.flatMap({ LogPlace.read($0) }), let segment = said.archive?.stop,
            let timeline = LogPlace.timeline(ofSegment: segment)
        else { throw PgBackRestFault.unreadable("\(said.label.prefix(40)) doesn't say where in the log it ends") }
        guard said.timestamp.start > 0, said.timestamp.stop >= said.timestamp.start, said.timestamp.stop < 1 << 40 else {
            throw PgBackRestFault.unreadable("\(said.label.prefix(40)) ends before it begins")
        }
        self.init(
            label: said.label, kind: kind, startedAt: Instant(seconds: said.timestamp.start),
            endedAt: Instant(seconds: said.timestamp.stop),
            whole: whole, timeline: timeline, size: said.info.repository.delta ?? 0, clusterSize: said.info.size,
            hasErrors: said.error ?? false,
            needs: said.reference ?? [], repository: said.database.repoKey,
            databases: (said.databaseRef ?? []).map { .init(name: $0.name, oid: $0.oid) })
    }
}

/// The answer as it comes. See pgBackRest's command reference, `info`.
private struct Said: Decodable {
    struct Status: Decodable {
        struct Lock: Decodable {
            struct Held: Decodable { let held: Bool }
            let backup: Held
        }
        let code: Int
        let message: String
        let lock: Lock?
    }
    struct Place: Decodable {
        let key: Int
        let cipher: String
        let status: Status
    }
    struct Life: Decodable {
        let id: Int
        let systemId: UInt64
        let version: String
    }
    struct Reference: Decodable {
        let id: Int
        let repoKey: Int
    }
    struct Archive: Decodable {
        let database: Reference
        let min: String?
        let max: String?
    }
    struct Backup: Decodable {
        struct Range: Decodable {
            let start: String?
            let stop: String?
        }
        struct Times: Decodable {
            let start: Int64
            let stop: Int64
        }
        struct Info: Decodable {
            struct Stored: Decodable { let delta: UInt64? }
            let repository: Stored
            let size: UInt64
        }
        struct Database: Decodable {
            let name: String
            let oid: UInt32
        }
        let label: String
        let type: String
        let archive: Range?
        let lsn: Range?
        let timestamp: Times
        let info: Info
        let error: Bool?
        let reference: [String]?
        let database: Reference
        let databaseRef: [Database]?
    }

    let name: String
    let status: Status
    let db: [Life]
    let repo: [Place]
    let archive: [Archive]
    let backup: [Backup]
}

extension JSONDecoder.KeyDecodingStrategy {
    /// `system-id` is `systemId`.
    fileprivate static let convertFromKebabCase = custom { path in
        struct Key: CodingKey {
            let stringValue: String
            let intValue: Int?
            init(stringValue: String) { (self.stringValue, intValue) = (stringValue, nil) }
            init(intValue: Int) { (stringValue, self.intValue) = ("\(intValue)", intValue) }
        }
        guard let last = path.last, last.intValue == nil else { return path.last ?? Key(stringValue: "") }
        let words = last.stringValue.split(separator: "-", omittingEmptySubsequences: false)
        return Key(
            stringValue: (words.first.map(String.init) ?? "")
                + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined())
    }
}
