import Storage
import Testing
import Vocabulary

@Suite(.serialized, .timeLimit(.minutes(5))) struct LifeTests {
    @Test(arguments: EngineUnderTest.allCases)
    func `a database appears whole or not at all`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let engine = installation.engine
        let name = someEnvironment()
        await #expect(throws: Stop.self) {
            try await engine.create(name, key: installation.key, schema: notes) {
                try $0.run("INSERT INTO note (body) VALUES ('half')")
                throw Stop()
            }
        }
        #expect(try await !engine.exists(name))
        await #expect(throws: StorageError.missing) { try await installation.open(name) }
        try await engine.create(name, key: installation.key, schema: notes) { try $0.run("INSERT INTO note (body) VALUES ('whole')") }
        #expect(try await engine.exists(name))
        #expect(try await installation.open(name).read { try $0.bodies() } == ["whole"])
        await #expect(throws: StorageError.exists) { try await engine.create(name, key: installation.key, schema: notes) { _ in } }
        #expect(try await installation.open(name).read { try $0.bodies() } == ["whole"])
        await engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `of many who create the same database one succeeds`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let outcomes = await withTaskGroup(of: String.self) { group in
            for number in 0..<12 {
                group.addTask {
                    do {
                        try await installation.engine.create(.control, key: installation.key, schema: notes) {
                            try $0.run("INSERT INTO note (body) VALUES (\("\(number)"))")
                        }
                        return "\(number)"
                    } catch {
                        return error as? StorageError == .exists ? "" : "\(error)"
                    }
                }
            }
            return await group.reduce(into: [String]()) { if !$1.isEmpty { $0.append($1) } }
        }
        #expect(outcomes.count == 1)
        #expect(try await installation.open().read { try $0.bodies() } == outcomes)
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `a destroyed database is gone, and its name is free`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        try await database.write { try $0.run("INSERT INTO note (body) VALUES ('old')") }
        try await installation.engine.destroy(.control)
        #expect(try await !installation.engine.exists(.control))
        await #expect(throws: StorageError.missing) { try await database.read { try $0.count() } }
        await #expect(throws: StorageError.missing) { try await database.write { try $0.count() } }
        await #expect(throws: StorageError.missing) { try await installation.engine.destroy(.control) }
        #expect(try await installation.database().read { try $0.count() } == 0)
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `migrations are applied once, in order, when a database is opened`(kind: EngineUnderTest) async throws {
        var installation = try await kind.start()
        let database = try await installation.database()
        try await database.write { try $0.run("INSERT INTO note (body) VALUES ('kept')") }
        installation = try await installation.restarted()
        let second = Migration("note_0002", ["ALTER TABLE note ADD COLUMN colour TEXT", "UPDATE note SET colour = 'blue'"])
        let grown = Schema(name: "notes", [firstNote, second])
        for _ in 0..<2 {
            let opened = try await installation.open(schema: grown)
            #expect(try await opened.read { try $0.value("SELECT colour FROM note", as: String.self) } == "blue")
        }
        installation = try await installation.restarted()
        await #expect(throws: StorageError.newerSchema(found: "note_0002")) { try await installation.open() }
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `a migration that fails changes nothing`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        let broken = Schema(
            name: "notes",
            [firstNote, Migration("note_0002", ["INSERT INTO note (body) VALUES ('half')", "ALTER TABLE absent ADD COLUMN x TEXT"])])
        await #expect(throws: StorageError.self) { try await installation.open(schema: broken) }
        #expect(try await database.read { try $0.count() } == 0)
        #expect(try await installation.open().read { try $0.count() } == 0)
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `a wrong key is refused, also while the database is open`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        let wrong = Secret(Array(repeating: 7, count: 32))
        await #expect(throws: StorageError.unreadable) { try await installation.engine.open(.control, schema: notes) { wrong } }
        let short = Secret(Array(repeating: 7, count: 31))
        await #expect(throws: StorageError.self) { try await installation.engine.open(.control, schema: notes) { short } }
        await #expect(throws: Stop.self) { try await installation.engine.open(.control, schema: notes) { throw Stop() } }
        try await database.write { try $0.run("INSERT INTO note (body) VALUES ('fine')") }
        #expect(try await database.read { try $0.count() } == 1)
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `after shutdown everything is refused as closed, and what was running has finished`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        let hasBegun = Counter()
        async let slow: Void = database.write {
            hasBegun.increment()
            for _ in 0..<100 { rest() }
            try $0.run("INSERT INTO note (body) VALUES ('in time')")
        }
        while hasBegun.value == 0 { try await Task.sleep(for: .milliseconds(1)) }
        await installation.engine.shutdown()
        try await slow
        await #expect(throws: StorageError.closed) { try await database.read { try $0.count() } }
        await #expect(throws: StorageError.closed) { try await database.write { try $0.count() } }
        await #expect(throws: StorageError.closed) { try await installation.open() }
        let again = try await installation.restarted()
        #expect(try await again.open().read { try $0.bodies() } == ["in time"])
        await again.engine.shutdown()
    }
}
