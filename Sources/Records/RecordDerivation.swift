import Moving
import Storage
import Vocabulary

/// What follows from an environment's rows: the index over records' words, and the indexes of designed fields. Made anew where its database moves to.
package struct RecordDerivation: Derivation {
    package init() {}

    package var tables: Set<String> { ["record_search"] }

    package func follow(_ keys: [String: [RowKey]], in transaction: any Transaction) throws {
        let records = keys["record"] ?? []
        let isRedesigned = keys["field"] != nil || keys["collection"] != nil
        guard isRedesigned || !records.isEmpty else { return }
        let design = try Design.load(stamp: 0, cursorKey: [], from: transaction)
        if isRedesigned { try Self.index(design.collections, in: transaction) }
        let collections = Dictionary(design.collections.map { ($0.number, $0) }) { first, _ in first }
        let numbers = try records.map { key in
            guard case .integer(let number)? = key.first else { throw StorageError.unexpectedColumn("record.number") }
            return number
        }
        for start in stride(from: 0, to: numbers.count, by: 100) {
            try Self.follow(numbers[start..<min(start + 100, numbers.count)], collections, in: transaction)
        }
    }

    private static func follow(_ numbers: ArraySlice<Int64>, _ collections: [Int: Collection], in transaction: any Transaction) throws {
        var gone = Set(numbers)
        var texts: [(number: Int64, text: String, collection: Collection)] = []
        let list = numbers.map { "(\($0))" as SQL }.joined()
        try transaction.each("SELECT number, collection, body FROM record WHERE number IN (VALUES \(list))") { row in
            let number: Int64 = try row.get(0)
            gone.remove(number)
            guard let collection = collections[try row.get(1)] else { return }
            let values = try JSONReader.read(row.get(2, as: String.self).utf8).object ?? [:]
            texts.append((number, RecordValues.searched(values, in: collection), collection))
        }
        try RecordSearch.store(texts, transaction)
        for number in gone { try RecordSearch.remove(number, in: transaction) }
    }

    package func counts(in reader: any Reader) throws -> [String: Int] {
        let indexes = try Self.indexes(in: reader)
        return [
            "record_search": try reader.value("SELECT count(*) FROM record_search") ?? 0,
            "indexes of fields": indexes.count,
        ]
    }

    /// Makes the fields' indexes that are missing, and drops those of fields that are gone.
    private static func index(_ collections: [Collection], in transaction: any Transaction) throws {
        let present = try indexes(in: transaction)
        var wanted: Set<String> = []
        for collection in collections {
            for field in collection.fields {
                if field.unique {
                    wanted.insert(field.uniqueIndexName.text)
                    if !present.contains(field.uniqueIndexName.text) { try field.makeUniqueIndex(of: collection.number, in: transaction) }
                }
                if field.indexed {
                    wanted.insert(field.indexName.text)
                    if !present.contains(field.indexName.text) { try field.makeIndex(of: collection.number, in: transaction) }
                }
            }
        }
        for name in present.subtracting(wanted).compactMap({ SQLName($0) }) { try transaction.run("DROP INDEX \(name)") }
    }

    /// The names of the indexes of designed fields that there are.
    private static func indexes(in reader: any Reader) throws -> Set<String> {
        let sql: SQL =
            switch reader.dialect {
            case .sqlite: "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'record'"
            case .postgres: "SELECT CAST(indexname AS text) FROM pg_indexes WHERE schemaname = current_schema() AND tablename = 'record'"
            }
        let names = try reader.rows(sql).map { try $0.get(0, as: String.self) }
        return Set(names.filter { $0.wholeMatch(of: /record_[iu][0-9]+/) != nil })
    }
}

extension RecordValues {
    /// What search looks at in a body that stands already.
    static func searched(_ values: JSONObject, in collection: Collection) -> String {
        collection.fields.filter(\.type.isSearched).compactMap { values[$0.key]?.string }.joined(separator: "\n")
    }
}

extension Field {
    func makeUniqueIndex(of collection: Int, in transaction: any Transaction) throws {
        try transaction.run(
            """
            CREATE UNIQUE INDEX \(uniqueIndexName) ON record ((\(expression)))
            WHERE collection = \(SQL.number(collection)) AND deleted_at IS NULL
            """)
    }

    func makeIndex(of collection: Int, in transaction: any Transaction) throws {
        let order: SQL = transaction.dialect == .postgres ? " NULLS FIRST" : ""
        try transaction.run(
            """
            CREATE INDEX \(indexName) ON record ((\(expression))\(order), id)
            WHERE collection = \(SQL.number(collection)) AND deleted_at IS NULL
            """)
    }
}
