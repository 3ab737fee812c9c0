import Storage
import StorageSQLite
import Vocabulary

/// An embedded engine in a directory of its own, with one raw key for all its databases.
package final class TestEngine: Sendable {
    package let directory: TemporaryDirectory
    package let engine: SQLiteEngine
    package let key = Secret((0..<32).map { UInt8($0) })

    package init(options: SQLiteOptions = SQLiteOptions()) throws {
        directory = try TemporaryDirectory()
        engine = try SQLiteEngine(directory: directory.path + "/data", options: options)
    }

    /// A new database with `schema`; a random environment's unless it is named.
    package func database(_ name: DatabaseName? = nil, schema: Schema) async throws -> any Database {
        let name = name ?? .environment(EnvironmentID(at: SystemClock().now(), entropy: SystemEntropy()))
        try await engine.create(name, key: key, schema: schema) { _ in }
        return try await engine.open(name, schema: schema) { [key] in key }
    }
}
