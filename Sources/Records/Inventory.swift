import Audit
import Storage
import Vocabulary

/// Everything that is the customer's in an environment's database, as tables that people know again: one for each collection, and some whose names begin
/// with `_`, which no collection's does. Read in one snapshot, row by row.
///
/// Times are RFC 3339 in UTC; a reference is the `id` of the other record; truth is 1 or 0; JSON is text. Empty is NULL.
package struct Inventory: Sendable, Hashable {
    package struct Table: Sendable, Hashable {
        package let name: String
        package let collection: CollectionID
        package var records = 0
    }

    /// One for each living collection, in their order.
    package private(set) var tables: [Table] = []
    /// Deleted ones, and those of deleted collections.
    package private(set) var deleted = 0
    /// Versions before the newest.
    package private(set) var versions = 0
    /// Of the audit log.
    package private(set) var entries = 0
    /// The newest commit that is in it.
    package private(set) var commit = 0
    /// Root of the audit log's tree over ``entries``, in hexadecimal digits.
    package private(set) var auditRoot = ""

    /// Of living collections, not deleted.
    package var records: Int { tables.reduce(0) { $0 + $1.records } }
    package var rows: Int { records + deleted + versions + entries }

    /// How many rows ``init(from:into:counting:)`` will count, or some more.
    package static func rows(in reader: any Reader) throws -> Int {
        let records = try reader.value("SELECT count(*) FROM record", as: Int.self) ?? 0
        let versions = try reader.value("SELECT count(*) FROM record_version", as: Int.self) ?? 0
        return records + versions + Int(clamping: try AuditLog.head(in: reader).size)
    }

    /// - Parameter counting: called now and then with the number of rows so far; what it throws breaks off.
    package init(from reader: any Reader, into sink: any TableSink, counting: (Int) throws -> Void) throws {
        let design = try Design.load(stamp: 0, cursorKey: [], from: reader)
        var count = 0
        func counted() throws {
            count += 1
            if count % 512 == 0 { try counting(count) }
        }
        commit = try reader.value("SELECT sequence FROM commit_position", as: Int.self) ?? 0
        let head = try AuditLog.head(in: reader)
        auditRoot = head.root.map { byte in String(byte, radix: 16).count == 1 ? "0\(String(byte, radix: 16))" : String(byte, radix: 16) }
            .joined()

        var shapes: [Int: TableShape] = [:]
        var taken: Set<String> = []
        for collection in design.collections where collection.deletedAt == nil {
            let shape = TableShape(collection, avoiding: taken)
            taken.insert(shape.table.name)
            shapes[collection.number] = shape
            var table = Table(name: shape.table.name, collection: collection.id)
            try sink.begin(shape.table)
            try reader.each(
                """
                SELECT \(StoredRecord.columns) FROM record WHERE collection = \(collection.number) AND deleted_at IS NULL ORDER BY id
                """
            ) { row in
                try sink.add(shape.row(of: try Record(row: row, of: collection.id)))
                table.records += 1
                try counted()
            }
            tables.append(table)
        }
        try Self.write(design, shapes, tables, into: sink)

        let names = Dictionary(design.collections.map { ($0.number, shapes[$0.number]?.table.name ?? $0.slug) }) { first, _ in first }
        try sink.begin(.deletedRecords)
        try reader.each(
            """
            SELECT record.id, record.collection, record.version, record.created_at, record.created_by, record.deleted_at, collection.deleted_at, record.body
            FROM record JOIN collection ON collection.number = record.collection
            WHERE record.deleted_at IS NOT NULL OR collection.deleted_at IS NOT NULL ORDER BY record.number
            """
        ) { row in
            let deletedAt = try row.get(5, as: Instant?.self) ?? row.get(6, as: Instant?.self)
            try sink.add([
                row.values[0], .text(names[try row.get(1)] ?? ""), row.values[2], .text(try row.get(3, as: Instant.self).description),
                row.values[4], Self.text(deletedAt), row.values[7],
            ])
            deleted += 1
            try counted()
        }
        try sink.begin(.history)
        try reader.each(
            """
            SELECT record.id, record.collection, record_version.version, record_version.action, record_version.at, record_version.author, record_version.body
            FROM record_version JOIN record ON record.number = record_version.number ORDER BY record_version.number, record_version.version
            """
        ) { row in
            try sink.add([
                row.values[0], .text(names[try row.get(1)] ?? ""), row.values[2],
                .text(RecordVersion.Action(code: try row.get(3)).rawValue), .text(try row.get(4, as: Instant.self).description),
                row.values[5], row.values[6],
            ])
            versions += 1
            try counted()
        }
        try sink.begin(.auditLog)
        try reader.each("SELECT seq, at, event, actor, body FROM audit_entry ORDER BY seq") { row in
            try sink.add([row.values[0], .text(try row.get(1, as: Instant.self).description), row.values[2], row.values[3], row.values[4]])
            entries += 1
            try counted()
        }
        try sink.begin(.auditCheckpoints)
        try reader.each("SELECT size, note FROM audit_checkpoint ORDER BY size") { try sink.add([$0.values[0], $0.values[1]]) }
        try counting(count)
    }

    /// What the tables and roles mean.
    private static func write(_ design: Design, _ shapes: [Int: TableShape], _ tables: [Table], into sink: any TableSink) throws {
        try sink.begin(.collections)
        for collection in design.collections {
            let shape = shapes[collection.number]
            try sink.add([
                .text(collection.id.description), shape.map { .text($0.table.name) } ?? .null, .text(collection.name),
                .text(collection.singular), .text(collection.description), text(collection.titleField),
                .integer(Int64(tables.first { $0.collection == collection.id }?.records ?? 0)), text(collection.deletedAt),
            ])
        }
        try sink.begin(.fields)
        for collection in design.collections {
            guard let shape = shapes[collection.number] else { continue }
            for (field, column) in zip(collection.fields, shape.columns) {
                let target: String? =
                    if case .reference(let id) = field.type { shapes.values.first { $0.collection == id }?.table.name } else { nil }
                try sink.add([
                    .text(shape.table.name), .text(column), .text(field.label), .text(field.type.name), .integer(field.required ? 1 : 0),
                    .integer(field.unique ? 1 : 0), text(field.type.storedOptions), text(target),
                ])
            }
        }
        try sink.begin(.roles)
        for role in design.roles { try sink.add([.text(role.name), .text(role.label), .integer(role.isBuiltIn ? 1 : 0)]) }
        try sink.begin(.permissions)
        for role in design.roles {
            for permission in role.permissions.everywhere.sorted(by: { $0.rawValue < $1.rawValue }) {
                try sink.add([.text(role.name), .null, .text(permission.rawValue)])
            }
            for (id, set) in role.permissions.collections.sorted(by: { $0.key < $1.key }) {
                let name = design.collection(id).map { shapes[$0.number]?.table.name ?? $0.slug } ?? id.description
                for permission in set.sorted(by: { $0.rawValue < $1.rawValue }) {
                    try sink.add([.text(role.name), .text(name), .text(permission.rawValue)])
                }
            }
        }
    }

    private static func text(_ value: (some CustomStringConvertible)?) -> Value { value.map { .text($0.description) } ?? .null }
}

