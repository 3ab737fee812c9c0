import CSQLiteCipher
import Foundation
import Storage
import Synchronization
import TestSupport
import Testing
import Vocabulary

@testable import StorageSQLite

@Suite(.serialized, .timeLimit(.minutes(5))) struct DirectoryTests {
    @Test func `a second server on the same data directory is refused`() async throws {
        let fixture = try EmbeddedEngine()
        _ = try await fixture.database(.control, schema: notes)
        #expect(throws: StorageError.inUse) { try SQLiteEngine(directory: fixture.directory.path + "/data") }
        await fixture.engine.shutdown()
        let second = try SQLiteEngine(directory: fixture.directory.path + "/data")
        #expect(try await second.open(.control, schema: notes) { fixture.key }.read { try $0.count() } == 0)
        await second.shutdown()
    }

    @Test func `a directory that can't be is refused`() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path + "/file"
        try Data("x".utf8).write(to: URL(fileURLWithPath: file))
        #expect(throws: StorageError.self) { try SQLiteEngine(directory: file) }
        #expect(throws: StorageError.self) { try SQLiteEngine(directory: directory.path + "/absent/deep/data") }
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data("x".utf8))
    }

    @Test func `what an interrupted creation left is swept away`() async throws {
        let fixture = try EmbeddedEngine()
        _ = try await fixture.database(schema: notes)
        await fixture.engine.shutdown()
        let leftover = fixture.directory.path + "/data/environment/left.db.new"
        try Data("half".utf8).write(to: URL(fileURLWithPath: leftover))
        let engine = try SQLiteEngine(directory: fixture.directory.path + "/data")
        #expect(!FileManager.default.fileExists(atPath: leftover))
        await engine.shutdown()
    }

    @Test func `the linked library is ours and safe, others are refused`() throws {
        try EngineLibrary.check()
        let sound = EngineLibrary.cipherVersion
        #expect(sound.hasPrefix("SQLite3 Multiple Ciphers"))
        let refused: [(Int32, String, Bool, Bool)] = [
            (3_051_002, sound, true, true), (3_040_001, sound, true, true), (3_054_000, "", true, true),
            (3_054_000, "SQLCipher 4.6.1", true, true),
            (3_054_000, "SQLite3 Multiple Ciphers 2.6.0", true, true), (3_054_000, sound, false, true), (3_054_000, sound, true, false),
        ]
        for (sqlite, cipher, isThreadSafe, inMemory) in refused {
            #expect(throws: StorageError.self) {
                try EngineLibrary.check(sqlite: sqlite, cipher: cipher, isThreadSafe: isThreadSafe, keepsTemporariesInMemory: inMemory)
            }
        }
        try EngineLibrary.check(
            sqlite: 3_054_001, cipher: "SQLite3 Multiple Ciphers 2.10.0", isThreadSafe: true, keepsTemporariesInMemory: true)
    }

    @Test func `no SQLite of the system is loaded beside ours`() throws {
        let maps = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8)
        #expect(!maps.contains("libsqlite3"))
    }

    @Test func `a key of another length never becomes a passphrase`() {
        #expect(holdfast_cipher_key(nil, [UInt8](repeating: 0, count: 32), 32) != 0)
    }

    @Test func `a schema's text names its tables and leaves out what full-text search makes for itself`() throws {
        let schema = Schema(
            name: "text",
            [
                firstNote,
                Migration(
                    "note_0002", ["CREATE VIRTUAL TABLE note_search USING fts5 (body)", "INSERT INTO note (body) VALUES (\("seed"))"]),
            ])
        let text = try SQLiteEngine.schemaText(of: schema)
        #expect(text.contains("CREATE TABLE note (id"))
        #expect(text.contains("CREATE UNIQUE INDEX note_body"))
        #expect(text.contains("CREATE VIRTUAL TABLE note_search"))
        #expect(!text.contains("note_search_data"))
        #expect(try SQLiteEngine.schemaText(of: schema) == text)
    }
}

final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func increment() { count.withLock { $0 += 1 } }
}
