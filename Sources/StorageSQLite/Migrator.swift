import GRDBSQLite
import Storage

/// Brings a database to its schema. What was applied is kept by name in `schema_migration`.
struct Migrator {
    let schema: Schema

    private static let foundation: [SQL] = [
        "CREATE TABLE schema_migration (position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
        "CREATE TABLE commit_position (id INTEGER PRIMARY KEY CHECK (id = 1), sequence INTEGER NOT NULL) STRICT",
        "INSERT INTO commit_position (id, sequence) VALUES (1, 1)",
    ]

    /// Everything from nothing.
    func build(_ transaction: SQLiteTransaction) throws {
        for statement in Self.foundation { try transaction.run(statement) }
        try apply(schema.migrations, transaction)
    }

    /// - Throws: ``StorageError`` `.unreadable` where the database is not one of ours, `.newerSchema` where it knows steps that we don't.
    func missing(_ reader: SQLiteTransaction) throws -> [Migration] {
        let applied: [String]
        do {
            applied = try reader.rows("SELECT name FROM schema_migration ORDER BY position").map { try $0.get(0) }
        } catch StorageError.failed {
            throw StorageError.unreadable
        }
        let known = Set(schema.migrations.map(\.name))
        if let foreign = applied.last(where: { !known.contains($0) }) { throw StorageError.newerSchema(found: foreign) }
        let done = Set(applied)
        return schema.migrations.filter { !done.contains($0.name) }
    }

    func apply(_ migrations: [Migration], _ transaction: SQLiteTransaction) throws {
        for migration in migrations {
            for statement in migration.statements(.sqlite) { try transaction.run(statement) }
            try transaction.run("INSERT INTO schema_migration (name) VALUES (\(migration.name))")
        }
    }
}
