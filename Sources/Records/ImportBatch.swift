import Crypto
import Storage
import Vocabulary

/// Stores a batch of prepared rows inside one transaction, some hundred to a statement.
struct ImportBatch {
    struct Outcome: Sendable {
        var imported = 0
        var refused: [RefusedLine] = []
        /// Internal numbers of the new records, to take them back.
        var numbers: ClosedRange<Int64>?
        var first: RecordID?
        var last: RecordID?
        /// SHA-256 over the stored bodies, a line each: what the audit log knows about them.
        var digest = ""
        /// Where the next batch's ids start, so that they follow in the file's order.
        var nextMillisecond: Int64 = 0
    }

    static let rowsPerStatement = 100

    let collection: Collection
    let design: Design
    let author: Author
    let now: Instant
    let entropy: any Entropy

    /// Sorts out rows whose unique values are taken or whose references are unknown, and turns names into ids.
    func resolve(_ rows: [ImportRow], _ reader: any Reader) throws -> (good: [ImportRow], refused: [RefusedLine]) {
        var problems: [Int: [Refusal.FieldProblem]] = [:]
        for (index, field) in collection.fields.enumerated() where field.unique {
            try findDuplicates(rows, index, field, reader, into: &problems)
        }
        var names: [Int: [String: String]] = [:]
        for (index, field) in collection.fields.enumerated() {
            guard case .reference(let target) = field.type else { continue }
            names[index] = try ids(of: Set(rows.flatMap(\.references).filter { $0.field == index }.map(\.text)), target, reader)
        }
        var good: [ImportRow] = []
        good.reserveCapacity(rows.count)
        for (position, row) in rows.enumerated() {
            var row = row
            for reference in row.references.reversed() {
                guard let id = names[reference.field]?[reference.text] else {
                    let message = "There is no record of this id or name to refer to, or more than one."
                    problems[position, default: []].append(.init(field: collection.fields[reference.field].key, message: message))
                    continue
                }
                row.body.replaceSubrange(reference.range, with: Array("\"\(id)\"".utf8))
            }
            if problems[position] == nil { good.append(row) }
        }
        let refused = problems.keys.sorted().map { RefusedLine(line: rows[$0].line, reasons: problems[$0] ?? []) }
        return (good, refused)
    }

    func store(_ rows: [ImportRow], firstMillisecond: Int64, _ transaction: any Transaction) throws -> Outcome {
        var (good, refused) = try resolve(rows, transaction)
        var outcome = Outcome(imported: good.count, nextMillisecond: firstMillisecond)
        refused.sort { $0.line < $1.line }
        outcome.refused = refused
        guard !good.isEmpty else { return outcome }
        let first = try reserve(good.count, transaction)
        var ids = RecordIDs(from: max(firstMillisecond, now.microseconds / 1000), entropy: entropy)
        var digest = SHA256()
        var start = 0
        while start < good.count {
            let slice = good[start..<min(start + Self.rowsPerStatement, good.count)]
            var records = SQL(parts: [
                .literal("INSERT INTO record (number, collection, id, version, action, body, created_at, created_by) VALUES ")
            ])
            var searches: [SQL.Part] = []
            var parts: [SQL.Part] = []
            parts.reserveCapacity(slice.count * 12)
            for index in slice.indices {
                let row = good[index]
                let id = ids.next()
                if outcome.first == nil { outcome.first = id }
                outcome.last = id
                row.body.withUnsafeBytes { digest.update(bufferPointer: $0) }
                digest.update(data: [0x0A])
                let number = Value.integer(first + Int64(index))
                parts += [
                    .literal(index == start ? "(" : ", ("), .bind(number), .literal(", "), .bind(.integer(Int64(collection.number))),
                    .literal(", "),
                    .bind(.text(id.description)), .literal(", 1, 4, "), .bind(.text(String(decoding: row.body, as: UTF8.self))),
                    .literal(", "),
                    .bind(now.columnValue), .literal(", "), .bind(.text(author.text)), .literal(")"),
                ]
                let words = RecordSearch.indexed(String(decoding: row.searched, as: UTF8.self), collection.number, transaction.dialect)
                searches += RecordSearch.values(number, words, isFirst: index == start, transaction.dialect)
            }
            records += SQL(parts: parts)
            try transaction.run(records)
            try transaction.run(RecordSearch.insertion(transaction.dialect) + SQL(parts: searches))
            start = slice.endIndex
        }
        outcome.numbers = first...(first + Int64(good.count) - 1)
        outcome.digest = digest.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        outcome.nextMillisecond = ids.nextMillisecond
        return outcome
    }

