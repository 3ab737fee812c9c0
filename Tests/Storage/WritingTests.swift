import Glibc
import Storage
import Testing
import Vocabulary

func rest() { usleep(200) }

@Suite(.serialized, .timeLimit(.minutes(5))) struct WritingTests {
    @Test(arguments: EngineUnderTest.allCases)
    func `many rows put in at once are what they were`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let columns: [SQLName] = ["id", "word", "number", "real", "bytes"]
        let schema = Schema(
            name: "many",
            [
                Migration("many_0001") { dialect in
                    switch dialect {
                    case .sqlite: ["CREATE TABLE many (id INTEGER PRIMARY KEY, word TEXT, number INTEGER, real REAL, bytes BLOB) STRICT"]
                    case .postgres:
                        ["CREATE TABLE many (id BIGINT PRIMARY KEY, word TEXT, number BIGINT, real DOUBLE PRECISION, bytes BYTEA)"]
                    }
                }
            ])
        let database = try await installation.database(schema: schema)
        let words = ["", #"\N"#, #"\."#, "a\tb", "two\nlines", "\r\n", #"back\slash"#, "ä'\";--😀", "\u{7}bell"]
        var rows: [[Value]] = words.enumerated().map { index, word in
            [.integer(Int64(index)), .text(word), .integer(index % 2 == 0 ? .min : .max), .real(-0.1), .blob([0, 92, 10, 255])]
        }
        rows.append([.integer(100), .null, .null, .null, .null])
        rows.append([.integer(101), .text("empty"), .integer(0), .real(1e300), .blob([])])
        rows += (200..<500).map { [.integer($0), .text("row \($0)"), .null, .real(0.5), .null] }
        try await database.write { [rows] transaction in
            try transaction.run("INSERT INTO many (id, word) VALUES (-1, 'before')")
            try transaction.insert(rows, into: "many", columns)
            try transaction.insert([], into: "many", columns)
            try transaction.run("DELETE FROM many WHERE id = -1")
        }
        let found = try await database.read { try $0.rows("SELECT id, word, number, real, bytes FROM many ORDER BY id").map(\.values) }
        #expect(found == rows)
        await #expect(throws: StorageError.notUnique(constraint: "many.id")) {
            try await database.write { [rows] transaction in
                try transaction.insert([[.integer(600), .null, .null, .null, .null], rows[0]], into: "many", columns)
            }
        }
        await #expect(throws: StorageError.self) {
            try await database.write { try $0.insert([[.integer(601), .text("a\0b"), .null, .null, .null]], into: "many", columns) }
        }
        try await database.write { try $0.insert([[.integer(602), .null, .null, .null, .null]], into: "many", columns) }
        #expect(try await database.read { try $0.value("SELECT count(*) FROM many WHERE id >= 600", as: Int.self) } == 1)
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `a closure that throws takes back only its own changes`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        let kept = await withTaskGroup(of: String?.self) { group in
            for number in 0..<300 {
                group.addTask {
                    let body = "\(number)"
                    do {
                        try await database.write {
                            try $0.run("INSERT INTO note (body) VALUES (\(body))")
                            if number % 3 == 0 { throw Stop() }
                        }
                        return body
                    } catch {
                        return error is Stop ? nil : "unexpected \(error)"
                    }
                }
            }
            return await group.reduce(into: Set<String>()) { if let body = $1 { $0.insert(body) } }
        }
        #expect(kept.count == 200)
        #expect(Set(try await database.read { try $0.bodies() }) == kept)
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `a failed statement leaves the rest of its transaction to the caller`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        await #expect(throws: StorageError.notUnique(constraint: "note.body")) {
            try await database.write {
                try $0.run("INSERT INTO note (body) VALUES ('one')")
                try $0.run("INSERT INTO note (body) VALUES ('one')")
            }
        }
        // Each engine names it in its own way.
        await #expect {
            try await database.write { try $0.run("INSERT INTO note (body, stars) VALUES ('two', \(-1))") }
        } throws: { error in
            if case StorageError.constraint = error { true } else { false }
        }
        await #expect(throws: StorageError.self) {
            try await database.write { try $0.run("INSERT INTO note (body) VALUES (\(Value.null))") }
        }
        #expect(try await database.read { try $0.count() } == 0)
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `after a failed statement a transaction accepts no more, and keeps nothing, whatever its closure makes of it`(
        kind: EngineUnderTest
    )
        async throws
    {
        let installation = try await kind.start()
        let database = try await installation.database()
        try await database.write { try $0.run("INSERT INTO note (body) VALUES ('one')") }
        let taken = StorageError.notUnique(constraint: "note.body")
        let isRefused = Counter()
        await #expect(throws: taken) {
            try await database.write { transaction in
                try transaction.run("INSERT INTO note (body) VALUES ('two')")
                _ = try? transaction.run("INSERT INTO note (body) VALUES ('one')")
                do { try transaction.run("INSERT INTO note (body) VALUES ('three')") } catch { isRefused.increment() }
                do { _ = try transaction.count() } catch { isRefused.increment() }
            }
        }
        #expect(isRefused.value == 2)
        #expect(try await database.read { try $0.bodies() } == ["one"])
        // An error of the closure's own, and a failed read, are no different.
        await #expect(throws: StorageError.self) {
            try await database.write { transaction in
                _ = try? transaction.rows("SELECT absent FROM note")
                try transaction.run("INSERT INTO note (body) VALUES ('four')")
            }
        }
        await #expect(throws: Stop.self) {
            try await database.write { transaction in
                do { try transaction.run("INSERT INTO note (body) VALUES ('one')") } catch { throw Stop() }
            }
        }
        #expect(try await database.read { try $0.bodies() } == ["one"])
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `a unique index over an expression is named in the error`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let schema = Schema(name: "names", [firstNote, Migration("note_0002", ["CREATE UNIQUE INDEX note_folded ON note (lower(body))"])])
        let database = try await installation.database(schema: schema)
        await #expect(throws: StorageError.notUnique(constraint: "note_folded")) {
            try await database.write {
                try $0.run("INSERT INTO note (body) VALUES ('Word')")
                try $0.run("INSERT INTO note (body) VALUES ('word')")
            }
        }
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `a deferred constraint refuses only the write that broke it`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let schema = Schema(
            name: "deferred",
            [
                firstNote,
                Migration(
                    "note_0002",
                    ["CREATE TABLE remark (note INTEGER NOT NULL REFERENCES note (id) DEFERRABLE INITIALLY DEFERRED, body TEXT NOT NULL)"]),
            ])
        let database = try await installation.database(schema: schema)
        try await database.write { try $0.run("INSERT INTO note (id, body) VALUES (1, 'note')") }
        let kept = await withTaskGroup(of: Int.self) { group in
            for number in 0..<40 {
                group.addTask {
                    do {
                        try await database.write { try $0.run("INSERT INTO remark VALUES (\(number % 2 == 0 ? 1 : 999), \("\(number)"))") }
                        return 1
                    } catch {
                        return 0
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(kept == 20)
        #expect(try await database.read { try $0.value("SELECT count(*) FROM remark WHERE note = 1", as: Int.self) } == 20)
        #expect(try await database.read { try $0.value("SELECT count(*) FROM remark", as: Int.self) } == 20)
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `run tells how many rows changed, and RETURNING gives them`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        let (changed, none, returned) = try await database.write { transaction in
            try transaction.run("INSERT INTO note (body, stars) VALUES ('a', 1), ('b', 2), ('c', 3)")
            let changed = try transaction.run("UPDATE note SET stars = stars + 1 WHERE stars >= \(2)")
            let none = try transaction.run("DELETE FROM note WHERE body = \("absent")")
            let returned = try transaction.rows("UPDATE note SET stars = 0 RETURNING body").map { try $0.get(0, as: String.self) }
            return (changed, none, returned)
        }
        #expect(changed == 2)
        #expect(none == 0)
        #expect(returned.sorted() == ["a", "b", "c"])
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `the position grows with every commit and survives a restart`(kind: EngineUnderTest) async throws {
        var installation = try await kind.start()
        var database = try await installation.database()
        var positions = [try await database.position()]
        for round in 0..<6 {
            try await database.write { try $0.run("INSERT INTO note (body) VALUES (\("\(round)"))") }
            positions.append(try await database.position())
            if round == 2 {
                installation = try await installation.restarted()
                database = try await installation.open()
                #expect(try await database.position() == positions.last)
            }
        }
        #expect(zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 })
        await #expect(throws: Stop.self) { try await database.write { _ in throw Stop() } }
        #expect(try await database.position() == positions.last)
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `a transaction is dead after its closure`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        final class Escape: @unchecked Sendable { var transaction: (any Transaction)? }
        let escape = Escape()
        try await database.write { escape.transaction = $0 }
        #expect(throws: StorageError.closed) { try escape.transaction?.run("DELETE FROM note") }
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `transaction control is the engine's own business`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        for statement in ["COMMIT", " rollback", "BEGIN", "-- x\nCOMMIT", "SELECT 1; SELECT 2"] as [SQL] {
            await #expect(throws: StorageError.self) { try await database.write { try $0.run(statement) } }
        }
        try await database.write { try $0.run("INSERT INTO note (body) VALUES ('still works')") }
        #expect(try await database.read { try $0.count() } == 1)
        await installation.engine.shutdown()
    }

    @Test(arguments: EngineUnderTest.allCases)
    func `more writes than may wait are refused as overloaded, and nothing of them is kept`(kind: EngineUnderTest) async throws {
        let installation = try await kind.start()
        let database = try await installation.database()
        let released = Counter()
        let hasBegun = Counter()
        async let slow: Void = database.write { (_: any Transaction) -> Void in
            hasBegun.increment()
            while released.value == 0 { rest() }
        }
        while hasBegun.value == 0 { try await Task.sleep(for: .milliseconds(1)) }
        let refused = await withTaskGroup(of: Int.self) { group in
            for number in 0..<1500 {
                group.addTask {
                    do {
                        try await database.write { try $0.run("INSERT INTO note (body) VALUES (\("\(number)"))") }
                        return 0
                    } catch {
                        return error as? StorageError == .overloaded ? 1 : 10_000
                    }
                }
            }
            group.addTask {
                try? await Task.sleep(for: .milliseconds(300))
                released.increment()
                return 0
            }
            return await group.reduce(0, +)
        }
        _ = try await slow
        #expect((1..<1500).contains(refused))
        #expect(try await database.read { try $0.count() } == 1500 - refused)
        await installation.engine.shutdown()
    }
}
