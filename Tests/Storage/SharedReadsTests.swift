import Storage
import TestSupport
import Testing
import Vocabulary

@testable import StoragePostgres

/// Reads that go to PostgreSQL together on one connection, and get in each other's way nevertheless as little as if each had its own.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SharedReadsTests {
    private static let key = Secret((0..<32).map { UInt8($0) })

    private static func database(_ engine: PostgresEngine) async throws -> any Database {
        try await engine.create(.control, key: key, schema: notes) { _ in }
        return try await engine.open(.control, schema: notes) { key }
    }

    /// Runs `body` for each number below `count`, `together` at a time.
    private static func many(_ count: Int, together: Int, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<together {
                group.addTask { for number in stride(from: task, to: count, by: together) { try await body(number) } }
            }
            try await group.waitForAll()
        }
    }

    @Test func `one that fails takes nobody's answer away`() async throws {
        let engine = try await PostgresPlace().start()
        let database = try await Self.database(engine)
        @Sendable func quotient(_ number: Int, _ divisor: Int) async throws -> Int? {
            try await database.read { try $0.value("SELECT \(number) / \(divisor)", as: Int.self) }
        }
        for number in 0..<4 { #expect(try await quotient(number, 1) == number) }
        let failed = Counter()
        try await Self.many(5000, together: 40) { number in
            do {
                let found = try await quotient(number, number % 97 == 96 ? 0 : 1)
                #expect(found == number)
            } catch {
                #expect(error as? StorageError == .failed("PostgreSQL 22012: a value that doesn't fit"))
                #expect(number % 97 == 96)
                failed.increment()
            }
        }
        #expect(failed.value == (0..<5000).count { $0 % 97 == 96 })
        await engine.shutdown()
    }

    @Test func `one that takes long keeps nobody waiting`() async throws {
        let engine = try await PostgresPlace().start { $0.connections = 16 }
        let database = try await Self.database(engine)
        @Sendable func number(_ number: Int, after seconds: Double) async throws {
            // One statement, of which nobody can know how long it will take.
            let found = try await database.read {
                try $0.value("SELECT \(number) FROM (SELECT pg_sleep(CAST(\(seconds) AS double precision))) AS pause", as: Int.self)
            }
            #expect(found == number)
        }
        for turn in 0..<4 { try await number(turn, after: 0) }
        let quick = Counter()
        let isOver = Counter()
        async let slow: Int = {
            try await number(-1, after: 8)
            isOver.increment()
            return quick.value
        }()
        try await Self.many(480, together: 24) {
            try await number($0, after: 0)
            quick.increment()
        }
        #expect(isOver.value == 0)
        #expect(try await slow == 480)
        await engine.shutdown()
    }

    @Test func `many that take long run beside each other`() async throws {
        let engine = try await PostgresPlace().start { $0.connections = 16 }
        let database = try await Self.database(engine)
        @Sendable func pause() async throws {
            #expect(try await database.read { try $0.value("SELECT CAST(pg_sleep(0.05) AS text)", as: String.self) } == "")
        }
        for _ in 0..<4 { try await pause() }
        let start = ContinuousClock.now
        try await Self.many(64, together: 8) { _ in try await pause() }
        // One after the other they would take that, whatever the machine.
        #expect(ContinuousClock.now - start < .milliseconds(64 * 50))
        await engine.shutdown()
    }

    @Test func `connections that are ended by the server are replaced, and every read has its answer`() async throws {
        let place = try PostgresPlace()
        let engine = try await place.start()
        let database = try await Self.database(engine)
        try await database.write { transaction in
            for id in 0..<100 { try transaction.run("INSERT INTO note (id, body) VALUES (\(id), \("note \(id)"))") }
        }
        let done = Counter()
        let count = 6000
        async let reading: Void = Self.many(count, together: 32) { number in
            let id = number % 100
            let body = try await database.read { try $0.value("SELECT body FROM note WHERE id = \(id)", as: String.self) }
            #expect(body == "note \(id)")
            #expect(engine.openConnections <= 6)
            done.increment()
        }
        for turn in 1...4 {
            while done.value < turn * count / 6 { try await Task.sleep(for: .milliseconds(1)) }
            try place.cluster.administer(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE starts_with(datname, '\(place.prefix.text)_')")
        }
        try await reading
        #expect(done.value == count)
        await engine.shutdown()
    }

    @Test(arguments: [PostgresOptions.TLSMode.disable, .require])
    func `answers of any size arrive whole`(tls: PostgresOptions.TLSMode) async throws {
        let place = try PostgresPlace()
        var options = PostgresOptions(host: "127.0.0.1", port: place.cluster.port, user: PostgresCluster.user, prefix: place.prefix)
        options.sharedTemplates = "shared"
        options.password = { PostgresCluster.password }
        options.tls = tls
        options.tlsAuthorities = place.cluster.folder + "/server.crt"
        let engine = try await PostgresEngine.start(options)
        let database = try await Self.database(engine)
        @Sendable func length(_ length: Int) async throws -> Int? {
            try await database.read { try $0.value("SELECT repeat('x', CAST(\(length) AS integer))", as: String.self)?.utf8.count }
        }
        for turn in 0..<4 { #expect(try await length(turn) == turn) }
        try await Self.many(1200, together: 16) { number in
            // Around the sizes of libpq's buffers and of TLS's records, now and then a large one.
            let size = number % 40 == 39 ? 400_000 : (number * 7919) % 36_000
            let found = try await length(size)
            #expect(found == size)
        }
        await engine.shutdown()
    }

    @Test func `a connection that knows too many statements forgets the oldest`() async throws {
        let engine = try await PostgresPlace().start()
        let database = try await Self.database(engine)
        try await Self.many(3000, together: 16) { number in
            let column = try #require(SQLName("c\(number % 200)"))
            let found: Int? = try await database.read { try $0.row("SELECT \(number) AS \(column)")?.get(column.text) }
            #expect(found == number)
        }
        await engine.shutdown()
    }

    @Test func `a table that changes its columns is read as it is now`() async throws {
        let place = try PostgresPlace()
        let engine = try await place.start()
        let database = try await Self.database(engine)
        try await database.write { try $0.run("INSERT INTO note (id, body, stars) VALUES (1, 'one', 5)") }
        @Sendable func row() async throws -> [String: Value] {
            let found = try await database.read { try $0.row("SELECT * FROM note") }
            let row = try #require(found)
            return Dictionary(uniqueKeysWithValues: zip(row.columns.names, row.values))
        }
        let before: [String: Value] = ["id": .integer(1), "body": .text("one"), "stars": .integer(5)]
        try await Self.many(200, together: 16) { _ in
            let found = try await row()
            #expect(found == before)
        }
        try place.cluster.administer(
            "ALTER TABLE note ADD COLUMN colour TEXT DEFAULT 'blue'; ALTER TABLE note DROP COLUMN stars", in: "\(place.prefix.text)_control"
        )
        let after: [String: Value] = ["id": .integer(1), "body": .text("one"), "colour": .text("blue")]
        try await Self.many(400, together: 16) { _ in
            let found = try await row()
            #expect(found == after)
        }
        await engine.shutdown()
    }

    @Test func `where connections can't be watched any more, threads wait for answers`() async throws {
        let engine = try await PostgresPlace().start()
        let database = try await Self.database(engine)
        try await Self.many(2000, together: 24) { number in
            if number == 1000 { engine.awaiting.stop() }
            let found = try await database.read { try $0.value("SELECT \(number)", as: Int.self) }
            #expect(found == number)
            #expect(engine.openConnections <= 6)
        }
        #expect(!engine.awaiting.isUsable)
        await engine.shutdown()
    }

    @Test func `a database that many read does not keep another one waiting`() async throws {
        let engine = try await PostgresPlace().start { $0.connections = 4 }
        let busy = try await Self.database(engine)
        let name = someEnvironment()
        try await engine.create(name, key: Self.key, schema: notes) { _ in }
        let other = try await engine.open(name, schema: notes) { Self.key }
        let isOver = Counter()
        async let reading: Void = Self.many(32, together: 32) { number in
            while isOver.value == 0 {
                let found = try await busy.read { try $0.value("SELECT \(number)", as: Int.self) }
                #expect(found == number)
            }
        }
        for number in 0..<200 { #expect(try await other.read { try $0.value("SELECT \(number)", as: Int.self) } == number) }
        isOver.increment()
        try await reading
        await engine.shutdown()
    }
}
