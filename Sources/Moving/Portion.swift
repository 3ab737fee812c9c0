import Storage

/// How much is read and written at a time.
package struct MovePace: Sendable {
    /// Rows of one step; fewer where they are large.
    package var rows = 1000
    package var bytes = 4 << 20
    /// Noted changes of one step.
    package var changes = 2000
    /// A round with at most so many changes, or that took at most so long, is short: the next one may be the last.
    package var short = 200
    package var brief = Duration.milliseconds(100)
    /// Rounds in a phase after which a database that is written to faster than it is copied is let alone.
    package var roundsMax = 200
    /// How long writers may wait, for those before them and for the last changes. Is it longer, they go on at the old place and it is tried again.
    package var pauseMax = Duration.milliseconds(800)
    /// How often that is tried.
    package var pausesMax = 20

    package init() {}
}

/// What one step carries over, read in one snapshot of the original: what has changed since the last step, then the next rows.
///
/// So after each step the copy holds what the original held at one moment, as far as it was copied: an order that the original kept
/// (who refers to whom, who is unique) is never broken at the copy.
struct Portion: Sendable {
    struct Table: Sendable {
        let relation: Relation
        /// Keys that changed, with the row as it is now; nil where it is gone.
        var changed: [(key: RowKey, row: [Value]?)] = []
        /// Rows that come for the first time.
        var rows: [[Value]] = []
    }

    var tables: [Table]
    /// The last change that is in it.
    var seen: Int64
    /// Whether it holds every change up to the snapshot.
    var isUpToDate: Bool
    var changes: Int
    var bytes = 0
    /// Where the copying stands behind it; nil when all rows were read.
    var place: Place?
    /// Of the whole snapshot, where it was asked for.
    var digest: RowsDigest?
    var counts: [String: Int] = [:]

    /// How far the rows were read.
    struct Place: Sendable {
        /// The table's place in the order.
        var table: Int
        /// Of the last row that was read; nil where the table was not begun.
        var key: RowKey?
        /// Of the table's last row when it was begun. What comes behind it is noted as a change, so nobody runs after the end of a table that grows.
        var last: RowKey?

        /// Changes in tables whose turn is still to come are left: those tables are read with them, and behind those that they refer to.
        func isBegun(_ table: Int) -> Bool { table < self.table || (table == self.table && key != nil) }
    }

    static func read(
        after seen: Int64, from place: Place?, _ relations: [Relation], pace: MovePace, in reader: any Reader
    ) throws -> Portion {
        let news = try ChangeCapture.changes(after: seen, limit: pace.changes, in: reader)
        var portion = Portion(
            tables: relations.map { Table(relation: $0) }, seen: news.seen, isUpToDate: news.isAll, changes: news.changes.count,
            place: place)
        for (index, relation) in relations.enumerated() where place?.isBegun(index) ?? true {
            let keys = news.changes.filter { $0.relation == relation.name.text }.map(\.key)
            guard !keys.isEmpty else { continue }
            let present = try Self.present(keys, of: relation, in: reader)
            portion.tables[index].changed = keys.map { ($0, present[RowCode.bytes($0)]) }
        }
        if news.isAll, let place { try portion.readRows(from: place, pace: pace, in: reader) }
        return portion
    }

    private mutating func readRows(from start: Place, pace: MovePace, in reader: any Reader) throws {
        struct Enough: Error {}
        var (place, left) = (start, pace.rows)
        while left > 0, bytes < pace.bytes, place.table < tables.count {
            let relation = tables[place.table].relation
            guard let last = try place.last ?? relation.lastKey(in: reader) else {
                place = Place(table: place.table + 1)
                continue
            }
            place.last = last
            var rows: [[Value]] = []
            var size = 0
            let limit = left
            do {
                try reader.each(relation.rows(after: place.key, upTo: last, limit: limit)) { row in
                    rows.append(row.values)
                    size += row.values.reduce(0) { $0 + $1.size }
                    if bytes + size >= pace.bytes, rows.count < limit { throw Enough() }
                }
                place.key = rows.last.map(relation.key)
                if rows.count < limit { place = Place(table: place.table + 1) }
            } catch is Enough {
                place.key = rows.last.map(relation.key)
                left = 0
            }
            left -= rows.count
            bytes += size
            tables[tables.firstIndex { $0.relation == relation } ?? 0].rows = rows
        }
        self.place = place.table < tables.count ? place : nil
    }

