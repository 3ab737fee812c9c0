import Foundation
import Storage
import StorageSQLite
import TestSupport
import Testing
import Vocabulary

/// What a thief, a broken disk or a careless hand does to the files.
@Suite(.serialized, .timeLimit(.minutes(5))) struct DamageTests {
    private static let canary = "canary-7f3a91-nobody-may-read-this"

    @Test func `no plaintext is in any file, not in the log and not after a checkpoint`() async throws {
        var options = SQLiteOptions()
        options.checkpointFrames = 20
        let fixture = try EmbeddedEngine(options: options)
        let database = try await fixture.database(.control, schema: notes)
        for round in 0..<30 {
            try await database.write {
                for number in 0..<5 { try $0.run("INSERT INTO note (body) VALUES (\("\(Self.canary) \(round).\(number)"))") }
            }
        }
        #expect(try await database.read { try $0.count() } == 150)
        let alive = try Self.files(fixture)
        #expect(alive.keys.contains { $0.hasSuffix("-wal") })
        await fixture.engine.shutdown()
        for (name, content) in alive.merging(try Self.files(fixture), uniquingKeysWith: { $0 + $1 }) {
            for word in [Self.canary, "CREATE TABLE", "SQLite format 3", "note_body"] {
                #expect(content.range(of: Data(word.utf8)) == nil, "\(word) in \(name)")
            }
        }
    }

    @Test func `files are for their owner only`() async throws {
        let fixture = try EmbeddedEngine()
        let database = try await fixture.database(.control, schema: notes)
        try await database.write { try $0.run("INSERT INTO note (body) VALUES ('x')") }
        for name in try FileManager.default.contentsOfDirectory(atPath: fixture.directory.path + "/data") {
            let attributes = try FileManager.default.attributesOfItem(atPath: fixture.directory.path + "/data/" + name)
            let mode = try #require(attributes[.posixPermissions] as? Int)
            #expect(mode & 0o077 == 0, "\(name) has mode \(String(mode, radix: 8))")
        }
        await fixture.engine.shutdown()
    }

    enum Foreign: CaseIterable {
        case empty, short, text, plaintext, truncated

        func content(_ original: Data) -> Data {
            switch self {
            case .empty: Data()
            case .short: Data("tiny".utf8)
            case .text: Data(String(repeating: "this is no database. ", count: 1000).utf8)
            case .plaintext: Data("SQLite format 3\0".utf8) + original.dropFirst(16)
            case .truncated: original.prefix(100)
            }
        }
    }

    @Test(arguments: Foreign.allCases)
    func `a foreign file is refused and left as it is`(foreign: Foreign) async throws {
        let fixture = try EmbeddedEngine()
        _ = try await fixture.database(.control, schema: notes)
        await fixture.engine.shutdown()
        let path = fixture.directory.path + "/data/control.db"
        let content = foreign.content(try Data(contentsOf: URL(fileURLWithPath: path)))
        try content.write(to: URL(fileURLWithPath: path))
        let engine = try SQLiteEngine(directory: fixture.directory.path + "/data")
        await #expect(throws: StorageError.unreadable) { try await engine.open(.control, schema: notes) { fixture.key } }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == content)
        await #expect(throws: StorageError.exists) { try await engine.create(.control, key: fixture.key, schema: notes) { _ in } }
        await engine.shutdown()
    }

    @Test func `a database that a different program made with our key is refused`() async throws {
        let fixture = try EmbeddedEngine()
        _ = try await fixture.database(.control, schema: notes)
        await #expect(throws: StorageError.newerSchema(found: "note_0001")) {
            try await fixture.engine.open(.control, schema: Schema(name: "other", [])) { fixture.key }
        }
        await fixture.engine.shutdown()
    }

    @Test func `flipped bytes are noticed, never read as data`() async throws {
        let fixture = try EmbeddedEngine()
        let database = try await fixture.database(.control, schema: notes)
        let bodies = (0..<1000).map { "body number \($0) " + String(repeating: "x", count: 100) }
        try await database.write { for body in bodies { try $0.run("INSERT INTO note (body) VALUES (\(body))") } }
        await fixture.engine.shutdown()
        let url = URL(fileURLWithPath: fixture.directory.path + "/data/control.db")
        let sound = try Data(contentsOf: url)
        #expect(sound.count > 20 * 4096)
        var noticed = 0
        for page in 0..<min(sound.count / 4096, 24) {
            var damaged = sound
            // Bytes 16–23 of the file are the one part that SQLite needs in the clear.
            damaged[page * 4096 + 1000 + page * 7 % 3000] ^= 0x10
            try damaged.write(to: url)
            let engine = try SQLiteEngine(directory: fixture.directory.path + "/data")
            do {
                let opened = try await engine.open(.control, schema: notes) { fixture.key }
                // A page that the query doesn't touch may be damaged without being noticed, but what is read is right.
                #expect(try await opened.read { try $0.bodies() } == bodies)
                #expect(try await !engine.integrityProblems(of: .control, key: { fixture.key }).isEmpty)
            } catch {
                noticed += 1
                #expect(error as? StorageError == .unreadable, "\(error)")
            }
            await engine.shutdown()
        }
        #expect(noticed > 5)
        try sound.write(to: url)
        let engine = try SQLiteEngine(directory: fixture.directory.path + "/data")
        #expect(try await engine.open(.control, schema: notes) { fixture.key }.read { try $0.bodies() } == bodies)
        #expect(try await engine.integrityProblems(of: .control, key: { fixture.key }) == [])
        await engine.shutdown()
    }

    @Test func `another database's file under our name is refused`() async throws {
        let fixture = try EmbeddedEngine()
        let other = someEnvironment()
        _ = try await fixture.database(.control, schema: notes)
        try await fixture.engine.create(other, key: Secret(Array(repeating: 9, count: 32)), schema: notes) { _ in }
        await fixture.engine.shutdown()
        let directory = fixture.directory.path + "/data/"
        try FileManager.default.removeItem(atPath: directory + "control.db")
        try FileManager.default.copyItem(atPath: directory + "\(other).db", toPath: directory + "control.db")
        let engine = try SQLiteEngine(directory: fixture.directory.path + "/data")
        await #expect(throws: StorageError.unreadable) { try await engine.open(.control, schema: notes) { fixture.key } }
        await engine.shutdown()
    }

    @Test func `a full database refuses the write and keeps what it had`() async throws {
        var options = SQLiteOptions()
        options.pagesMax = 40
        let fixture = try EmbeddedEngine(options: options)
        let database = try await fixture.database(.control, schema: notes)
        try await database.write { try $0.run("INSERT INTO note (body) VALUES ('first')") }
        await #expect(throws: StorageError.full) {
            try await database.write {
                for number in 0..<100 { try $0.run("INSERT INTO note (body) VALUES (\(String(repeating: "\(number)", count: 3000)))") }
            }
        }
        #expect(try await database.read { try $0.bodies() } == ["first"])
        try await database.write { try $0.run("INSERT INTO note (body) VALUES ('second')") }
        #expect(try await database.read { try $0.bodies() } == ["first", "second"])
        await fixture.engine.shutdown()
    }

    private static func files(_ fixture: EmbeddedEngine) throws -> [String: Data] {
        let root = fixture.directory.path + "/data"
        let names = try FileManager.default.subpathsOfDirectory(atPath: root)
        return try names.reduce(into: [:]) { files, name in
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: root + "/" + name, isDirectory: &isDirectory), !isDirectory.boolValue else {
                return
            }
            files[name] = try Data(contentsOf: URL(fileURLWithPath: root + "/" + name))
        }
    }
}
