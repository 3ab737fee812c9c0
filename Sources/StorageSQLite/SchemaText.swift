import Foundation
import GRDB
import Storage

extension SQLiteEngine {
    /// The SQL of every table, index, view and trigger that `schema` makes, in a fixed order: what `docs/schema` keeps.
    package static func schemaText(of schema: Schema) throws -> String {
        var configuration = Configuration()
        configuration.label = "schema"
        let queue = try DatabaseQueue(configuration: configuration)
        let statements = try queue.write { database in
            for migration in schema.migrations {
                for statement in migration.statements(.sqlite) {
                    try database.execute(sql: statement.text(.sqlite), arguments: StatementArguments(statement.binds.map(\.databaseValue)))
                }
            }
            // Full-text tables make shadow tables of their own: what follows from a virtual table is left out.
            return try String.fetchAll(
                database,
                sql: """
                    SELECT s.sql FROM sqlite_schema s
                    WHERE s.sql IS NOT NULL AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                      AND NOT EXISTS (
                        SELECT 1 FROM sqlite_schema v
                        WHERE v.sql LIKE 'CREATE VIRTUAL TABLE%' AND s.name LIKE replace(v.name, '_', '\\_') || '\\_%' ESCAPE '\\'
                          AND substr(s.name, length(v.name) + 2) IN ('data', 'idx', 'content', 'docsize', 'config'))
                    ORDER BY s.tbl_name, s.type DESC, s.name
                    """)
        }
        return statements.map { $0 + ";\n" }.joined()
    }
}

extension Storage.SQL {
    fileprivate var binds: [Value] {
        parts.compactMap { if case .bind(let value) = $0 { value } else { nil } }
    }
}

extension Value {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .real(let value): value.databaseValue
        case .text(let value): value.databaseValue
        case .blob(let value): Data(value).databaseValue
        }
    }
}
