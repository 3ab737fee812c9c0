import Foundation
import Vocabulary

/// What a sample of the file says.
package struct ImportPreview: Sendable {
    package struct Column: Sendable {
        /// As written in the head of the file.
        package let name: String
        package let suggestedKey: String
        package let suggestedLabel: String
        package let suggestedType: FieldType
        /// Nothing in the sample was empty.
        package let alwaysFilled: Bool
        package let samples: [String]
        /// Key of the existing field that it probably means.
        package let matches: String?
    }

    package let format: ImportFormat
    package let encoding: TextEncoding
    /// `,` `;` tab or `|`; nil for JSON Lines.
    package let delimiter: String?
    package let columns: [Column]
    /// The first rows, as text.
    package let rows: [[String]]
    package let sampledRows: Int
    package let bytes: Int
}

/// How a file has to be read: found out from its first bytes, then used for the whole.
struct ImportShape {
    let format: ImportFormat
    let encoding: TextEncoding
    let markLength: Int
    let delimiter: UInt8

    static let sampleLength = 256 * 1024

    init(name: String, sample: [UInt8], isUTF8: Bool) {
        (encoding, markLength) = TextEncoding.detect(sample[...], isUTF8: isUTF8)
        var transcoder = Transcoder(encoding, markLength: markLength)
        let text = transcoder.utf8(sample, isLast: false)
        let lower = name.lowercased()
        let first = text.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        let isNamed = lower.hasSuffix(".jsonl") || lower.hasSuffix(".ndjson") || lower.hasSuffix(".json")
        format = isNamed || (first == UInt8(ascii: "{") && !lower.hasSuffix(".csv")) ? .jsonLines : .csv
        delimiter = format == .csv ? CSVReader.detectDelimiter(text) : 0
    }

    var delimiterText: String? { format == .csv ? String(Unicode.Scalar(delimiter)) : nil }

    func preview(of sample: [UInt8], isWhole: Bool, bytes: Int, for collection: Collection?) -> ImportPreview {
        var transcoder = Transcoder(encoding, markLength: markLength)
        let text = transcoder.utf8(sample, isLast: isWhole)
        var names: [String] = []
        var rows: [[String]] = []
        switch format {
        case .csv: (names, rows) = Self.sampleCSV(text, delimiter: delimiter, isWhole: isWhole)
        case .jsonLines: (names, rows) = Self.sampleJSONLines(text, isWhole: isWhole)
        }
        var keys: Set<String> = []
        let columns = names.enumerated().map { index, name in
            let guess = ColumnGuess(rows.lazy.map { $0.indices.contains(index) ? $0[index] : "" })
            let key = FieldKey.suggestion(for: name, number: index + 1, taken: &keys)
            let label = Text.name(name) ?? "Column \(index + 1)"
            let match = collection?.fields.first { $0.key == name || $0.key == key || $0.label.lowercased() == name.lowercased() }
            return ImportPreview.Column(
                name: name, suggestedKey: key, suggestedLabel: label, suggestedType: match?.type ?? guess.type,
                alwaysFilled: guess.alwaysFilled,
                samples: guess.samples, matches: match?.key)
        }
        return ImportPreview(
            format: format, encoding: encoding, delimiter: delimiterText, columns: columns, rows: Array(rows.prefix(10)),
            sampledRows: rows.count,
            bytes: bytes)
    }

    private static let sampleRows = 2000

    private static func sampleCSV(_ text: [UInt8], delimiter: UInt8, isWhole: Bool) -> ([String], [[String]]) {
        var names: [String]?
        var rows: [[String]] = []
        var reader = CSVReader(delimiter: delimiter)
        func take(_ row: CSVReader.Row) {
            guard row.problem == nil else { return }
            if names == nil {
                names = ImportShape.columnNames(row.texts)
            } else if rows.count < sampleRows {
                rows.append(row.texts)
            }
        }
        reader.read(text) { take($0) }
        if isWhole || names == nil { reader.finish { take($0) } }
        return (names ?? [], rows)
    }

