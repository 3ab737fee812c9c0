/// Reads one JSON document strictly (RFC 8259, RFC 7493): UTF-8 only, each name once, no NUL in text,
/// no number that a double can't hold, bounded nesting and number of values.
///
/// Foundation's reader accepts duplicate names and nesting as deep as its stack, so an attacker could make
/// two readers see two documents.
package struct JSONReader {
    package struct Limits: Sendable {
        package var depth = 32
        package var values = 100_000
        package init(depth: Int = 32, values: Int = 100_000) {
            self.depth = depth
            self.values = values
        }
    }

    /// Where and why reading stopped. `path` is where we were in the document: `address.lines[2]`, empty at the top.
    package struct Failure: Error, Equatable {
        package enum Reason: Sendable, Equatable {
            case syntax
            case encoding
            case nulCharacter
            case duplicateName
            case tooDeep
            case tooMany
            case numberRange
        }

        package let reason: Reason
        package let path: String
        package let offset: Int

        package var message: String {
            switch reason {
            case .syntax: "This is not JSON: look near byte \(offset)."
            case .encoding: "Text must be UTF-8: look near byte \(offset)."
            case .nulCharacter: "Text can't hold the NUL character."
            case .duplicateName: "This name appears twice in one object."
            case .tooDeep: "The document is nested too deeply."
            case .tooMany: "The document holds too many values."
            case .numberRange: "This number is out of range."
            }
        }
    }

    private enum Step {
        case name(String)
        case index(Int)
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var limits: Limits
    private var position = 0
    private var path: [Step] = []

    package static func read(_ bytes: some Sequence<UInt8>, limits: Limits = Limits()) throws(Failure) -> JSONValue {
        let outcome = bytes.withContiguousStorageIfAvailable { read(buffer: $0, limits: limits) }
        return try (outcome ?? Array(bytes).withUnsafeBufferPointer { read(buffer: $0, limits: limits) }).get()
    }

    private static func read(buffer: UnsafeBufferPointer<UInt8>, limits: Limits) -> Result<JSONValue, Failure> {
        Result { () throws(Failure) in
            var reader = JSONReader(bytes: buffer, limits: limits)
            return try reader.document()
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, limits: Limits) {
        self.bytes = bytes
        self.limits = limits
    }

    private mutating func document() throws(Failure) -> JSONValue {
        skipSpace()
        let value = try value(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw failure(.syntax) }
        return value
    }

    private mutating func value(depth: Int) throws(Failure) -> JSONValue {
        guard limits.values > 0 else { throw failure(.tooMany) }
        limits.values -= 1
        switch peek() {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(Failure) -> JSONValue {
        guard depth <= limits.depth else { throw failure(.tooDeep) }
        var members: [String: JSONValue] = [:]
        position += 1
        skipSpace()
        if take("}") { return .object(members) }
        repeat {
            skipSpace()
            guard peek() == UInt8(ascii: "\"") else { throw failure(.syntax) }
            let name = try string()
            path.append(.name(name))
            skipSpace()
            guard take(":") else { throw failure(.syntax) }
            skipSpace()
            let value = try value(depth: depth)
            guard members.updateValue(value, forKey: name) == nil else { throw failure(.duplicateName) }
            path.removeLast()
            skipSpace()
        } while take(",")
        guard take("}") else { throw failure(.syntax) }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(Failure) -> JSONValue {
        guard depth <= limits.depth else { throw failure(.tooDeep) }
        var values: [JSONValue] = []
        position += 1
        skipSpace()
        if take("]") { return .array(values) }
        repeat {
            skipSpace()
            path.append(.index(values.count))
            values.append(try value(depth: depth))
            path.removeLast()
            skipSpace()
        } while take(",")
        guard take("]") else { throw failure(.syntax) }
        return .array(values)
    }

    private mutating func string() throws(Failure) -> String {
        position += 1
        let start = position
        while let byte = peek(), byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            guard byte >= 0x20 else { throw failure(byte == 0 ? .nulCharacter : .syntax) }
            position += 1
        }
        let plain = UnsafeBufferPointer(rebasing: bytes[start..<position])
        if take("\"") { return try text(plain) }
        var content = Array(plain)
        while let byte = peek() {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return try content.withUnsafeBufferPointer { buffer throws(Failure) in try text(buffer) }
            case UInt8(ascii: "\\"): try escape(into: &content)
            case 0: throw failure(.nulCharacter)
            case 1..<0x20: throw failure(.syntax)
            default: content.append(byte)
            }
        }
        throw failure(.syntax)
    }

    private func text(_ buffer: UnsafeBufferPointer<UInt8>) throws(Failure) -> String {
        guard let text = String(validating: buffer, as: UTF8.self) else { throw failure(.encoding) }
        return text
    }

    private mutating func escape(into content: inout [UInt8]) throws(Failure) {
        guard let byte = peek() else { throw failure(.syntax) }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if 0xD800..<0xDC00 ~= code {
                guard take("\\"), take("u") else { throw failure(.encoding) }
                let low = try hexadecimal()
                guard 0xDC00..<0xE000 ~= low else { throw failure(.encoding) }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard code != 0 else { throw failure(.nulCharacter) }
            guard let scalar = Unicode.Scalar(code) else { throw failure(.encoding) }
            content.append(contentsOf: String(scalar).utf8)
        default: throw failure(.syntax)
        }
    }

    private mutating func hexadecimal() throws(Failure) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek() else { throw failure(.syntax) }
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): code = code << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): code = code << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): code = code << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            default: throw failure(.syntax)
            }
            position += 1
        }
        return code
    }

    private mutating func number() throws(Failure) -> JSONValue {
        let start = position
        _ = take("-")
        let leadingZero = peek() == UInt8(ascii: "0")
        let whole = skipDigits()
        guard whole > 0, !leadingZero || whole == 1 else { throw failure(.syntax) }
        var isWhole = true
        if take(".") {
            isWhole = false
            guard skipDigits() > 0 else { throw failure(.syntax) }
        }
        if take("e") || take("E") {
            isWhole = false
            if !take("+") { _ = take("-") }
            guard skipDigits() > 0 else { throw failure(.syntax) }
        }
        guard position - start <= 64 else { throw failure(.numberRange) }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let integer = Int64(text) { return .integer(integer) }
        guard let double = Double(text), double.isFinite else { throw failure(.numberRange) }
        return .number(double)
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(Failure) -> JSONValue {
        let length = text.utf8CodeUnitCount
        guard position + length <= bytes.count else { throw failure(.syntax) }
        for offset in 0..<length where bytes[position + offset] != text.utf8Start[offset] { throw failure(.syntax) }
        position += length
        return value
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = peek(), UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
        return position - start
    }

    private mutating func skipSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private func failure(_ reason: Failure.Reason) -> Failure {
        var text = ""
        for step in path {
            switch step {
            case .name(let name): text += text.isEmpty ? name : ".\(name)"
            case .index(let index): text += "[\(index)]"
            }
        }
        return Failure(reason: reason, path: String(text.prefix(200)), offset: position)
    }
}
