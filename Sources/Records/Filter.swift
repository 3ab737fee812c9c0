import Vocabulary

/// A condition on records, as written in a filter.
indirect enum Filter: Equatable {
    enum Comparison: String {
        case equal = "="
        case notEqual = "!="
        case less = "<"
        case atMost = "<="
        case greater = ">"
        case atLeast = ">="
        /// The text holds it; ASCII letters match in either case.
        case contains = "~"
        case lacks = "!~"
    }

    case comparison(field: String, Comparison, Literal)
    case any(field: String, of: [Literal])
    case empty(field: String)
    case not(Filter)
    case and([Filter])
    case or([Filter])

    enum Literal: Equatable {
        case text(String)
        case number(JSONValue)
        case boolean(Bool)
        case null
    }
}

/// Reads the filter language:
///
/// ```
/// carrier = "UA" and (distance > 1000 or not cancelled = true) and tail_number ~ "N1" and origin in ("JFK", "LGA") and remark is empty
/// ```
///
/// `and` binds closer than `or`. Texts are in single or double quotes, with `\` before a quote or a `\`. Bounded in length, terms and depth,
/// so that no filter costs more to read than to send.
struct FilterParser {
    static let lengthLimit = 8192
    static let termsLimit = 100
    static let depthLimit = 16

    private var tokens: [Token]
    private var position = 0
    private var terms = 0

    static func parse(_ text: String) throws -> Filter? {
        guard text.utf8.count <= lengthLimit else {
            throw refusal("The filter is longer than \(lengthLimit) bytes. Use fewer conditions.")
        }
        var parser = FilterParser(tokens: try FilterTokens.read(text))
        if parser.tokens.isEmpty { return nil }
        let filter = try parser.alternatives(depth: 0)
        guard parser.position == parser.tokens.count else { throw parser.unexpected() }
        return filter
    }

    static func refusal(_ message: String) -> Refusal { .invalid("invalid-filter", message, field: "filter") }

    private init(tokens: [Token]) { self.tokens = tokens }

    private mutating func alternatives(depth: Int) throws -> Filter {
        guard depth <= Self.depthLimit else { throw Self.refusal("The filter is nested deeper than \(Self.depthLimit) levels.") }
        var parts = [try conjunction(depth: depth)]
        while take(word: "or") { parts.append(try conjunction(depth: depth)) }
        return parts.count == 1 ? parts[0] : .or(parts)
    }

    private mutating func conjunction(depth: Int) throws -> Filter {
        var parts = [try negation(depth: depth)]
        while take(word: "and") { parts.append(try negation(depth: depth)) }
        return parts.count == 1 ? parts[0] : .and(parts)
    }

    private mutating func negation(depth: Int) throws -> Filter {
        var negated = false
        while take(word: "not") { negated.toggle() }
        let inner: Filter
        if take(.open) {
            inner = try alternatives(depth: depth + 1)
            guard take(.close) else { throw unexpected(", expected \")\"") }
        } else {
            inner = try term()
        }
        return negated ? .not(inner) : inner
    }

    private mutating func term() throws -> Filter {
        terms += 1
        guard terms <= Self.termsLimit else { throw Self.refusal("The filter has more than \(Self.termsLimit) conditions.") }
        guard case .word(let field)? = next(), !Field.reservedKeys.contains(field) else {
            position -= 1
            throw unexpected(", expected a field")
        }
        if take(word: "in") { return .any(field: field, of: try list()) }
        if take(word: "is") {
            let negated = take(word: "not")
            guard take(word: "empty") || take(word: "null") else { throw unexpected(", expected \"empty\"") }
            return negated ? .not(.empty(field: field)) : .empty(field: field)
        }
        guard case .comparison(let comparison)? = next() else {
            position -= 1
            throw unexpected(", expected a comparison such as =")
        }
        return .comparison(field: field, comparison, try literal())
    }

    private mutating func list() throws -> [Filter.Literal] {
        guard take(.open) else { throw unexpected(", expected \"(\"") }
        var values: [Filter.Literal] = []
        repeat {
            values.append(try literal())
            guard values.count <= Self.termsLimit else { throw Self.refusal("A list holds at most \(Self.termsLimit) values.") }
        } while take(.comma)
        guard take(.close) else { throw unexpected(", expected \")\"") }
        return values
    }

