import Storage
import Vocabulary

/// A row that is ready to be stored, but for what only the database knows: whether its unique values are free, and whom its references mean.
struct ImportRow: Sendable {
    struct Reference: Sendable {
        let field: Int
        /// Where the name or id stands in the body, quotes included.
        let range: Range<Int>
        let text: String
    }

    let line: Int
    var body: [UInt8]
    let searched: [UInt8]
    let uniques: [(field: Int, value: Value)]
    let references: [Reference]
}

/// Makes rows of a collection from lines of a file.
struct ImportPreparer: Sendable {
    private struct Column: Sendable {
        let index: Int
        let name: String
        let field: Field
        let fieldIndex: Int
        let value: ImportValue
        /// `"key":`
        let prefix: [UInt8]
    }

    private let columns: [Column]
    private let columnCount: Int

    /// - Parameters:
    ///   - names: the columns of the file, in order; for JSON Lines, those that are mapped.
    ///   - mappings: column to field key; checked before.
    init(_ collection: Collection, names: [String], mappings: [ImportPlan.Mapping]) throws {
        var columns: [Column] = []
        for (fieldIndex, field) in collection.fields.enumerated() {
            guard let mapping = mappings.first(where: { $0.field == field.key }) else { continue }
            guard let index = names.firstIndex(of: mapping.column) else {
                throw Refusal.invalid("unknown-column", "The file has no column \"\(mapping.column.prefix(100))\".", field: "mappings")
            }
            columns.append(
                Column(
                    index: index, name: mapping.column, field: field, fieldIndex: fieldIndex, value: ImportValue(field),
                    prefix: Array("\"\(field.key)\":".utf8)))
        }
        self.columns = columns
        columnCount = names.count
    }

    func prepare(_ row: CSVReader.Row) -> Result<ImportRow, RefusedLine> {
        if let problem = row.problem {
            return .failure(RefusedLine(line: row.line, reasons: [.init(field: "", message: problem.rawValue)]))
        }
        guard row.count == columnCount else {
            let message = "This line has \(row.count) \(row.count == 1 ? "value" : "values"), the head has \(columnCount)."
            return .failure(RefusedLine(line: row.line, reasons: [.init(field: "", message: message)]))
        }
        return prepare(line: row.line) { column, body in
            column.value.write(row[column.index], to: &body)
        } text: { column in
            row[column.index]
        }
    }

    func prepare(_ line: JSONLinesReader.Line) -> Result<ImportRow, RefusedLine> {
        switch line.result {
        case .failure(let problem):
            return .failure(RefusedLine(line: line.number, reasons: [.init(field: "", message: problem.message)]))
        case .success(let object):
            return prepare(line: line.number) { column, body in
                let value = object[column.name] ?? .null
                if case .reference = column.field.type {
                    guard !value.isNull, value != "" else { return .empty }
                    guard case .string(let text) = value, text.utf8.count <= Field.textLimit, !text.utf8.contains(0) else {
                        return .refused("Give the id or the name of a record.")
                    }
                    JSONText.write(text, to: &body)
                    return .written
                }
                switch column.field.check(value) {
                case .failure(let problem): return .refused(problem.message)
                case .success(nil): return .empty
                case .success(let value?):
                    value.write(to: &body)
                    return .written
                }
            } text: { _ in
                nil
            }
        }
    }

    private func prepare(
        line: Int, _ write: (Column, inout [UInt8]) -> ImportValue.Outcome, text: (Column) -> UnsafeBufferPointer<UInt8>?
    ) -> Result<ImportRow, RefusedLine> {
        var body: [UInt8] = []
        body.reserveCapacity(384)
        body.append(UInt8(ascii: "{"))
        var searched: [UInt8] = []
        var uniques: [(field: Int, value: Value)] = []
        var references: [ImportRow.Reference] = []
        var reasons: [Refusal.FieldProblem] = []
        for column in columns {
            let before = body.count
            if before > 1 { body.append(UInt8(ascii: ",")) }
            body.append(contentsOf: column.prefix)
            let start = body.count
            switch write(column, &body) {
            case .written:
                if column.field.unique { uniques.append((column.fieldIndex, Self.value(body[start...]))) }
                if case .reference = column.field.type {
                    references.append(.init(field: column.fieldIndex, range: start..<body.count, text: Self.text(body[start...])))
                } else if column.field.type.isSearched {
                    if !searched.isEmpty { searched.append(0x0A) }
                    if let raw = text(column) {
                        searched.append(contentsOf: raw)
                    } else {
                        searched.append(contentsOf: Self.text(body[start...]).utf8)
                    }
                }
            case .empty:
                body.removeLast(body.count - before)
                if column.field.required { reasons.append(.init(field: column.field.key, message: "\(column.field.label) is required.")) }
            case .refused(let message):
                body.removeLast(body.count - before)
                reasons.append(.init(field: column.field.key, message: message))
            }
        }
        body.append(UInt8(ascii: "}"))
        if body.count > RecordValues.bodyLimit { reasons.append(.init(field: "", message: "The line is too long.")) }
        guard reasons.isEmpty else { return .failure(RefusedLine(line: line, reasons: Array(reasons.prefix(20)))) }
        return .success(ImportRow(line: line, body: body, searched: searched, uniques: uniques, references: references))
    }

    private static func value(_ json: ArraySlice<UInt8>) -> Value {
        switch try? JSONReader.read(json) {
        case .string(let text): .text(text)
        case .integer(let number): .integer(number)
        case .number(let number): .real(number)
        case .bool(let value): .integer(value ? 1 : 0)
        default: .null
        }
    }

    private static func text(_ json: ArraySlice<UInt8>) -> String { (try? JSONReader.read(json))?.string ?? "" }
}

extension RefusedLine: Error {}
