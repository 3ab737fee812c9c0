import Storage
import StorageSQLite
import TestSupport
import Testing
import Vocabulary

@Suite struct ContractTests {
    static let schema = Schema(
        name: "test", [Migration("test_0001", ["CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT NOT NULL UNIQUE) STRICT"])])

    @Test func `a row that was written is read back`() async throws {
        let fixture = try TestEngine()
        let database = try await fixture.database(schema: Self.schema)
        try await database.write { try $0.run("INSERT INTO note (body) VALUES (\("hello"))") }
        let bodies = try await database.read { try $0.rows("SELECT body FROM note").map { try $0.get("body", as: String.self) } }
        #expect(bodies == ["hello"])
        await fixture.engine.shutdown()
    }

    @Test func `a closure that throws takes back only its own changes`() async throws {
        let fixture = try TestEngine()
        let database = try await fixture.database(schema: Self.schema)
        struct Stop: Error {}
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    do {
                        try await database.write {
                            try $0.run("INSERT INTO note (body) VALUES (\("\(number)"))")
                            if number % 3 == 0 { throw Stop() }
                        }
                        return true
                    } catch { return false }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        let count = try await database.read { try $0.value("SELECT count(*) FROM note", as: Int.self) }
        #expect(outcomes == count)
        #expect(count == 133)
    }
}
