import Storage
import Vocabulary

/// The words of records, for full-text search: FTS5 without its own copy of the text on SQLite, a `tsvector` on PostgreSQL.
/// Written in the transaction that writes the record. SQLite tells words apart and folds them by itself, for PostgreSQL ``SearchWords`` does.
enum RecordSearch {
    static let migration = Migration("records_0004_search") { dialect in
        switch dialect {
        case .sqlite:
            [
                """
                CREATE VIRTUAL TABLE record_search USING fts5 (
                    words, content='', contentless_delete=1, detail=none, tokenize='unicode61 remove_diacritics 2'
                )
                """
            ]
        case .postgres:
            [
                "CREATE TABLE record_search (number BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
                "CREATE INDEX record_search_by_words ON record_search USING GIN (words)",
            ]
        }
    }

    static let wordsLimit = 16

    static func store(_ text: String, of number: Int64, in collection: Collection, _ transaction: any Transaction) throws {
        let words = indexed(text, collection.number, transaction.dialect)
        switch transaction.dialect {
        case .sqlite: try transaction.run("INSERT OR REPLACE INTO record_search (rowid, words) VALUES (\(number), \(words))")
        case .postgres:
            try transaction.run(
                """
                INSERT INTO record_search (number, words) VALUES (\(number), array_to_tsvector(string_to_array(\(words), ' ')))
                ON CONFLICT (number) DO UPDATE SET words = excluded.words
                """)
        }
    }

    /// The same of many records.
    static func store(_ texts: [(number: Int64, text: String, collection: Collection)], _ transaction: any Transaction) throws {
        let dialect = transaction.dialect
        for start in stride(from: 0, to: texts.count, by: 50) {
            var sql: SQL = dialect == .sqlite ? "INSERT OR REPLACE INTO record_search (rowid, words) VALUES " : insertion(dialect)
            for (index, one) in texts[start..<min(start + 50, texts.count)].enumerated() {
                let words = indexed(one.text, one.collection.number, dialect)
                sql += SQL(parts: values(.integer(one.number), words, isFirst: index == 0, dialect))
            }
            if dialect == .postgres { sql += " ON CONFLICT (number) DO UPDATE SET words = excluded.words" }
            try transaction.run(sql)
        }
    }

    static func remove(_ number: Int64, in transaction: any Transaction) throws {
        switch transaction.dialect {
        case .sqlite: try transaction.run("DELETE FROM record_search WHERE rowid = \(number)")
        case .postgres: try transaction.run("DELETE FROM record_search WHERE number = \(number)")
        }
    }

    static func insertion(_ dialect: Dialect) -> SQL {
        dialect == .sqlite ? "INSERT INTO record_search (rowid, words) VALUES " : "INSERT INTO record_search (number, words) VALUES "
    }

    /// One row of many for ``insertion(_:)``.
    static func values(_ number: Value, _ words: String, isFirst: Bool, _ dialect: Dialect) -> [SQL.Part] {
        let open: StaticString = isFirst ? "(" : ", ("
        switch dialect {
        case .sqlite: return [.literal(open), .bind(number), .literal(", "), .bind(.text(words)), .literal(")")]
        case .postgres:
            return [
                .literal(open), .bind(number), .literal(", array_to_tsvector(string_to_array("), .bind(.text(words)), .literal(", ' ')))"),
            ]
        }
    }

    /// The words as they are indexed. The collection's own word comes first, so that a search meets only this collection's records;
    /// a private-use character keeps it apart from what people write.
    static func indexed(_ text: String, _ collection: Int, _ dialect: Dialect) -> String {
        guard dialect == .sqlite else { return (["\(mark)\(collection)"] + SearchWords.folded(text)).joined(separator: " ") }
        // Whoever writes that character is not searched for it.
        let clean = text.unicodeScalars.contains(mark) ? String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != mark })) : text
        return "\(mark)\(collection) \(clean)"
    }

    /// A condition on `record.number` that holds for records with words beginning with each of `text`'s; nil if there are no words in it.
    static func condition(_ text: String, in collection: Collection, _ dialect: Dialect) throws -> SQL? {
        let words = try words(of: text)
        guard !words.isEmpty else { return nil }
        switch dialect {
        case .sqlite:
            let match = ("\"\(mark)\(collection.number)\"" + words.map { " AND \"\($0)\"*" }.joined())
            return "number IN (SELECT rowid FROM record_search WHERE record_search MATCH \(match))"
        case .postgres:
            let match = ("'\(mark)\(collection.number)'" + SearchWords.folded(text).map { " & '\($0)':*" }.joined())
            return "number IN (SELECT number FROM record_search WHERE words @@ CAST(\(match) AS tsquery))"
        }
    }

    /// Letters and digits only, so that nothing of the engine's own search language gets through.
    static func words(of text: String) throws -> [String] {
        guard text.utf8.count <= 1000 else {
            throw Refusal.invalid("search-too-long", "Search for at most 1,000 characters.", field: "search")
        }
        let words = text.unicodeScalars.split { !SearchWords.hold($0) }.map { String($0) }
        guard words.count <= wordsLimit else {
            throw Refusal.invalid("search-too-long", "Search for at most \(wordsLimit) words.", field: "search")
        }
        return words
    }

    private static let mark: Unicode.Scalar = "\u{E000}"
}
