import Vocabulary

/// Turns the bytes of one CSV value into a field's stored JSON, writing it straight into the record's body.
///
/// The same rules as ``Field/check(_:)``, and more spellings: what a spreadsheet writes for a number, a date or a truth value.
struct ImportValue {
    enum Outcome {
        /// Nothing was written.
        case empty
        case written
        case refused(String)
    }

    let field: Field
    /// Values of a choice, as bytes.
    private let options: [[UInt8]]

    init(_ field: Field) {
        self.field = field
        if case .choice(let options) = field.type { self.options = options.map { Array($0.utf8) } } else { options = [] }
    }

    func write(_ bytes: UnsafeBufferPointer<UInt8>, to body: inout [UInt8]) -> Outcome {
        switch field.type {
        case .text: return text(bytes, limit: Field.textLimit, lines: false, to: &body)
        case .longText: return text(bytes, limit: Field.longTextLimit, lines: true, to: &body)
        default: break
        }
        let bytes = Self.trim(bytes)
        if bytes.isEmpty { return .empty }
        switch field.type {
        case .choice:
            guard options.contains(where: { $0.elementsEqual(bytes) }) else { return .refused("This is not one of the choices.") }
            JSONText.write(utf8: bytes, to: &body)
            return .written
        case .number: return Self.isBlank(bytes) ? .empty : number(bytes, to: &body)
        case .boolean: return Self.isBlank(bytes) ? .empty : boolean(bytes, to: &body)
        case .date:
            if Self.isBlank(bytes) { return .empty }
            guard let date = Self.date(bytes) else { return .refused("Write a date that exists, as 2026-11-21.") }
            JSONText.write(date.text, to: &body)
            return .written
        case .dateTime:
            if Self.isBlank(bytes) { return .empty }
            return Self.writeMoment(bytes, to: &body) ? .written : .refused("Write a moment as 2026-11-21T07:37:42Z.")
        case .json:
            guard let value = try? JSONReader.read(bytes) else { return .refused("This is not valid JSON.") }
            return checked(value, to: &body)
        case .reference:
            // Names are turned into ids batch by batch; see ImportBatch.
            return text(bytes, limit: Field.textLimit, lines: false, to: &body)
        case .text, .longText: return .empty
        }
    }

    private func checked(_ value: JSONValue, to body: inout [UInt8]) -> Outcome {
        switch field.check(value) {
        case .success(nil): return .empty
        case .success(let value?):
            value.write(to: &body)
            return .written
        case .failure(let problem): return .refused(problem.message)
        }
    }

    private func text(_ bytes: UnsafeBufferPointer<UInt8>, limit: Int, lines: Bool, to body: inout [UInt8]) -> Outcome {
        if bytes.isEmpty { return .empty }
        var isPlain = bytes.count <= limit
        for byte in bytes where byte < 0x20 || byte >= 0x7F {
            isPlain = false
            break
        }
        if isPlain {
            JSONText.write(utf8: bytes, to: &body)
            return .written
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { return .refused("This is not UTF-8.") }
        return checked(.string(text), to: &body)
    }

    private func number(_ bytes: UnsafeBufferPointer<UInt8>, to body: inout [UInt8]) -> Outcome {
        var index = 0
        var negative = false
        if bytes[0] == UInt8(ascii: "-") || bytes[0] == UInt8(ascii: "+") {
            negative = bytes[0] == UInt8(ascii: "-")
            index = 1
        }
        // Whole numbers of up to 18 digits are copied; they are nearly all that come.
        var magnitude: Int64 = 0
        let start = index
        while index < bytes.count, (48...57).contains(bytes[index]), index - start < 18 {
            magnitude = magnitude * 10 + Int64(bytes[index] - 48)
            index += 1
        }
        if index == bytes.count, index > start {
            JSONText.write(negative ? -magnitude : magnitude, to: &body)
            return .written
        }
        guard let value = Self.fraction(bytes) else { return .refused("Expected a number.") }
        return checked(value, to: &body)
    }

    private func boolean(_ bytes: UnsafeBufferPointer<UInt8>, to body: inout [UInt8]) -> Outcome {
        guard let value = Self.truth(bytes) else { return .refused("Expected true or false.") }
        body.append(contentsOf: (value ? "true" : "false").utf8)
        return .written
    }
}

/// Spellings, for conversion and for guessing types.
extension ImportValue {
    static func trim(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        var (start, end) = (0, bytes.count)
        while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
        while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
        return UnsafeBufferPointer(rebasing: bytes[start..<end])
    }

    /// What programs write for a value that isn't there.
    static func isBlank(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count <= 4 else { return false }
        return bytes.isEmpty || blanks.contains { $0.elementsEqual(bytes) }
    }

