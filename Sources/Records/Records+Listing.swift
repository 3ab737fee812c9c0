import Storage
import Vocabulary

extension Records {
    package static let pageLimit = 500

    /// One page. Needs `view`; deleted ones need `restore`.
    package func list(in slug: String, _ query: Query, by actor: Actor) async throws -> RecordPage {
        try await workspace.read(by: actor) { [name = workspace.database.name] reader, design in
            let listing = try Listing(slug, query, design, by: actor, reader.dialect)
            guard (1...Self.pageLimit).contains(query.limit) else {
                throw Refusal.invalid("invalid-limit", "Ask for 1 to \(Self.pageLimit) records.", field: "limit")
            }
            let collection = listing.collection
            let cursor = Cursor(query, of: collection, database: name, key: design.cursorKey)
            let place = try query.cursor.map { try cursor.place(of: $0, count: listing.sort.keys.count) }
            let page: Listing.Page
            if case .before(let values)? = place {
                page = try listing.page(before: values, limit: query.limit, reader)
            } else {
                var start: [Value]?
                if case .after(let values)? = place { start = values }
                page = try listing.page(after: start, limit: query.limit, reader)
            }
            let records = page.records
            return RecordPage(
                collection: collection, records: records, next: page.next.map { cursor.text(for: .after($0)) },
                previous: page.previous.map { cursor.text(for: .before($0)) }, total: query.count ? try listing.count(reader) : nil,
                titles: query.titles ? try titles(for: records, in: collection, design, reader, by: actor) : [:])
        }
    }

    /// How many living records each visible collection has.
    package func counts(by actor: Actor) async throws -> [CollectionID: Int] {
        try await workspace.read(by: actor) { reader, design in
            var counts: [CollectionID: Int] = [:]
            for collection in design.collections where collection.deletedAt == nil && design.allows(actor, .view, in: collection.id) {
                counts[collection.id] = try reader.value(
                    "SELECT count(*) FROM record WHERE collection = \(collection.number) AND deleted_at IS NULL")
            }
            return counts
        }
    }

    /// When a record of each visible collection was last made, changed or deleted. Collections that never had one are missing.
    ///
    /// Two look-ups in indexes for each collection, however many records it has: identifiers grow with time.
    package func lastChanges(by actor: Actor) async throws -> [CollectionID: Instant] {
        try await workspace.read(by: actor) { reader, design in
            var changes: [CollectionID: Instant] = [:]
            for collection in design.collections where collection.deletedAt == nil && design.allows(actor, .view, in: collection.id) {
                let number = collection.number
                let made = try reader.value(
                    "SELECT created_at FROM record WHERE collection = \(number) ORDER BY id DESC LIMIT 1", as: Instant.self)
                let changed = try reader.value(
                    """
                    SELECT updated_at FROM record WHERE collection = \(number) AND updated_at IS NOT NULL ORDER BY updated_at DESC LIMIT 1
                    """, as: Instant.self)
                changes[collection.id] = [made, changed].compactMap(\.self).max()
            }
            return changes
        }
    }

    /// Titles of the records that these refer to, as far as `actor` may see them.
    package func titles(for records: [Record], in slug: String, by actor: Actor) async throws -> [RecordID: String] {
        try await workspace.read(by: actor) { reader, design in
            let collection = try design.collection(slug, for: .view, by: actor)
            return try titles(for: records, in: collection, design, reader, by: actor)
        }
    }

    /// Records of `slug` whose title holds `text`: choices for a reference field. All of the first ones if `text` is empty.
    package func suggestions(
        _ text: String, in slug: String, limit: Int = 20, by actor: Actor
    ) async throws -> [(id: RecordID, title: String)] {
        try await workspace.read(by: actor) { reader, design in
            let collection = try design.collection(slug, for: .view, by: actor)
            guard let title = collection.titleField.flatMap({ collection.field($0) }) else { return [] }
            let clean = text.utf8.count <= 200 ? text : String(text.prefix(50))
            let compiler = FilterCompiler(collection: collection)
            var condition: SQL = "collection = \(SQL.number(collection.number)) AND deleted_at IS NULL AND \(title.expression) IS NOT NULL"
            if !clean.isEmpty, title.type == .text {
                condition += " AND \(try compiler.compile(.comparison(field: title.key, .contains, .text(clean))))"
            }
            return try reader.rows(
                "SELECT id, \(title.expression) FROM record WHERE \(condition) ORDER BY \(title.expression), id LIMIT \(min(max(limit, 1), 100))"
            ).map { (id: try $0.get(0), title: try Self.title($0.get(1))) }
        }
    }

