import Records
import Vocabulary

/// Values as people read them.
enum RecordText {
    static func title(of record: Record, in collection: Collection) -> String {
        let values = record.values
        let text = collection.titleField.flatMap { key in
            values[key].flatMap { value in collection.field(key).map { Self.text(value, of: $0.type, titles: [:]) } }
        }
        return text.flatMap { $0.isEmpty ? nil : $0 } ?? "\(capitalised(collection.singular)) \(record.id.description.suffix(6))"
    }

    static func text(_ value: JSONValue, of type: FieldType, titles: [RecordID: String]) -> String {
        switch (type, value) {
        case (_, .null): ""
        case (.boolean, .bool(let isTrue)): isTrue ? "Yes" : "No"
        case (.dateTime, .string(let text)): Instant(text).map { Moment($0).text } ?? text
        case (.reference, .string(let text)): RecordID(text).map { titles[$0] ?? String(text.suffix(8)) } ?? text
        case (.json, _): value.text
        case (_, .string(let text)): text
        default: value.text
        }
    }

    /// What an input holds: parts of it go back to ``value(from:of:)``.
    static func input(_ value: JSONValue?, of type: FieldType) -> String {
        switch (type, value) {
        case (_, nil), (_, .null?): ""
        case (.boolean, .bool(let isTrue)?): isTrue ? "true" : "false"
        case (.dateTime, .string(let text)?): String(text.prefix(19))
        case (.json, let value?): value.text
        case (_, .string(let text)?): text
        case (_, let value?): value.text
        }
    }

    /// What was typed, as the value that the domain checks. What can't be read stays a text, and the domain says what it expected.
    static func value(from text: String, of type: FieldType) -> JSONValue {
        let trimmed = text.trimmingSpaces()
        if trimmed.isEmpty { return .null }
        switch type {
        case .text: return .string(text)
        // Browsers send line ends as CR LF (WHATWG HTML, form submission).
        case .longText: return .string(text.replacing("\r\n", with: "\n"))
        case .number:
            let plain = trimmed.contains(".") ? String(trimmed) : String(trimmed).replacing(",", with: ".")
            if let whole = Int64(plain) { return .integer(whole) }
            return Double(plain).flatMap { $0.isFinite ? .number($0) : nil } ?? .string(text)
        case .boolean: return trimmed == "true" ? .bool(true) : trimmed == "false" ? .bool(false) : .string(text)
        case .dateTime:
            // A browser's own control gives neither seconds nor zone; the form says that it means UTC.
            let hasZone = trimmed.hasSuffix("Z") || trimmed.dropFirst(10).contains("+") || trimmed.dropFirst(10).contains("-")
            if hasZone { return .string(String(trimmed)) }
            return .string("\(trimmed)\(trimmed.utf8.count == 16 ? ":00" : "")Z")
        case .json: return (try? JSONReader.read(trimmed.utf8)) ?? .string(text)
        case .date, .choice, .reference: return .string(String(trimmed))
        }
    }

    /// One of them, guessed by the commonest rules of English: `Countries` holds a country. It only fills labels.
    static func singular(of name: String) -> String? {
        let word = name.lowercased()
        if word.hasSuffix("ies"), word.count > 4 { return word.dropLast(3) + "y" }
        if ["sses", "xes", "ches", "shes"].contains(where: word.hasSuffix) { return String(word.dropLast(2)) }
        return word.hasSuffix("s") && !word.hasSuffix("ss") && word.count > 3 ? String(word.dropLast()) : nil
    }

    static func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}

extension String {
    fileprivate func trimmingSpaces() -> Substring {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text = text.dropFirst() }
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return text
    }
}
