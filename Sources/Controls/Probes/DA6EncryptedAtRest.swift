import Foundation
import Records
import Sealing
import Storage
import Vocabulary

extension Control {
    static let encryptedAtRest = automated(
        "DA-6", "Encrypted on disk", "MC",
        "Databases, attachments, exports, backups and temporary files are encrypted; nothing that a customer wrote stands readable in any file.",
        EncryptedAtRest())
}

/// Writes a word that nobody else knows into an environment of its own, by every way in, and looks for it in every file that was written since.
/// Looks at the first bytes of every database, too: a readable one has a name there.
struct EncryptedAtRest: Probe {
    static let readable = Array("SQLite format 3\u{0}".utf8)

    func check(_ platform: Platform) async throws -> Evidence {
        guard let databases = platform.directories.databases else {
            throw CannotProbe("the databases lie on a PostgreSQL server, whose disk no node can look into; it has to be encrypted there")
        }
        let away = try await platform.places().filter { try platform.engines.engine(at: $0.engine).dialect == .postgres }.count
        guard away == 0 else {
            throw CannotProbe(
                "\(away) environments lie on a PostgreSQL server, whose disk no node can look into; it has to be encrypted there")
        }
        var findings = Findings()
        let canary = "canary-" + platform.entropy.bytes(16).map { String($0 % 36, radix: 36) }.joined()
        let search = FileSearch(for: canary)
        // The files' times are the machine's, whatever clock the platform runs on.
        let start = SystemClock().now()
        let seen = try await ScratchEnvironment.lend(on: platform) { scratch in
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
        findings.expect(seen.0.files > 0, "the search met no file that was written meanwhile")
        for hit in seen.0.hits { findings.expect(false, "\(Self.name(hit.path)) holds what was written, in \(hit.form)") }
        findings.expect(seen.1 == 0, "\(seen.1) files hold an environment's key in the clear")
        findings.count("files_searched", seen.0.files)
        findings.count("bytes_searched", seen.0.bytes)

        var files = 0
        for path in FileSearch.files(below: [databases]) {
            guard let file = FileHandle(forReadingAtPath: path) else { continue }
            defer { try? file.close() }
            files += 1
            let head = (try? file.read(upToCount: Self.readable.count)).flatMap(\.self) ?? Data()
            findings.expect(Array(head) != Self.readable, "\(Self.name(path)) is a readable database")
        }
        findings.count("database_files", files)
        return findings.evidence("A word written by several ways stood in none of \(seen.0.files) files, and no database file is readable.")
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
