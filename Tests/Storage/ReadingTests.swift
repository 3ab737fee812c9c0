import Storage
import Testing
import Vocabulary

@Suite(.serialized, .timeLimit(.minutes(5))) struct ReadingTests {
    @Test(arguments: EngineUnderTest.allCases)
    func `every kind of value comes back as it was bound`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        let blob: [UInt8] = [0, 255, 1, 0]
        let absent: Value = String?.none.columnValue
        let row = try await database.read { reader in
            try #require(
                try reader.row(
                    """
                    SELECT \(Int64.min) AS low, \(Int64.max) AS high, \(-0.5) AS real, \("ä'\";--😀") AS text, \("") AS blank,
                    \(blob) AS bytes, \([UInt8]()) AS none, \(absent) AS missing, \(true) AS fact
                    """))
        }
        #expect(try row.get("low") == Int64.min)
        #expect(try row.get("high") == Int64.max)
        #expect(try row.get("real") == -0.5)
        #expect(try row.get("text") == "ä'\";--😀")
        #expect(try row.get("blank") == "")
        #expect(try row.get("bytes") == blob)
        #expect(try row.get("none") == [UInt8]())
        #expect(try row.get("missing", as: String?.self) == nil)
        #expect(try row.get("fact") == true)
        #expect(throws: StorageError.unexpectedColumn("absent as String")) { try row.get("absent", as: String.self) }
        #expect(throws: StorageError.unexpectedColumn("text as Int")) { try row.get("text", as: Int.self) }
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `text that looks like SQL stays text`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        let attack = "x'); DELETE FROM note; --"
        try await database.write { try $0.run("INSERT INTO note (body) VALUES (\(attack))") }
        #expect(try await database.read { try $0.bodies() } == [attack])
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `a text with NUL is refused`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        await #expect(throws: StorageError.self) {
            try await database.write { try $0.run("INSERT INTO note (body) VALUES (\("a\0b"))") }
        }
        #expect(try await database.read { try $0.count() } == 0)
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `a read sees one moment, whatever is written meanwhile`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        try await database.write { try $0.run("INSERT INTO note (body) VALUES ('before')") }
        let hasBegun = Counter()
        let hasWritten = Counter()
        async let counts = database.read { reader in
            // Long enough to be moved to a thread of the engine's own, where waiting harms nobody.
            let first = try reader.count() + reader.longQuery()
            hasBegun.increment()
            while hasWritten.value == 0 { rest() }
            return (first, try reader.count())
        }
        while hasBegun.value == 0 { try await Task.sleep(for: .milliseconds(1)) }
        try await database.write { try $0.run("INSERT INTO note (body) VALUES ('after')") }
        hasWritten.increment()
        let (first, second) = try await counts
        #expect(first == 1)
        #expect(second == 1)
        #expect(try await database.read { try $0.count() } == 2)
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `a read that goes further than it used to still sees one moment`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        try await database.write { try $0.run("INSERT INTO note (body) VALUES ('before')") }
        // An engine may have come to expect that it is all that anybody asks.
        for _ in 0..<4 { #expect(try await database.read { try $0.count() } == 1) }
        let hasBegun = Counter()
        let hasWritten = Counter()
        async let counts = database.read { reader in
            let first = try reader.count() + reader.longQuery()
            hasBegun.increment()
            while hasWritten.value == 0 { rest() }
            return (first, try reader.count())
        }
        while hasBegun.value == 0 { try await Task.sleep(for: .milliseconds(1)) }
        try await database.write { try $0.run("INSERT INTO note (body) VALUES ('after')") }
        hasWritten.increment()
        let (first, second) = try await counts
        #expect(first == 1)
        #expect(second == 1)
        for _ in 0..<20 { #expect(try await database.read { try $0.count() } == 2) }
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `a read whose code swallows errors gets every answer`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        try await database.write { try $0.run("INSERT INTO note (body, stars) VALUES ('one', 7)") }
        for turn in 0..<6 {
            // Now and then one question more.
            let (count, stars) = try await database.read { reader in
                let count = (try? reader.count()) ?? -1
                return (count, turn % 3 == 2 ? (try? reader.value("SELECT stars FROM note", as: Int.self)) ?? -1 : 7)
            }
            #expect(count == 1)
            #expect(stars == 7)
            let failed = try await database.read { (try? $0.row("SELECT nothing FROM note")) == nil }
            #expect(failed)
        }
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `a long read gives the whole answer, also where its code swallows errors`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        for _ in 0..<3 {
            let (count, swallowed) = try await database.read { reader in
                var count = 0
                try reader.each("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT i FROM n") { _ in
                    count += 1
                }
                return (count, (try? reader.longQuery()) ?? -1)
            }
            #expect(count == 200_000)
            #expect(swallowed == 0)
        }
        let answers = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<24 { group.addTask { try await database.read { try $0.longQuery() } } }
            return try await group.reduce(into: [Int]()) { $0.append($1) }
        }
        #expect(answers == Array(repeating: 0, count: 24))
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `of many who read at once each gets its own answer`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        try await database.write { transaction in
            for id in 0..<500 { try transaction.run("INSERT INTO note (id, body, stars) VALUES (\(id), \("note \(id)"), \(id))") }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<50 {
                group.addTask {
                    for turn in 0..<200 {
                        let id = (turn * 50 + task) * 7 % 500
                        let (body, stars) = try await database.read { reader -> (String?, Int?) in
                            // By turns two statements, and now and then a third one after the first.
                            if turn % 2 == 0 {
                                return ("note \(id)", try reader.value("SELECT stars FROM note WHERE id = \(id)", as: Int.self))
                            }
                            let body = try reader.value("SELECT body FROM note WHERE id = \(id)", as: String.self)
                            return try (body, turn % 31 == 1 ? reader.value("SELECT id FROM note WHERE body = \(body)", as: Int.self) : id)
                        }
                        #expect(body == "note \(id)")
                        #expect(stars == id)
                    }
                }
            }
            try await group.waitForAll()
        }
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `who has written reads it, however many others read and write`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        try await database.write { transaction in
            for id in 0..<16 { try transaction.run("INSERT INTO note (id, body, stars) VALUES (\(id), \("note \(id)"), 0)") }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in 0..<16 {
                group.addTask {
                    for stars in 1...40 {
                        try await database.write { try $0.run("UPDATE note SET stars = \(stars) WHERE id = \(id)") }
                        for _ in 0..<3 {
                            let found = try await database.read { try $0.value("SELECT stars FROM note WHERE id = \(id)", as: Int.self) }
                            #expect(found == stars)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `a read can't write`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        for _ in 0..<3 {
            await #expect(throws: StorageError.self) {
                try await database.read { try $0.rows("INSERT INTO note (body) VALUES ('sneaked') RETURNING id") }
            }
        }
        #expect(try await database.read { try $0.count() } == 0)
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `the same statement may run inside itself`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        try await database.write { for body in ["a", "b", "c"] { try $0.run("INSERT INTO note (body) VALUES (\(body))") } }
        let pairs = try await database.read { reader in
            var pairs: [String] = []
            try reader.each("SELECT body FROM note ORDER BY body") { outer in
                let left: String = try outer.get(0)
                try reader.each("SELECT body FROM note ORDER BY body") { pairs.append(left + (try $0.get(0, as: String.self))) }
            }
            return pairs
        }
        #expect(pairs == ["aa", "ab", "ac", "ba", "bb", "bc", "ca", "cb", "cc"])
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `an error of the caller ends the reading and passes through`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        await #expect(throws: Stop.self) {
            try await database.read { try $0.each("SELECT 1 UNION ALL SELECT 2") { _ in throw Stop() } }
        }
        #expect(try await database.read { try $0.value("SELECT 1", as: Int.self) } == 1)
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `a JSON member is reached by an index that repeats it`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let member: SQLName = "f_price"
        let schema = Schema(
            name: "json",
            [
                Migration(
                    "json_0001",
                    [
                        "CREATE TABLE record (id TEXT PRIMARY KEY, body TEXT NOT NULL)",
                        "CREATE INDEX record_price ON record ((\(json: "body", member, as: .number)))",
                    ])
            ])
        let database = try await installation.database(schema: schema)
        try await database.write {
            for price in 1...50 { try $0.run("INSERT INTO record VALUES (\("r\(price)"), \(#"{"f_price": \#(price)}"#))") }
        }
        let found = try await database.read { reader in
            try reader.rows("SELECT id FROM record WHERE \(json: "body", "f_price", as: .number) > \(48) ORDER BY id").map {
                try $0.get(0, as: String.self)
            }
        }
        #expect(found == ["r49", "r50"])
        if kind == .sqlite {
            let plan = try await database.read {
                try $0.rows("EXPLAIN QUERY PLAN SELECT id FROM record WHERE \(json: "body", "f_price", as: .number) > \(48)").map {
                    try $0.get("detail", as: String.self)
                }
            }
            #expect(plan.joined().contains("record_price"))
        }
        await installation.engine.shutdown()
    }
}
