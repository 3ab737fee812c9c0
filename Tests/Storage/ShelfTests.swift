import Foundation
import Storage
import StorageSQLite
import TestSupport
import Testing
import Vocabulary

@Suite(.serialized, .timeLimit(.minutes(5))) struct ShelfTests {
    /// Of this engine's environments; other tests have theirs open meanwhile.
    private static func descriptors(_ fixture: EmbeddedEngine) -> Int {
        let folder = URL(fileURLWithPath: fixture.directory.path).lastPathComponent + "/data/environment/"
        return ((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).count {
            ((try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) ?? "").contains(folder)
        }
    }

    @Test func `many databases share few descriptors, and a handle never gives another's row`() async throws {
        var options = SQLiteOptions()
        options.descriptors = 48
        options.readerThreads = 4
        options.writerThreads = 4
        let fixture = try EmbeddedEngine(options: options)
        let count = 60
        var databases: [any Database] = []
        for number in 0..<count {
            let database = try await fixture.database(schema: notes)
            // The same id and the same shape everywhere; only the text tells them apart.
            try await database.write { try $0.run("INSERT INTO note (id, body, stars) VALUES (1, \("tenant \(number)"), 0)") }
            databases.append(database)
        }
        var seed = SystemRandomNumberGenerator()
        let order = (0..<2400).map { _ in Int.random(in: 0..<count, using: &seed) }
        let most = try await withThrowingTaskGroup(of: Int.self) { group in
            var most = 0
            for (turn, number) in order.enumerated() {
                if turn >= 32 { most = max(most, try await group.next() ?? 0) }
                let database = databases[number]
                group.addTask {
                    if turn % 5 == 0 {
                        try await database.write { try $0.run("UPDATE note SET stars = stars + 1 WHERE id = 1") }
                    } else if turn % 7 == 0 {
                        _ = try? await database.write { _ in throw Stop() }
                    }
                    let body = try await database.read { try $0.value("SELECT body FROM note WHERE id = 1", as: String.self) }
                    #expect(body == "tenant \(number)")
                    return turn % 20 == 0 ? Self.descriptors(fixture) : 0
                }
            }
            for try await descriptors in group { most = max(most, descriptors) }
            return most
        }
        #expect(most > 10)
        #expect(most <= options.descriptors)
        #expect(fixture.engine.openConnections <= options.descriptors / 3)
        var stars = 0
        for database in databases { stars += try await database.read { try $0.value("SELECT stars FROM note", as: Int.self) ?? 0 } }
        #expect(stars == order.indices.count { $0 % 5 == 0 })
        await fixture.engine.shutdown()
        #expect(Self.descriptors(fixture) == 0)
    }

    @Test func `the key is asked for at a real opening only`() async throws {
        var options = SQLiteOptions()
        options.descriptors = 3
        options.readerThreads = 1
        options.writerThreads = 1
        let fixture = try EmbeddedEngine(options: options)
        let asked = Counter()
        let first = someEnvironment()
        try await fixture.engine.create(first, key: fixture.key, schema: notes) { _ in }
        let database = try await fixture.engine.open(first, schema: notes) { [key = fixture.key] in
            asked.increment()
            return key
        }
        for _ in 0..<50 { #expect(try await database.read { try $0.count() } == 0) }
        #expect(asked.value == 1)
        for _ in 0..<4 { _ = try await fixture.database(schema: notes).read { try $0.count() } }
        #expect(try await database.read { try $0.count() } == 0)
        #expect(asked.value == 2)
        await fixture.engine.shutdown()
    }

    @Test func `a key that was taken away closes the database at its next opening`() async throws {
        var options = SQLiteOptions()
        options.descriptors = 3
        options.readerThreads = 1
        options.writerThreads = 1
        let fixture = try EmbeddedEngine(options: options)
        let name = someEnvironment()
        let isSealed = Counter()
        try await fixture.engine.create(name, key: fixture.key, schema: notes) { _ in }
        let database = try await fixture.engine.open(name, schema: notes) { [key = fixture.key] in
            if isSealed.value > 0 { throw Stop() }
            return key
        }
        #expect(try await database.read { try $0.count() } == 0)
        isSealed.increment()
        for _ in 0..<4 { _ = try await fixture.database(schema: notes).read { try $0.count() } }
        await #expect(throws: Stop.self) { try await database.read { try $0.count() } }
        await #expect(throws: Stop.self) { try await database.write { try $0.count() } }
        await fixture.engine.shutdown()
    }
}
