import Vocabulary

/// Values that fit their collection: what the store writes.
struct RecordValues {
    /// Compact JSON object, members in the order of the fields, empty ones left out.
    let body: String
    /// What search looks at.
    let searched: String
    /// Whether the records are there is for the store to find out.
    let references: [(field: Field, target: CollectionID, record: RecordID)]

    static let bodyLimit = 1 << 20

    /// Checks every value, and reports every wrong one, not just the first.
    /// - Throws: `Refusal` `invalid-values` with a problem per field.
    init(_ values: JSONObject, for collection: Collection) throws {
        var problems: [Refusal.FieldProblem] = []
        var body: [UInt8] = [UInt8(ascii: "{")]
        body.reserveCapacity(512)
        var searched = ""
        var references: [(field: Field, target: CollectionID, record: RecordID)] = []
        var known = 0
        for field in collection.fields {
            let given = values[field.key]
            if given != nil { known += 1 }
            let value: JSONValue?
            switch field.check(given ?? .null) {
            case .success(let checked): value = checked
            case .failure(let problem):
                problems.append(.init(field: field.key, message: problem.message))
                continue
            }
            guard let value else {
                if field.required { problems.append(.init(field: field.key, message: "\(field.label) is required.")) }
                continue
            }
            if body.count > 1 { body.append(UInt8(ascii: ",")) }
            JSONValue.write(field.key, to: &body)
            body.append(UInt8(ascii: ":"))
            value.write(to: &body)
            if case .reference(let target) = field.type, let id = value.string.flatMap({ RecordID($0) }) {
                references.append((field, target, id))
            }
            if field.type.isSearched, let text = value.string {
                if !searched.isEmpty { searched += "\n" }
                searched += text
            }
        }
        body.append(UInt8(ascii: "}"))
        if known < values.count {
            let unknown = values.keys.filter { collection.field($0) == nil }.sorted()
            problems += unknown.prefix(20).map { key in
                .init(field: String(key.prefix(80)), message: "\(collection.name) has no field of this name.")
            }
        }
        if body.count > Self.bodyLimit {
            problems.append(.init(field: "", message: "All values together are more than \(Self.bodyLimit) bytes."))
        }
        guard problems.isEmpty else { throw Self.refusal(problems) }
        self.body = String(decoding: body, as: UTF8.self)
        self.searched = searched
        self.references = references
    }

    static func refusal(_ problems: [Refusal.FieldProblem]) -> Refusal {
        let what = problems.count == 1 ? "One value can't be kept" : "\(problems.count) values can't be kept"
        return Refusal(.invalid, "invalid-values", "\(what). Correct and send again.", fields: problems)
    }
}

/// Why one value can't be kept, for people.
package struct ValueProblem: Error, Sendable, Equatable {
    package let message: String
}

extension Field {
    static let textLimit = 1000
    static let longTextLimit = 100_000
    static let jsonLimit = 100_000

    /// The value in its one stored form; nil for an empty one.
    func check(_ value: JSONValue) -> Result<JSONValue?, ValueProblem> {
        if value.isNull { return .success(nil) }
        switch (type, value) {
        case (.text, .string(let text)): return checkText(text, limit: Self.textLimit, lines: false)
        case (.longText, .string(let text)): return checkText(text, limit: Self.longTextLimit, lines: true)
        case (.number, .integer): return .success(value)
        case (.number, .number(let double)):
            guard double.isFinite else { return .failure(ValueProblem(message: "This number is out of range.")) }
            // A whole number has one spelling, whichever way it was written.
            return .success(Int64(exactly: double).flatMap { abs($0) < 1 << 53 ? .integer($0) : nil } ?? value)
        case (.boolean, .bool): return .success(value)
        case (.date, .string(let text)):
            if text.isEmpty { return .success(nil) }
            guard CalendarDate(text) != nil else { return .failure(ValueProblem(message: "Write a date that exists, as 2026-11-21.")) }
            return .success(value)
        case (.dateTime, .string(let text)):
            if text.isEmpty { return .success(nil) }
            guard let instant = Instant(text) else {
                return .failure(ValueProblem(message: "Write a moment as 2026-11-21T07:37:42Z, with Z or an offset."))
            }
            return .success(.string(instant.description))
        case (.choice(let options), .string(let text)):
            if text.isEmpty { return .success(nil) }
            guard options.contains(text) else { return .failure(ValueProblem(message: "This is not one of the choices.")) }
            return .success(value)
        case (.reference, .string(let text)):
            if text.isEmpty { return .success(nil) }
            guard let id = RecordID(text) else { return .failure(ValueProblem(message: "Give the id of a record.")) }
            return .success(.string(id.description))
        case (.json, _): return checkJSON(value)
        default: return .failure(ValueProblem(message: "Expected \(type.expectation), got \(value.kindName)."))
        }
    }

    private func checkText(_ text: String, limit: Int, lines: Bool) -> Result<JSONValue?, ValueProblem> {
        if text.isEmpty { return .success(nil) }
        // Bytes first: counting characters of a huge text takes long.
        guard text.utf8.count <= limit || (text.utf8.count <= limit * 16 && text.count <= limit) else {
            return .failure(ValueProblem(message: "At most \(limit) characters."))
        }
        for byte in text.utf8 where byte < 0x20 {
            guard lines, byte == 0x0A || byte == 0x0D || byte == 0x09 else {
                let what = byte == 0 ? "the NUL character" : lines ? "control characters" : "line breaks or control characters"
                return .failure(ValueProblem(message: "The text can't hold \(what)."))
            }
        }
        return .success(.string(text))
    }

    private func checkJSON(_ value: JSONValue) -> Result<JSONValue?, ValueProblem> {
        let bytes = value.bytes
        guard bytes.count <= Self.jsonLimit else { return .failure(ValueProblem(message: "At most \(Self.jsonLimit) bytes of JSON.")) }
        guard !value.holdsNUL else { return .failure(ValueProblem(message: "The text can't hold the NUL character.")) }
        return .success(value)
    }
}

extension JSONValue {
    fileprivate var holdsNUL: Bool {
        switch self {
        case .string(let text): text.utf8.contains(0)
        case .array(let values): values.contains(where: \.holdsNUL)
        case .object(let members): members.contains { $0.key.utf8.contains(0) || $0.value.holdsNUL }
        default: false
        }
    }
}

extension FieldType {
    fileprivate var expectation: String {
        switch self {
        case .text, .longText: "text"
        case .number: "a number"
        case .boolean: "true or false"
        case .date: "a date as text"
        case .dateTime: "a moment as text"
        case .choice: "one of the choices"
        case .reference: "the id of a record"
        case .json: "JSON"
        }
    }
}

/// A day of the Gregorian calendar.
struct CalendarDate: Hashable {
    let year: Int
    let month: Int
    let day: Int

    /// Exactly `2026-11-21`.
    init?(_ text: String) {
        var text = text
        let date = text.withUTF8 { CalendarDate(utf8: $0) }
        guard let date else { return nil }
        self = date
    }

    init?(utf8 bytes: UnsafeBufferPointer<UInt8>) {
        guard bytes.count == 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for index in range {
                guard (48...57).contains(bytes[index]) else { return nil }
                value = value * 10 + Int(bytes[index] - 48)
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else { return nil }
        self.init(year: year, month: month, day: day)
    }

    init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month) else { return nil }
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...days[month - 1]).contains(day) else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    var text: String {
        func digits(_ number: Int, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))"
    }
}
