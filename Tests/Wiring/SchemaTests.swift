import Foundation
import Storage
import StoragePostgres
import StorageSQLite
import TestSupport
import Testing
import Vocabulary
import Wiring

/// The schemas as reviewers read them: `docs/schema`. After a new migration, run the tests with `HOLDFAST_WRITE_SCHEMA=1`.
@Suite struct SchemaTests {
    @Test(arguments: [Schemas.control, Schemas.environment, Schemas.keyring])
    func `the committed schema is what the migrations make`(schema: Schema) throws {
        try expect(SQLiteEngine.schemaText(of: schema), in: "\(schema.name).sqlite.sql")
    }

    @Test(arguments: [Schemas.control, Schemas.environment, Schemas.keyring])
    func `on PostgreSQL too`(schema: Schema) async throws {
        let place = try PostgresPlace()
        let engine = try await place.start()
        let key = Secret([UInt8](repeating: 7, count: 32))
        try await engine.create(.control, key: key, schema: schema) { _ in }
        let database = try await engine.open(.control, schema: schema) { key }
        let made = try await PostgresEngine.schemaText(of: database)
        await engine.shutdown()
        try expect(made, in: "\(schema.name).postgres.sql")
    }

    private func expect(_ made: String, in name: String) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/schema/\(name)").standardizedFileURL
        if ProcessInfo.processInfo.environment["HOLDFAST_WRITE_SCHEMA"] != nil {
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(made.utf8).write(to: file)
        }
        let committed = try String(contentsOf: file, encoding: .utf8)
        #expect(committed == made, "docs/schema/\(name) is not what the migrations make")
    }

    @Test func `migrations have names of their own`() {
        for schema in [Schemas.control, Schemas.environment, Schemas.keyring] {
            #expect(Set(schema.migrations.map(\.name)).count == schema.migrations.count)
        }
    }
}

extension Schema: CustomTestStringConvertible {
    public var testDescription: String { name }
}