    private func findDuplicates(
        _ rows: [ImportRow], _ index: Int, _ field: Field, _ reader: any Reader, into problems: inout [Int: [Refusal.FieldProblem]]
    ) throws {
        var seen: [Value: Int] = [:]
        for (position, row) in rows.enumerated() {
            guard let value = row.uniques.first(where: { $0.field == index })?.value else { continue }
            if let earlier = seen[value] {
                let message = "The same \(field.label) is in line \(rows[earlier].line)."
                problems[position, default: []].append(.init(field: field.key, message: message))
            } else {
                seen[value] = position
            }
        }
        for chunk in Array(seen.keys).chunks(of: 500) {
            let list = chunk.map { "\($0)" as SQL }.joined()
            try reader.each(
                """
                SELECT \(field.expression) FROM record
                WHERE collection = \(SQL.number(collection.number)) AND deleted_at IS NULL AND \(field.expression) IN (\(list))
                """
            ) { row in
                guard let position = seen[row.values[0]] else { return }
                problems[position, default: []].append(.init(field: field.key, message: "Another record has the same \(field.label)."))
            }
        }
    }

    /// The ids that texts mean: each an id itself, or the title of exactly one record.
    private func ids(of texts: Set<String>, _ target: CollectionID, _ reader: any Reader) throws -> [String: String] {
        guard let target = design.collection(target), target.deletedAt == nil else { return [:] }
        var found: [String: String] = [:]
        let given = texts.compactMap { text in RecordID(text).map { (text, $0.description) } }
        for chunk in given.chunks(of: 500) {
            let list = chunk.map { "\($0.1)" as SQL }.joined()
            var known: Set<String> = []
            try reader.each("SELECT id FROM record WHERE collection = \(target.number) AND id IN (\(list)) AND deleted_at IS NULL") {
                known.insert(try $0.get(0))
            }
            for (text, id) in chunk where known.contains(id) { found[text] = id }
        }
        guard let title = target.titleField.flatMap({ target.field($0) }), title.type == .text else { return found }
        var ambiguous: Set<String> = []
        for chunk in texts.filter({ found[$0] == nil }).chunks(of: 500) {
            let list = chunk.map { "\($0)" as SQL }.joined()
            try reader.each(
                """
                SELECT \(title.expression), id FROM record
                WHERE collection = \(SQL.number(target.number)) AND deleted_at IS NULL AND \(title.expression) IN (\(list))
                """
            ) { row in
                let text: String = try row.get(0)
                if found.updateValue(try row.get(1), forKey: text) != nil { ambiguous.insert(text) }
            }
        }
        for text in ambiguous { found[text] = nil }
        return found
    }

    /// The first of `count` numbers that no other record will get.
    private func reserve(_ count: Int, _ transaction: any Transaction) throws -> Int64 {
        switch transaction.dialect {
        // Nobody else writes while this transaction does.
        case .sqlite: return try (transaction.value("SELECT coalesce(max(number), 0) FROM record", as: Int64.self) ?? 0) + 1
        case .postgres:
            let last = try transaction.value(
                "SELECT setval(name, nextval(name) + \(count) - 1) FROM pg_get_serial_sequence('record', 'number') AS name", as: Int64.self)
            guard let last else { throw StorageError.failed("no sequence") }
            return last - Int64(count) + 1
        }
    }
}

/// Ids that grow by the order in which they are made, also within a millisecond: the twelve bits after the time count (RFC 9562, section 6.2, method 1).
struct RecordIDs {
    private struct Counting: Entropy {
        let counter: UInt64
        let random: UInt64
        func words() -> (UInt64, UInt64) { (counter, random) }
        func bytes(_ count: Int) -> [UInt8] { [] }
    }

    private var millisecond: Int64
    private var counter: UInt64 = 0
    private let entropy: any Entropy

    init(from millisecond: Int64, entropy: any Entropy) {
        self.millisecond = millisecond
        self.entropy = entropy
    }

    var nextMillisecond: Int64 { millisecond + 1 }

    mutating func next() -> RecordID {
        if counter == 0x1000 {
            counter = 0
            millisecond += 1
        }
        defer { counter += 1 }
        return RecordID(at: Instant(microseconds: millisecond * 1000), entropy: Counting(counter: counter, random: entropy.words().1))
    }
}

extension Array {
    func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
