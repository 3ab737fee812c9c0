import Foundation
import Storage
import StorageSQLite
import Testing
import Wiring

/// The schemas as reviewers read them: `docs/schema`. After a new migration, run the tests with `HOLDFAST_WRITE_SCHEMA=1`.
@Suite struct SchemaTests {
    @Test(arguments: [Schemas.control, Schemas.environment, Schemas.keyring])
    func `the committed schema is what the migrations make`(schema: Schema) throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/schema/\(schema.name).sqlite.sql").standardizedFileURL
        let made = try SQLiteEngine.schemaText(of: schema)
        if ProcessInfo.processInfo.environment["HOLDFAST_WRITE_SCHEMA"] != nil {
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(made.utf8).write(to: file)
        }
        let committed = try String(contentsOf: file, encoding: .utf8)
        #expect(committed == made, "docs/schema/\(schema.name).sqlite.sql is not what the migrations make")
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
