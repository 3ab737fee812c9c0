import Storage
import StorageSQLite
import TestSupport
import Vocabulary

/// An embedded engine in a directory of its own, with one raw key for all its databases.
final class EmbeddedEngine: Sendable {
    let directory: TemporaryDirectory
    let engine: SQLiteEngine
    let key = Secret((0..<32).map { UInt8($0) })

    init(options: SQLiteOptions = SQLiteOptions()) throws {
        directory = try TemporaryDirectory()
        engine = try SQLiteEngine(directory: directory.path + "/data", options: options)
    }

    /// A new database with `schema`; a random environment's unless it is named.
    func database(_ name: DatabaseName? = nil, schema: Schema) async throws -> any Database {
        let name = name ?? someEnvironment()
        try await engine.create(name, key: key, schema: schema) { _ in }
        return try await engine.open(name, schema: schema) { [key] in key }
    }
}