    private static let blanks = ["NA", "N/A", "NaN", "nan", "NULL", "null", "None", "-"].map { Array($0.utf8) }
    private static let truths = ["true", "t", "yes", "y", "1"].map { Array($0.utf8) }
    private static let lies = ["false", "f", "no", "n", "0"].map { Array($0.utf8) }

    static func truth(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool? {
        guard (1...5).contains(bytes.count) else { return nil }
        let lower = bytes.map { (65...90).contains($0) ? $0 | 0x20 : $0 }
        return truths.contains(lower) ? true : lies.contains(lower) ? false : nil
    }

    /// A decimal number; a single comma counts as the point.
    static func fraction(_ bytes: UnsafeBufferPointer<UInt8>) -> JSONValue? {
        guard bytes.count <= 64 else { return nil }
        var text = Array(bytes)
        if text.first == UInt8(ascii: "+") { text.removeFirst() }
        if !text.contains(UInt8(ascii: ".")), text.count(where: { $0 == UInt8(ascii: ",") }) == 1,
            let comma = text.firstIndex(of: UInt8(ascii: ","))
        {
            text[comma] = UInt8(ascii: ".")
        }
        guard text.allSatisfy({ (48...57).contains($0) || $0 == 45 || $0 == 46 || $0 == 43 || $0 | 0x20 == 101 }) else { return nil }
        guard let double = Double(String(decoding: text, as: UTF8.self)), double.isFinite else { return nil }
        return Int64(exactly: double).flatMap { abs($0) < 1 << 53 ? .integer($0) : nil } ?? .number(double)
    }

    /// `2026-11-21`, `2026/11/21` or `21.11.2026`. Forms in which month and day can be confused are not read.
    static func date(_ bytes: UnsafeBufferPointer<UInt8>) -> CalendarDate? {
        if bytes.count == 10, bytes[4] == UInt8(ascii: "-") { return CalendarDate(utf8: bytes) }
        let parts = String(decoding: bytes, as: UTF8.self).split(
            separator: bytes.contains(UInt8(ascii: "/")) ? "/" : ".", omittingEmptySubsequences: false)
        guard parts.count == 3, bytes.count <= 10, bytes.count >= 8 else { return nil }
        let numbers = parts.compactMap { UInt16($0) }.map { Int($0) }
        guard numbers.count == 3 else { return nil }
        if bytes.contains(UInt8(ascii: "/")) {
            return parts[0].count == 4 ? CalendarDate(year: numbers[0], month: numbers[1], day: numbers[2]) : nil
        }
        return parts[2].count == 4 ? CalendarDate(year: numbers[2], month: numbers[1], day: numbers[0]) : nil
    }

    /// RFC 3339, or the same with a space and without zone, which counts as UTC, as `2026-11-21 07:37:42`. Writes the stored form.
    static func writeMoment(_ bytes: UnsafeBufferPointer<UInt8>, to body: inout [UInt8]) -> Bool {
        guard (16...35).contains(bytes.count), bytes[10] == UInt8(ascii: "T") || bytes[10] == 0x20 || bytes[10] == UInt8(ascii: "t") else {
            return false
        }
        // The common forms, second by second in UTC, are copied.
        let isBare = bytes.count == 19 || (bytes.count == 20 && bytes[19] == UInt8(ascii: "Z"))
        if isBare, isClock(bytes), CalendarDate(utf8: UnsafeBufferPointer(rebasing: bytes[0..<10])) != nil {
            body.append(UInt8(ascii: "\""))
            body.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[0..<10]))
            body.append(UInt8(ascii: "T"))
            body.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[11..<19]))
            body.append(contentsOf: ".000Z\"".utf8)
            return true
        }
        guard let moment = moment(String(decoding: bytes, as: UTF8.self)) else { return false }
        JSONText.write(moment.description, to: &body)
        return true
    }

    static func moment(_ text: String) -> Instant? {
        var text = text
        if text.utf8.count == 16 { text += ":00" }
        if let space = text.firstIndex(of: " ") { text.replaceSubrange(space...space, with: "T") }
        let tail = text.dropFirst(19)
        if !tail.contains(where: { "Zz+-".contains($0) }) { text += "Z" }
        return Instant(text)
    }

    private static func isClock(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        func two(_ index: Int) -> Int {
            guard (48...57).contains(bytes[index]), (48...57).contains(bytes[index + 1]) else { return 99 }
            return Int(bytes[index] - 48) * 10 + Int(bytes[index + 1] - 48)
        }
        return bytes[13] == 58 && bytes[16] == 58 && two(11) < 24 && two(14) < 60 && two(17) < 60
    }
}
