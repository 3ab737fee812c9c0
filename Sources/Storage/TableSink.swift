/// A table of a file that is for people: names as they know them, and a type for each column.
package struct PlainTable: Sendable, Hashable {
    /// What a column holds; each engine's tools understand these.
    package enum ColumnType: String, Sendable, Hashable {
        case text = "TEXT"
        case integer = "INTEGER"
        /// Whole numbers stay whole.
        case number = "NUMERIC"
    }

    package struct Column: Sendable, Hashable {
        package let name: String
        package let type: ColumnType

        package init(_ name: String, _ type: ColumnType = .text) {
            self.name = name
            self.type = type
        }
    }

    package let name: String
    package let columns: [Column]
    /// Whether the first column names a row.
    package let hasKey: Bool

    package init(_ name: String, _ columns: [Column], hasKey: Bool = false) {
        self.name = name
        self.columns = columns
        self.hasKey = hasKey
    }
}

/// Takes tables one after the other, row by row.
package protocol TableSink: AnyObject {
    /// Later rows belong to this table.
    func begin(_ table: PlainTable) throws
    /// A value for each column of the table.
    func add(_ row: [Value]) throws
}