    private static func sampleJSONLines(_ text: [UInt8], isWhole: Bool) -> ([String], [[String]]) {
        var names: [String] = []
        var objects: [JSONObject] = []
        var reader = JSONLinesReader()
        func take(_ line: JSONLinesReader.Line) {
            guard objects.count < sampleRows, case .success(let object) = line.result else { return }
            for name in object.keys.sorted() where !names.contains(name) && names.count < CSVReader.columnsLimit { names.append(name) }
            objects.append(object)
        }
        reader.read(text) { take($0) }
        if isWhole { reader.finish { take($0) } }
        return (names, objects.map { object in names.map { Self.text(object[$0] ?? .null) } })
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: ""
        case .string(let text): text
        default: value.text
        }
    }

    /// Each column has a name, and no two have the same.
    static func columnNames(_ head: [String]) -> [String] {
        var taken: Set<String> = []
        return head.enumerated().map { index, raw in
            let trimmed = raw.trimmingPrefix(while: { $0 == " " || $0 == "\t" })
            var name = String(trimmed.prefix(200))
            while name.last == " " || name.last == "\t" { name.removeLast() }
            if name.isEmpty { name = "Column \(index + 1)" }
            var unique = name
            var number = 2
            while !taken.insert(unique).inserted {
                unique = "\(name) (\(number))"
                number += 1
            }
            return unique
        }
    }
}

/// Field keys from what people write over columns.
enum FieldKey {
    static func suggestion(for name: String, number: Int, taken: inout Set<String>) -> String {
        var key = ""
        for scalar in name.decomposedStringWithCompatibilityMapping.unicodeScalars {
            switch scalar {
            case "a"..."z", "0"..."9": key.unicodeScalars.append(scalar)
            case "A"..."Z":
                // camelCase becomes camel_case.
                if let last = key.unicodeScalars.last, ("a"..."z").contains(last) { key += "_" }
                key += String(scalar).lowercased()
            case _ where (0x300...0x36F).contains(scalar.value): break
            default: if !key.isEmpty, key.last != "_" { key += "_" }
            }
        }
        while key.last == "_" { key.removeLast() }
        if key.first.map({ $0.isNumber }) == true { key = "c\(key)" }
        key = String(key.prefix(36))
        if !Field.isKey(key) { key = key.isEmpty ? "column_\(number)" : "\(key)_\(number)" }
        var unique = key
        var suffix = 2
        while !taken.insert(unique).inserted {
            unique = "\(key)_\(suffix)"
            suffix += 1
        }
        return unique
    }
}

/// The narrowest type that all values of a sample fit.
struct ColumnGuess {
    let type: FieldType
    let alwaysFilled: Bool
    let samples: [String]

    init(_ values: some Sequence<String>) {
        var candidates: [FieldType] = [.boolean, .number, .date, .dateTime, .json]
        var filled = 0
        var empty = 0
        var isLong = false
        var samples: [String] = []
        for value in values {
            var value = value
            let isBlank = value.withUTF8 { ImportValue.isBlank(ImportValue.trim($0)) }
            if isBlank {
                empty += 1
                continue
            }
            filled += 1
            if samples.count < 5, !samples.contains(value) { samples.append(String(value.prefix(200))) }
            if value.utf8.count > 200 || value.utf8.contains(0x0A) { isLong = true }
            candidates.removeAll { !Self.fits(value, $0) }
        }
        self.samples = samples
        alwaysFilled = empty == 0 && filled > 0
        type = filled == 0 ? .text : candidates.first ?? (isLong ? .longText : .text)
    }

    private static func fits(_ value: String, _ type: FieldType) -> Bool {
        var value = value
        return value.withUTF8 { buffer in
            let bytes = ImportValue.trim(buffer)
            switch type {
            // 0 and 1 are numbers until somebody says otherwise.
            case .boolean: return bytes.count > 1 && ImportValue.truth(bytes) != nil
            case .number:
                // 007 is a name, not a number.
                let digits = bytes.first == UInt8(ascii: "-") ? UnsafeBufferPointer(rebasing: bytes.dropFirst()) : bytes
                if digits.count > 1, digits[0] == UInt8(ascii: "0"), (48...57).contains(digits[1]) { return false }
                return digits.count <= 20 && ImportValue.fraction(bytes) != nil
            case .date: return ImportValue.date(bytes) != nil
            case .dateTime:
                var output: [UInt8] = []
                return ImportValue.writeMoment(bytes, to: &output)
            case .json:
                guard let first = bytes.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return false }
                return (try? JSONReader.read(bytes)) != nil
            default: return true
            }
        }
    }
}