    /// The rows with `keys`, by their key's bytes.
    static func present(_ keys: [RowKey], of relation: Relation, in reader: any Reader) throws -> [[UInt8]: [Value]] {
        var found: [[UInt8]: [Value]] = [:]
        for keys in keys.inBatches(of: 100) {
            try reader.each("SELECT \(relation.columnList) FROM \(relation.name) WHERE \(relation.among(keys))") { row in
                found[RowCode.bytes(relation.key(of: row.values))] = row.values
            }
        }
        return found
    }

    // MARK: At the copy

    /// Puts it in, and lets follow what follows.
    func apply(following derivation: any Derivation, in transaction: any Transaction) throws {
        var touched: [String: [RowKey]] = [:]
        var coming: [(relation: Relation, rows: [[Value]])] = []
        for table in tables {
            let relation = table.relation
            var keys = table.rows.map(relation.key)
            var rows: [[Value]] = []
            if !table.changed.isEmpty {
                let present = try Self.present(table.changed.map(\.key), of: relation, in: transaction)
                var leaving: [RowKey] = []
                for (key, row) in table.changed {
                    let old = present[RowCode.bytes(key)]
                    if let old, let row, RowCode.bytes(old) == RowCode.bytes(row) { continue }
                    if old == nil, row == nil { continue }
                    if old != nil { leaving.append(key) }
                    if let row { rows.append(row) }
                    keys.append(key)
                }
                // All that changed goes before anything comes, or two rows that exchange a unique value would be in each other's way.
                for keys in leaving.inBatches(of: 100) { try transaction.run("DELETE FROM \(relation.name) WHERE \(relation.among(keys))") }
            }
            coming.append((relation, rows))
            if !keys.isEmpty { touched[relation.name.text] = keys }
        }
        for (relation, rows) in coming { try transaction.insert(rows, into: relation.name, relation.columns) }
        for table in tables {
            try transaction.insert(try table.missing(in: transaction), into: table.relation.name, table.relation.columns)
        }
        try derivation.follow(touched, in: transaction)
    }

    /// - Throws: ``MoveFault`` `.rowsDiffer` where the copy has one of these rows otherwise.
    func confirm(in reader: any Reader) throws {
        for table in tables {
            let expected = table.changed + table.rows.map { (key: table.relation.key(of: $0), row: Optional($0)) }
            guard !expected.isEmpty else { continue }
            let present = try Self.present(expected.map(\.key), of: table.relation, in: reader)
            for (key, row) in expected where present[RowCode.bytes(key)].map(RowCode.bytes) != row.map(RowCode.bytes) {
                throw MoveFault.rowsDiffer(table: table.relation.name.text)
            }
        }
    }
}

extension Portion.Table {
    /// The rows that come for the first time and are not there: what changed before its turn came is.
    fileprivate func missing(in reader: any Reader) throws -> [[Value]] {
        guard let first = rows.first, let last = rows.last else { return [] }
        let there = try relation.keys(from: relation.key(of: first), through: relation.key(of: last), in: reader)
        return there.isEmpty ? rows : rows.filter { !there.contains(RowCode.bytes(relation.key(of: $0))) }
    }
}

extension Relation {
    func key(of row: [Value]) -> RowKey { key.map { row[$0] } }
}

extension Value {
    fileprivate var size: Int {
        switch self {
        case .null: 1
        case .integer, .real: 8
        case .text(let text): text.utf8.count
        case .blob(let bytes): bytes.count
        }
    }
}

extension Array {
    fileprivate func inBatches(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
