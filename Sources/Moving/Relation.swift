import Storage

/// One table as both engines have it.
struct Relation: Sendable, Hashable {
    let name: SQLName
    /// By name, so that the engines' own order doesn't matter.
    let columns: [SQLName]
    /// Where in `columns` the primary key's stand, in the key's order.
    let key: [Int]

    var keyColumns: [SQLName] { key.map { columns[$0] } }
    var columnList: SQL { columns.map { "\($0)" as SQL }.joined() }
    var keyList: SQL { keyColumns.map { "\($0)" as SQL }.joined() }

    func key(of row: Row) -> RowKey { key.map { row.values[$0] } }

    /// A condition that holds for the rows with one of `keys`.
    func among(_ keys: some Sequence<RowKey>) -> SQL {
        let values = keys.map { key in "(\(key.map { "\($0)" as SQL }.joined()))" as SQL }.joined()
        return key.count == 1 ? "\(keyList) IN (VALUES \(values))" : "(\(keyList)) IN (VALUES \(values))"
    }

    /// The keys that there are in a stretch, by their bytes.
    func keys(from first: RowKey, through last: RowKey, in reader: any Reader) throws -> Set<[UInt8]> {
        let (low, high) = (Self.list(first), Self.list(last))
        var found: Set<[UInt8]> = []
        try reader.each("SELECT \(keyList) FROM \(name) WHERE (\(keyList)) >= (\(low)) AND (\(keyList)) <= (\(high))") {
            found.insert(RowCode.bytes($0.values))
        }
        return found
    }

    /// The next rows behind `key` in the key's order, up to the one with the key `last`.
    func rows(after key: RowKey?, upTo last: RowKey, limit: Int) -> SQL {
        let start: SQL = key.map { "(\(keyList)) > (\(Self.list($0))) AND" } ?? ""
        return """
            SELECT \(columnList) FROM \(name) WHERE \(start) (\(keyList)) <= (\(Self.list(last))) ORDER BY \(keyList) LIMIT \(limit)
            """
    }

    /// The greatest key; nil where there are no rows.
    func lastKey(in reader: any Reader) throws -> RowKey? {
        let descending = keyColumns.map { "\($0) DESC" as SQL }.joined()
        return try reader.row("SELECT \(keyList) FROM \(name) ORDER BY \(descending) LIMIT 1")?.values
    }

    private static func list(_ key: RowKey) -> SQL { key.map { "\($0)" as SQL }.joined() }
}

extension Relation {
    /// The engines' own tables, and those of a move.
    private static let own: Set<String> = ["schema_migration", "commit_position", "key_mark", "move_change", "move_fence"]

    /// Every table that is copied, those that others refer to before those others.
    /// - Throws: ``MoveFault`` `.unfit`.
    static func all(in reader: any Reader, except derived: Set<String>) throws -> [Relation] {
        let names = try tableNames(in: reader).filter { !own.contains($0) && !derived.contains($0) }
        var found: [String: Relation] = [:]
        var parents: [String: Set<String>] = [:]
        for name in names {
            found[name] = try describe(name, in: reader)
            parents[name] = try Self.parents(of: name, in: reader).intersection(names).subtracting([name])
        }
        var sorted: [Relation] = []
        var rest = names.sorted()
        while !rest.isEmpty {
            let placed = Set(sorted.map(\.name.text))
            // Tables that refer to each other in a circle come as they are: what they refer to is looked at when the transaction ends.
            let next = rest.first { parents[$0]?.isSubset(of: placed) ?? true } ?? rest[0]
            rest.removeAll { $0 == next }
            if let relation = found[next] { sorted.append(relation) }
        }
        return sorted
    }

    private static func tableNames(in reader: any Reader) throws -> [String] {
        let sql: SQL =
            switch reader.dialect {
            case .sqlite:
                "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND substr(name, 1, 7) <> 'sqlite_'"
            case .postgres:
                """
                SELECT CAST(table_name AS text) FROM information_schema.tables
                WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
                """
            }
        return try reader.rows(sql).map { try $0.get(0) }
    }

    private static func describe(_ table: String, in reader: any Reader) throws -> Relation {
        let sql: SQL =
            switch reader.dialect {
            case .sqlite: "SELECT name, pk, type FROM pragma_table_info(\(table)) ORDER BY name"
            case .postgres:
                """
                SELECT CAST(c.column_name AS text), coalesce((
                    SELECT CAST(k.ordinal_position AS bigint) FROM information_schema.table_constraints t
                    JOIN information_schema.key_column_usage k ON k.constraint_name = t.constraint_name AND k.table_schema = t.table_schema
                        AND k.table_name = t.table_name
                    WHERE t.constraint_type = 'PRIMARY KEY' AND t.table_schema = c.table_schema AND t.table_name = c.table_name
                        AND k.column_name = c.column_name), 0), upper(CAST(c.data_type AS text))
                FROM information_schema.columns c WHERE c.table_schema = current_schema() AND CAST(c.table_name AS text) = \(table)
                ORDER BY 1
                """
            }
        var columns: [SQLName] = []
        var key: [(position: Int, column: Int)] = []
        for row in try reader.rows(sql) {
            guard let column = SQLName(try row.get(0, as: String.self)) else { throw MoveFault.unfit(table: table) }
            let position = try row.get(1, as: Int.self)
            if position > 0 {
                guard ["INTEGER", "INT", "BIGINT", "TEXT"].contains(try row.get(2, as: String.self)) else {
                    throw MoveFault.unfit(table: table)
                }
                key.append((position, columns.count))
            }
            columns.append(column)
        }
        guard let name = SQLName(table), !key.isEmpty else { throw MoveFault.unfit(table: table) }
        return Relation(name: name, columns: columns, key: key.sorted { $0.position < $1.position }.map(\.column))
    }

    private static func parents(of table: String, in reader: any Reader) throws -> Set<String> {
        let sql: SQL =
            switch reader.dialect {
            case .sqlite: "SELECT \"table\" FROM pragma_foreign_key_list(\(table))"
            case .postgres:
                """
                SELECT CAST(p.relname AS text) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
                WHERE k.contype = 'f' AND CAST(c.relname AS text) = \(table) AND c.relnamespace = CAST(current_schema() AS regnamespace)
                """
            }
        return Set(try reader.rows(sql).map { try $0.get(0, as: String.self) })
    }
}