/// How one collection looks as a table.
struct TableShape {
    let collection: CollectionID
    let table: PlainTable
    /// Of its fields, in their order.
    let columns: [String]
    private let fields: [Field]

    /// - Parameter taken: names of tables that are there.
    init(_ collection: Collection, avoiding taken: Set<String>) {
        self.collection = collection.id
        fields = collection.fields
        // A hyphen would have to be quoted everywhere, and SQLite keeps `sqlite_` for itself.
        var name = collection.slug.replacing("-", with: "_")
        if name.hasPrefix("sqlite_") { name = "collection_" + name }
        while taken.contains(name) { name += "_" }
        var columns: [String] = []
        for field in collection.fields {
            var column = field.key
            while column == "id" || columns.contains(column) { column += "_" }
            columns.append(column)
        }
        self.columns = columns
        table = PlainTable(
            name,
            [.init("id")] + zip(columns, collection.fields).map { PlainTable.Column($0, $1.type.columnType) }
                + [.init("_version", .integer), .init("_created"), .init("_created_by"), .init("_changed"), .init("_changed_by")],
            hasKey: true)
    }

    func row(of record: Record) -> [Value] {
        let values = record.values
        var row: [Value] = [.text(record.id.description)]
        row.reserveCapacity(fields.count + 6)
        for field in fields { row.append(Self.value(values[field.key] ?? .null)) }
        row += [
            .integer(Int64(record.version)), .text(record.createdAt.description), .text(record.createdBy.text),
            .text(record.updatedAt.description), .text(record.updatedBy.text),
        ]
        return row
    }

    private static func value(_ value: JSONValue) -> Value {
        switch value {
        case .null: .null
        case .bool(let truth): .integer(truth ? 1 : 0)
        case .integer(let number): .integer(number)
        case .number(let number): .real(number)
        case .string(let text): .text(text)
        case .array, .object: .text(value.text)
        }
    }
}

extension FieldType {
    fileprivate var columnType: PlainTable.ColumnType {
        switch self {
        case .number: .number
        case .boolean: .integer
        default: .text
        }
    }
}

extension PlainTable {
    fileprivate static let collections = PlainTable(
        "_collections",
        [
            .init("id"), .init("table_name"), .init("name"), .init("singular"), .init("description"), .init("title_column"),
            .init("records", .integer), .init("deleted"),
        ])
    fileprivate static let fields = PlainTable(
        "_fields",
        [
            .init("table_name"), .init("column_name"), .init("label"), .init("type"), .init("is_required", .integer),
            .init("is_unique", .integer), .init("choices"), .init("refers_to"),
        ])
    fileprivate static let roles = PlainTable("_roles", [.init("name"), .init("label"), .init("is_built_in", .integer)])
    fileprivate static let permissions = PlainTable("_permissions", [.init("role"), .init("table_name"), .init("permission")])
    fileprivate static let deletedRecords = PlainTable(
        "_deleted",
        [
            .init("id"), .init("table_name"), .init("version", .integer), .init("created"), .init("created_by"), .init("deleted"),
            .init("content"),
        ])
    fileprivate static let history = PlainTable(
        "_history",
        [
            .init("id"), .init("table_name"), .init("version", .integer), .init("action"), .init("at"), .init("author"), .init("content"),
        ])
    fileprivate static let auditLog = PlainTable(
        "_audit", [.init("number", .integer), .init("at"), .init("event"), .init("actor"), .init("entry")], hasKey: true)
    fileprivate static let auditCheckpoints = PlainTable("_audit_checkpoints", [.init("size", .integer), .init("note")], hasKey: true)
}
