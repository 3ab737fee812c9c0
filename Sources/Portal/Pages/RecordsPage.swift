import Mustache
import Vocabulary

/// The records of a collection as a table, with search, conditions and columns.
package struct RecordsPage: Page {
    package struct Condition: Sendable {
        let index: Int
        let fields: [Choice]
        let operators: [Choice]
        let value: String
        package init(index: Int, fields: [Choice], operators: [Choice], value: String) {
            self.index = index
            self.fields = fields
            self.operators = operators
            self.value = value
        }
    }

    package struct ColumnChoice: Sendable {
        let name: String
        let label: String
        let isChosen: Bool
        package init(_ name: String, _ label: String, isChosen: Bool) {
            self.name = name
            self.label = label
            self.isChosen = isChosen
        }
    }

    package let template = "records"
    package let title: String
    package let crumbs: [Link]
    let head: Head
    let heading: String
    let address: String
    let sort: String?
    let query: String
    let choices: [ColumnChoice]
    let exports: [Link]
    let chips: [Link]
    let isFiltering: Bool
    let problems: [String]
    let conditions: [Condition]
    let expression: String
    let expressionHint: String
    let table: Table?
    let empty: Empty?
    let pager: Pager?
    /// Nothing was ever put in: no search, no filter, only the way to the first record.
    let isUntouched: Bool

    package init(
        head: Head, address: String, sort: String?, query: String, choices: [ColumnChoice], exports: [Link], chips: [Link],
        isFiltering: Bool, problems: [String], conditions: [Condition], expression: String, expressionHint: String, table: Table,
        empty: Empty?, pager: Pager?, isUntouched: Bool
    ) {
        title = head.heading
        heading = head.heading
        crumbs = [Link("Collections", "/collections")]
        self.head = head
        self.address = address
        self.sort = sort
        self.query = query
        self.choices = choices
        self.exports = exports
        self.chips = chips
        self.isFiltering = isFiltering || !problems.isEmpty
        self.problems = problems
        self.conditions = conditions
        self.expression = expression
        self.expressionHint = expressionHint
        self.table = table.rows.isEmpty ? nil : table
        self.empty = table.rows.isEmpty ? empty : nil
        self.pager = table.rows.isEmpty ? nil : pager
        self.isUntouched = isUntouched
    }
}

/// Rows and sortable columns.
package struct Table: Sendable {
    package enum Direction: String, Sendable { case ascending, descending }

    package struct Column: Sendable {
        let label: String
        let address: String?
        let sorted: String?
        let arrow: String?
        fileprivate(set) var isNumber: Bool
        package init(_ label: String, sortAddress: String? = nil, direction: Direction? = nil, isNumber: Bool = false) {
            self.label = label
            address = sortAddress
            sorted = direction?.rawValue
            arrow = direction.map { $0 == .ascending ? "icon/up" : "icon/down" }
            self.isNumber = isNumber
        }
    }

    package struct Cell: Sendable, MustacheParent {
        let text: String
        let address: String?
        fileprivate(set) var isNumber: Bool
        fileprivate(set) var isFirst = false

        package init(_ text: String, address: String? = nil, isNumber: Bool = false) {
            self.text = text
            self.address = address
            self.isNumber = isNumber
        }

        /// There are a thousand of these on a page, so they answer without reflection.
        package func child(named name: String) -> Any? {
            switch name {
            case "text": text
            case "address": address
            case "isNumber": isNumber
            case "isFirst": isFirst
            default: nil
            }
        }
    }

    package struct Row: Sendable, MustacheParent {
        let cells: [Cell]
        /// The first cell is the row's heading and leads to the record.
        package init(_ cells: [Cell]) {
            var cells = cells
            if !cells.isEmpty { cells[0].isFirst = true }
            for index in cells.indices.prefix(Table.countedColumns) { cells[index].isNumber = false }
            self.cells = cells
        }

        package func child(named name: String) -> Any? { name == "cells" ? cells : nil }
    }

    /// So many columns the style sheet can align as a whole. A class on each of their cells would be a tenth of the page.
    static let countedColumns = 12

    let caption: String
    let columns: [Column]
    let rows: [Row]
    /// Classes for the columns of numbers: ` n1 n4`.
    let numbers: String

    package init(caption: String, columns: [Column], rows: [Row]) {
        self.caption = caption
        var columns = columns
        var numbers = ""
        for index in columns.indices.prefix(Self.countedColumns) where columns[index].isNumber {
            numbers += " n\(index + 1)"
            columns[index].isNumber = false
        }
        self.numbers = numbers
        self.columns = columns
        self.rows = rows
    }
}
