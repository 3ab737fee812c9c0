import Foundation
import Storage
import StoragePostgres
import StorageSQLite
import Vocabulary

/// The engine that the domains' tests run on, with one raw key for all its databases, and a directory for what else a test keeps.
///
/// It is the embedded one unless `HOLDFAST_TEST_ENGINE` says `postgres`.
package final class TestEngine: Sendable {
    package static let isPostgres = ProcessInfo.processInfo.environment["HOLDFAST_TEST_ENGINE"] == "postgres"

    package let directory: TemporaryDirectory
    package let engine: any Engine
    package let key = Secret((0..<32).map { UInt8($0) })
    private let place: PostgresPlace?

    package init() async throws {
        directory = try TemporaryDirectory()
        if Self.isPostgres {
            let place = try PostgresPlace()
            self.place = place
            // One test alone has hardly two things to do at a time, and there are hundreds of them.
            engine = try await place.start { $0.connections = 4 }
        } else {
            place = nil
            engine = try SQLiteEngine(directory: directory.path + "/data")
        }
    }

    /// A new database with `schema`; a random environment's unless it is named.
    package func database(_ name: DatabaseName? = nil, schema: Schema) async throws -> any Database {
        let name = name ?? .environment(EnvironmentID(at: SystemClock().now(), entropy: SystemEntropy()))
        try await engine.create(name, key: key, schema: schema) { _ in }
        return try await engine.open(name, schema: schema) { [key] in key }
    }

    deinit {
        guard let place else { return }
        Task { [engine] in
            await engine.shutdown()
            withExtendedLifetime(place) {}
        }
    }
}

extension Dialect {
    /// Takes away what keeps a slip of ours from changing the audit log.
    package var unguardingTheAuditLog: [SQL] {
        switch self {
        case .sqlite: ["DROP TRIGGER IF EXISTS audit_entry_unchanged", "DROP TRIGGER IF EXISTS audit_entry_undeleted"]
        case .postgres: ["DROP TRIGGER IF EXISTS audit_entry_final ON audit_entry"]
        }
    }
}