    private mutating func literal() throws -> Filter.Literal {
        switch next() {
        case .text(let text): return .text(text)
        case .number(let number): return .number(number)
        case .word("true"): return .boolean(true)
        case .word("false"): return .boolean(false)
        case .word("null"): return .null
        default:
            position -= 1
            throw unexpected(", expected a value (texts stand in quotes)")
        }
    }

    private mutating func next() -> Token.Kind? {
        defer { position += 1 }
        return tokens.indices.contains(position) ? tokens[position].kind : nil
    }

    private mutating func take(_ kind: Token.Kind) -> Bool {
        guard tokens.indices.contains(position), tokens[position].kind == kind else { return false }
        position += 1
        return true
    }

    private mutating func take(word: String) -> Bool { take(.word(word)) }

    private func unexpected(_ hint: String = "") -> Refusal {
        guard tokens.indices.contains(position) else { return Self.refusal("The filter ends too early\(hint).") }
        return Self.refusal("The filter can't be read at character \(tokens[position].offset + 1)\(hint).")
    }
}

struct Token {
    enum Kind: Equatable {
        case word(String)
        case text(String)
        case number(JSONValue)
        case comparison(Filter.Comparison)
        case open
        case close
        case comma
    }

    let kind: Kind
    let offset: Int
}

private enum FilterTokens {
    static func read(_ text: String) throws -> [Token] {
        let bytes = Array(text.utf8)
        var tokens: [Token] = []
        var index = 0
        while index < bytes.count {
            let start = index
            let kind: Token.Kind
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D:
                index += 1
                continue
            case UInt8(ascii: "("): (kind, index) = (.open, index + 1)
            case UInt8(ascii: ")"): (kind, index) = (.close, index + 1)
            case UInt8(ascii: ","): (kind, index) = (.comma, index + 1)
            case UInt8(ascii: "\""), UInt8(ascii: "'"): kind = .text(try quoted(bytes, &index))
            case UInt8(ascii: "="), UInt8(ascii: "!"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "~"):
                kind = .comparison(try comparison(bytes, &index))
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                while index < bytes.count, isNumberPart(bytes[index]) { index += 1 }
                guard let value = try? JSONReader.read(bytes[start..<index]) else {
                    throw FilterParser.refusal(
                        "The filter has a number that can't be read at character \(start + 1). Dates stand in quotes.")
                }
                kind = .number(value)
            case let byte where isWordPart(byte):
                while index < bytes.count, isWordPart(bytes[index]) { index += 1 }
                let word = String(decoding: bytes[start..<index], as: UTF8.self)
                // Words of the language may be written in capitals; keys have none.
                kind = .word(word.lowercased())
            default: throw FilterParser.refusal("The filter can't be read at character \(start + 1).")
            }
            tokens.append(Token(kind: kind, offset: start))
        }
        return tokens
    }

    private static func quoted(_ bytes: [UInt8], _ index: inout Int) throws -> String {
        let quote = bytes[index]
        index += 1
        var content: [UInt8] = []
        while index < bytes.count, bytes[index] != quote {
            if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count { index += 1 }
            guard bytes[index] != 0 else { throw FilterParser.refusal("A text in the filter can't hold the NUL character.") }
            content.append(bytes[index])
            index += 1
        }
        guard index < bytes.count else { throw FilterParser.refusal("A text in the filter has no closing quote.") }
        index += 1
        return String(decoding: content, as: UTF8.self)
    }

    private static func comparison(_ bytes: [UInt8], _ index: inout Int) throws -> Filter.Comparison {
        if index + 1 < bytes.count, let two = Filter.Comparison(rawValue: String(decoding: bytes[index...index + 1], as: UTF8.self)) {
            index += 2
            return two
        }
        guard let one = Filter.Comparison(rawValue: String(decoding: bytes[index...index], as: UTF8.self)) else {
            throw FilterParser.refusal("The filter can't be read at character \(index + 1).")
        }
        index += 1
        return one
    }

    private static func isNumberPart(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
            || byte | 0x20 == UInt8(ascii: "e")
    }

    private static func isWordPart(_ byte: UInt8) -> Bool {
        (97...122).contains(byte | 0x20) || (48...57).contains(byte) || byte == UInt8(ascii: "_")
    }
}