    private func titles(
        for records: [Record], in collection: Collection, _ design: Design, _ reader: any Reader, by actor: Actor
    ) throws -> [RecordID: String] {
        var wanted: [CollectionID: Set<RecordID>] = [:]
        let references = collection.fields.compactMap { field in
            if case .reference(let target) = field.type { (field.key, target) } else { nil }
        }
        if references.isEmpty { return [:] }
        for record in records {
            let values = record.values
            for (key, target) in references {
                if let id = values[key]?.string.flatMap({ RecordID($0) }) { wanted[target, default: []].insert(id) }
            }
        }
        var titles: [RecordID: String] = [:]
        for (target, ids) in wanted {
            guard let target = design.collection(target), target.deletedAt == nil, design.allows(actor, .view, in: target.id),
                let title = target.titleField.flatMap({ target.field($0) })
            else { continue }
            let list = ids.sorted().map { "\($0)" as SQL }.joined()
            let rows = try reader.rows(
                """
                SELECT id, \(title.expression) FROM record
                WHERE collection = \(target.number) AND id IN (\(list)) AND deleted_at IS NULL
                """)
            for row in rows { titles[try row.get(0)] = try Self.title(row.get(1)) }
        }
        return titles
    }

    private static func title(_ value: Value) -> String {
        switch value {
        case .text(let text): text
        case .integer(let number): String(number)
        case .real(let number): JSONValue.number(number).text
        case .null, .blob: "–"
        }
    }
}

/// A query that was read, checked and turned into SQL.
struct Listing {
    let collection: Collection
    let sort: Sort
    private let condition: SQL

    init(_ slug: String, _ query: Query, for permission: Permission = .view, _ design: Design, by actor: Actor, _ dialect: Dialect) throws {
        collection = try design.collection(slug, for: permission, by: actor)
        // Designing alone doesn't let anybody look into records.
        try design.require(.view, in: collection.id, by: actor)
        if query.deleted { try design.require(.restore, in: collection.id, by: actor) }
        sort = try Sort(query.sort, in: collection)
        var condition: SQL = "collection = \(SQL.number(collection.number))"
        condition += query.deleted ? " AND deleted_at IS NOT NULL" : " AND deleted_at IS NULL"
        if let text = query.filter, let filter = try FilterParser.parse(text) {
            condition += " AND \(try FilterCompiler(collection: collection).compile(filter))"
        }
        if let text = query.search, let words = try RecordSearch.condition(text, in: collection, dialect) {
            condition += " AND \(words)"
        }
        self.condition = condition
    }

    struct Page {
        var records: [Record]
        /// Sort values of the last record, if more follow.
        var next: [Value]?
        /// Sort values of the first record, if others come before it.
        var previous: [Value]?
    }

    /// The records that follow `place`, or the first ones.
    func page(after place: [Value]?, limit: Int, _ reader: any Reader) throws -> Page {
        let found = try rows(in: sort, after: place, limit: limit, reader)
        return Page(records: found.records, next: found.hasMore ? found.last : nil, previous: place == nil ? nil : found.first)
    }

    /// The records right before `place`, in the list's own order.
    func page(before place: [Value], limit: Int, _ reader: any Reader) throws -> Page {
        let found = try rows(in: sort.reversed, after: place, limit: limit, reader)
        return Page(records: found.records.reversed(), next: found.first, previous: found.hasMore ? found.last : nil)
    }

    private func rows(
        in sort: Sort, after place: [Value]?, limit: Int, _ reader: any Reader
    ) throws -> (records: [Record], first: [Value]?, last: [Value]?, hasMore: Bool) {
        var records: [Record] = []
        records.reserveCapacity(limit)
        var first: [Value]?
        var last: [Value]?
        var hasMore = false
        let keys = sort.keys.map(\.expression).joined()
        var condition = condition
        if let place { condition += " AND \(sort.after(place))" }
        // One more than asked for, to see whether there is one.
        let sql: SQL =
            "SELECT \(StoredRecord.columns), \(keys) FROM record WHERE \(condition) ORDER BY \(sort.clause) LIMIT \(limit + 1)"
        try reader.each(sql) { row in
            guard records.count < limit else { return hasMore = true }
            records.append(try Record(row: row, of: collection.id))
            if records.count == 1 { first = Array(row.values[8...]) }
            if records.count == limit { last = Array(row.values[8...]) }
        }
        return (records, first, last, hasMore)
    }

    func count(_ reader: any Reader) throws -> Int {
        try reader.value("SELECT count(*) FROM record WHERE \(condition)") ?? 0
    }
}
