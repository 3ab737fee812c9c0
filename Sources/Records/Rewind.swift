import Crypto
import Moving
import Storage
import Vocabulary

/// Brings collections back to how they were, as one more change on top: what was done since stays in each record's history.
///
/// Nothing is erased and no version number comes twice, so that an `If-Match` of a page that is still open can't hit what it never saw. Roles and who
/// took over from whom stay as they are today: who may is never brought back.
package struct Rewind: Sendable {
    package struct Counts: Sendable, Hashable {
        /// Records made since, which are set aside among the deleted ones.
        package var gone = 0
        package var changed = 0
        /// Records deleted since, which are back.
        package var returned = 0
        /// Collections whose fields, names or presence changed.
        package var designs = 0

        package var all: Int { gone + changed + returned + designs }
    }

    package struct Outcome: Sendable {
        package let counts: Counts
        /// Living records, all of which were compared.
        package let records: Int
        /// SHA-256 over collection, id and content of each, in order; hexadecimal.
        package let digest: String
    }

    /// The collections by their ids; all of them for nil.
    private let chosen: Set<CollectionID>?
    private let author: Author
    private let now: Instant
    private let entropy: any Entropy

    package init(_ chosen: Set<CollectionID>?, by author: Author, at now: Instant, entropy: any Entropy) {
        self.chosen = chosen
        self.author = author
        self.now = now
        self.entropy = entropy
    }

    /// - Throws: ``Refusal`` `slug-taken`, `referenced-collection`, `collection-unknown`.
    package func run(from past: PastDatabase, in transaction: any Transaction) throws -> Outcome {
        var counts = Counts()
        let then = try past.read { try DesignRow.all(in: $0) }
        let today = try DesignRow.all(in: transaction)
        if let chosen {
            for id in chosen where !then.contains(where: { $0.id == id.description }) {
                throw Refusal.conflict(
                    "collection-unknown", "One of the collections was not there yet at that moment.", field: "collections")
            }
        }
        let names = chosen.map { Set($0.map(\.description)) }
        let wanted = then.filter { names?.contains($0.id) ?? true }
        if chosen == nil {
            for row in today where !row.isDeleted && !then.contains(where: { $0.id == row.id }) {
                try transaction.run("UPDATE collection SET deleted_at = \(now), version = version + 1 WHERE number = \(row.number)")
                counts.designs += 1
            }
        }
        var places: [(then: Int64, now: Int64)] = []
        for row in wanted {
            let present = today.first { $0.id == row.id }
            let (number, isChanged) = try put(row, over: present, others: today, in: transaction)
            if isChanged { counts.designs += 1 }
            places.append((row.number, number))
        }
        for place in places { try records(of: place, from: past, &counts, in: transaction) }
        // Makes the indexes that are missing now.
        try RecordDerivation().follow(["field": []], in: transaction)
        try Design.touch(in: transaction, entropy: entropy)
        var digest = SHA256()
        var digested = 0
        for (row, place) in zip(wanted, places) { digested += try compare(row.id, place, with: past, &digest, in: transaction) }
        return Outcome(
            counts: counts, records: digested, digest: digest.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    }

    /// Reads both sides once more: what is not equal now is not committed.
    private func compare(
        _ id: String, _ place: (then: Int64, now: Int64), with past: PastDatabase, _ digest: inout SHA256, in transaction: any Transaction
    ) throws -> Int {
        var count = 0
        var after: String? = ""
        while let start = after {
            let collection = place.then
            let then = try past.read { try RecordPair.page(of: collection, after: start, in: $0) }
            let (pairs, next) = RecordPair.pairs(then, try RecordPair.page(of: place.now, after: start, in: transaction))
            after = next
            for pair in pairs {
                guard pair.step == nil else { throw StorageError.failed("a record is not as it was after going back") }
                guard let line = pair.now, !line.isDeleted else { continue }
                count += 1
                for text in [id, line.id, line.body] {
                    digest.update(data: Array(text.utf8))
                    digest.update(data: [0])
                }
            }
        }
        return count
    }

    // MARK: Collections and fields

    private func put(_ row: DesignRow, over present: DesignRow?, others: [DesignRow], in transaction: any Transaction) throws
        -> (number: Int64, isChanged: Bool)
    {
        if !row.isDeleted {
            let taken = try transaction.row(
                "SELECT 1 FROM collection WHERE slug = \(row.slug) AND deleted_at IS NULL AND id <> \(row.id)")
            guard taken == nil else {
                throw Refusal.conflict(
                    "slug-taken", "Another collection is called \(row.slug) now. Delete or rename that one first.", field: "collections")
            }
        }
        var number = row.number
        if let present {
            number = present.number
            try Self.dropIndexes(of: number, all: present.fields != row.fields, in: transaction)
            guard present.values != row.values || present.fields != row.fields else { return (number, false) }
            try transaction.run(
                """
                UPDATE collection SET slug = \(row.values[0]), name = \(row.values[1]), singular = \(row.values[2]),
                    description = \(row.values[3]), position = \(row.values[4]), title_field = \(row.values[5]),
                    deleted_at = \(row.values[6]), version = version + 1
                WHERE number = \(number)
                """)
        } else {
            if try transaction.row("SELECT 1 FROM collection WHERE number = \(number)") != nil {
                number = (try transaction.value("SELECT max(number) FROM collection", as: Int64.self) ?? 0) + 1
            }
            try transaction.run(
                """
                INSERT INTO collection (number, id, version, created_at, created_by, slug, name, singular, description, position, title_field, deleted_at)
                VALUES (\(number), \(row.id), \(row.made[0]), \(row.made[1]), \(row.made[2]),
                    \(row.values[0]), \(row.values[1]), \(row.values[2]), \(row.values[3]), \(row.values[4]), \(row.values[5]), \(row.values[6]))
                """)
        }
        if present?.fields != row.fields { try fields(row.fields, of: number, in: transaction) }
        return (number, true)
    }

    private func fields(_ fields: [[Value]], of collection: Int64, in transaction: any Transaction) throws {
        try transaction.run("DELETE FROM field WHERE collection = \(collection)")
        for field in fields {
            // A number that another field has now would be another field's index.
            var number = field[0]
            if try transaction.row("SELECT 1 FROM field WHERE number = \(number)") != nil {
                number = .integer((try transaction.value("SELECT max(number) FROM field", as: Int64.self) ?? 0) + 1)
            }
            try transaction.insert(
                [[number, .integer(collection)] + field.dropFirst()], into: "field",
                [
                    "number", "collection", "id", "field_key", "label", "type", "options", "target", "is_required", "is_unique",
                    "is_indexed", "position",
                ])
        }
        for case .text(let target) in fields.map({ $0[6] }) {
            guard try transaction.row("SELECT 1 FROM collection WHERE id = \(target) AND deleted_at IS NULL") != nil else {
                guard chosen != nil else { continue }
                throw Refusal.conflict(
                    "referenced-collection", "A collection that this one refers to is deleted. Choose that one too.", field: "collections")
            }
        }
    }

    /// Two records that exchange a unique value would be in each other's way; and a field may come back with another type.
    private static func dropIndexes(of collection: Int64, all: Bool, in transaction: any Transaction) throws {
        for number in try transaction.rows("SELECT number FROM field WHERE collection = \(collection)").map({
            try $0.get(0, as: Int64.self)
        }) {
            for prefix in all ? ["u", "i"] : ["u"] {
                if let name = SQLName("record_\(prefix)\(number)") { try transaction.run("DROP INDEX IF EXISTS \(name)") }
            }
        }
    }

    // MARK: Records

    private func records(
        of place: (then: Int64, now: Int64), from past: PastDatabase, _ counts: inout Counts, in transaction: any Transaction
    )
        throws
    {
        var after: String? = ""
        while let start = after {
            let collection = place.then
            let then = try past.read { try RecordPair.page(of: collection, after: start, in: $0) }
            let (pairs, next) = RecordPair.pairs(then, try RecordPair.page(of: place.now, after: start, in: transaction))
            after = next
            var touched: [RowKey] = []
            for pair in pairs {
                guard let step = pair.step else { continue }
                switch step {
                case .goes: counts.gone += 1
                case .changes: counts.changed += 1
                case .returns: counts.returned += 1
                }
                if let present = pair.now {
                    try overwrite(present, with: step == .goes ? nil : pair.then?.body, in: transaction)
                    touched.append([.integer(present.number)])
                } else if let then = pair.then {
                    touched.append([.integer(try bringBack(then, to: place.now, from: past, in: transaction))])
                }
            }
            if !touched.isEmpty { try RecordDerivation().follow(["record": touched], in: transaction) }
        }
    }

    /// A new version: `body`, or deleted where there is none.
    private func overwrite(_ line: RecordPair.Line, with body: String?, in transaction: any Transaction) throws {
        let number = line.number
        try transaction.run(
            """
            INSERT INTO record_version (number, version, action, body, at, author)
            SELECT number, version, action, body, coalesce(updated_at, created_at), coalesce(updated_by, created_by)
            FROM record WHERE number = \(number)
            """)
        let action: RecordVersion.Action = body == nil ? .deleted : .restored
        try transaction.run(
            """
            UPDATE record SET version = version + 1, action = \(action.code), body = \(body ?? line.body), updated_at = \(now),
                updated_by = \(author.text), deleted_at = \(body == nil ? now : nil)
            WHERE number = \(number)
            """)
    }

    /// A record of which nothing is left, with its history as it was.
    private func bringBack(_ line: RecordPair.Line, to collection: Int64, from past: PastDatabase, in transaction: any Transaction) throws
        -> Int64
    {
        let old = line.number
        let (row, versions) = try past.read { reader in
            (
                try reader.row(
                    """
                    SELECT id, version, action, body, created_at, created_by, updated_at, updated_by, deleted_at FROM record
                    WHERE number = \(old)
                    """)?.values,
                try reader.rows("SELECT version, action, body, at, author FROM record_version WHERE number = \(old)").map(\.values)
            )
        }
        guard let row else { throw StorageError.failed("a record is gone while it is read") }
        var number = old
        let isTaken = try transaction.row("SELECT 1 FROM record WHERE number = \(old)") != nil
        let hasHistory = try transaction.row("SELECT 1 FROM record_version WHERE number = \(old)") != nil
        if isTaken || hasHistory {
            let last = try transaction.value("SELECT max(number) FROM record", as: Int64.self) ?? 0
            let lastOld = try transaction.value("SELECT max(number) FROM record_version", as: Int64.self) ?? 0
            number = max(last, lastOld) + 1
        }
        try transaction.insert(
            [[.integer(number), .integer(collection)] + row], into: "record",
            [
                "number", "collection", "id", "version", "action", "body", "created_at", "created_by", "updated_at", "updated_by",
                "deleted_at",
            ])
        try transaction.insert(
            versions.map { [.integer(number)] + $0 }, into: "record_version", ["number", "version", "action", "body", "at", "author"])
        return number
    }
}

/// A collection with its fields, as the tables have them.
struct DesignRow: Sendable {
    let number: Int64
    let id: String
    let slug: String
    let name: String
    let titleField: String?
    let isDeleted: Bool
    /// `version`, `created_at`, `created_by`.
    let made: [Value]
    /// `slug`, `name`, `singular`, `description`, `position`, `title_field`, `deleted_at`.
    let values: [Value]
    /// `number`, `id`, `field_key`, `label`, `type`, `options`, `target`, `is_required`, `is_unique`, `is_indexed`, `position`.
    let fields: [[Value]]

    static func all(in reader: any Reader) throws -> [DesignRow] {
        var fields: [Int64: [[Value]]] = [:]
        try reader.each(
            """
            SELECT collection, number, id, field_key, label, type, options, target, is_required, is_unique, is_indexed, position
            FROM field ORDER BY collection, number
            """
        ) { fields[try $0.get(0), default: []].append(Array($0.values.dropFirst())) }
        return try reader.rows(
            """
            SELECT number, id, version, created_at, created_by, slug, name, singular, description, position, title_field, deleted_at
            FROM collection ORDER BY position, number
            """
        ).map { row in
            let number: Int64 = try row.get(0)
            return DesignRow(
                number: number, id: try row.get(1), slug: try row.get(5), name: try row.get(6), titleField: try row.get(10),
                isDeleted: try row.get(11, as: Int64?.self) != nil, made: Array(row.values[2...4]), values: Array(row.values[5...11]),
                fields: fields[number] ?? [])
        }
    }
}
