import Foundation
import Records
import Sealing
import Storage
import Tenants
import Vocabulary

extension Control {
    static let encryptedAtRest = automated(
        "DA-6", "Encrypted on disk", "MC",
        "Databases, attachments, exports, backups and temporary files are encrypted; nothing that a customer wrote stands readable in any file.",
        EncryptedAtRest())
}

/// Writes a word that nobody else knows into an environment of its own at each place, by every way in, and looks for it in every file that was
/// written since. Looks at the first bytes of every database, too: a readable one has a name there.
///
/// A database server's disk is out of every node's sight. What stands readable beside it breaks the promise; that nothing does is half of it only.
struct EncryptedAtRest: Probe {
    static let readable = Array("SQLite format 3\u{0}".utf8)

    func check(_ platform: Platform) async throws -> Evidence {
        var findings = Findings()
        var searched = FileSearch.Result()
        for place in platform.engines.names {
            let (result, exposed) = try await Self.search(for: Self.canary(platform), at: place, platform)
            searched.add(result)
            findings.expect(exposed == 0, "\(exposed) files hold an environment's key in the clear")
        }
        for hit in searched.hits { findings.expect(false, "\(Self.name(hit.path)) holds what was written, in \(hit.form)") }
        findings.count("files_searched", searched.files)
        findings.count("bytes_searched", searched.bytes)

        var files = 0
        for path in FileSearch.files(below: platform.directories.databases.map { [$0] } ?? []) {
            guard let file = FileHandle(forReadingAtPath: path) else { continue }
            defer { try? file.close() }
            files += 1
            let head = (try? file.read(upToCount: Self.readable.count)).flatMap(\.self) ?? Data()
            findings.expect(Array(head) != Self.readable, "\(Self.name(path)) is a readable database")
        }
        findings.count("database_files", files)
        if platform.destinations != nil {
            let (pieces, _) = try await BackupsSealed.look(try await BackupSample(platform), &findings)
            findings.count("backup_pieces_read", pieces)
        }
        if platform.directories.databases != nil {
            findings.expect(searched.files > 0, "the search met no file that was written meanwhile")
        }
        let served = try await Self.served(platform)
        guard findings.broken.isEmpty, !served.isEmpty else {
            return findings.evidence(
                "A word written by several ways stood in none of \(searched.files) files, and no database file is readable.")
        }
        throw CannotProbe(
            "\(served) on a PostgreSQL server, whose disk no node can look into; it has to be encrypted there. On this node nothing stands readable"
        )
    }

    /// What lies on a database server, and that it does; empty where nothing does.
    private static func served(_ platform: Platform) async throws -> String {
        guard platform.directories.databases != nil else { return "the databases lie" }
        let away = try await platform.places().filter { try platform.engines.engine(at: $0.engine).dialect == .postgres }.count
        return away == 0 ? "" : away == 1 ? "one environment lies" : "\(away) environments lie"
    }

    private static func canary(_ platform: Platform) -> String {
        "canary-" + platform.entropy.bytes(16).map { String($0 % 36, radix: 36) }.joined()
    }

    /// The files that hold `canary`, and the number of those that hold the key of the environment that it was written into.
    private static func search(
        for canary: String, at place: Places.Name, _ platform: Platform
    ) async throws -> (FileSearch.Result, exposed: Int) {
        let search = FileSearch(for: canary)
        // The files' times are the machine's, whatever clock the platform runs on.
        let start = SystemClock().now()
        return try await ScratchEnvironment.lend(on: platform, at: place) { scratch in
            try await Self.write(canary, in: scratch)
            let result = search.search(platform.directories.written, since: start)
            let keys = try [KeyOwner.environment(scratch.id), .database(scratch.id, copy: 1)].map { try platform.keyring.key(for: $0) }
            let raw = keys.map { key in key.withBytes { Array($0) } }
            let texts = raw.map { bytes in bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
            let kept = platform.directories.written + (platform.directories.keyring.map { [$0] } ?? [])
            let exposed = FileSearch.files(below: kept).filter { path in
                guard let content = FileManager.default.contents(atPath: path), content.count <= 1 << 20 else { return false }
                return raw.contains { content.range(of: Data($0)) != nil } || texts.contains { content.range(of: Data($0.utf8)) != nil }
            }
            return (result, exposed.count)
        }
    }

    /// The file alone: where the platform lives is nobody's business.
    private static func name(_ path: String) -> String { URL(filePath: path).lastPathComponent }

    private static func write(_ canary: String, in scratch: ScratchEnvironment) async throws {
        let space = scratch.workspace
        let actor = Actor.platform("controls")
        try await space.collections.create(
            .init(
                slug: "things", name: "Things \(canary)", description: canary,
                fields: [.init(key: "name", label: canary, type: .text, indexed: true), .init(key: "more", type: .longText)]), by: actor)
        let long = String(repeating: canary + " ", count: 500)
        for number in 0..<20 {
            _ = try await space.records.create(["name": .string("\(canary) \(number)"), "more": .string(long)], in: "things", by: actor)
        }
        let page = try await space.records.list(in: "things", Query(search: canary, limit: 500), by: actor)
        guard page.records.count == 20 else { throw CannotProbe("what was written could not be read back") }
        // A sort over long values: what does not fit into memory would go to a temporary file.
        _ = try await scratch.database.read { reader in
            try reader.value("SELECT count(*) FROM (SELECT body FROM record ORDER BY body DESC) AS sorted", as: Int.self)
        }
        _ = try await space.records.change(page.records[0].id, in: "things", ["more": .string(canary)], ifVersion: nil, by: actor)
        try await space.records.delete(page.records[1].id, in: "things", ifVersion: nil, by: actor)
    }
}
