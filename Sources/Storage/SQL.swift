/// A statement whose values are bound, always.
///
/// An interpolated value becomes a parameter; text that is not a literal in the source can't become SQL, because every literal
/// part is a `StaticString`. What has to vary in the text itself (an index over a collection's field) is an ``SQLName``,
/// which holds nothing but `a–z 0–9 _`.
///
/// ```swift
/// try $0.rows("SELECT id, body FROM record WHERE collection = \(collection) AND deleted_at IS NULL")
/// ```
package struct SQL: Sendable {
    package enum Part: Sendable {
        case literal(StaticString)
        case bind(Value)
        case name(SQLName)
        /// A member of a JSON column, as text or as number; each engine has its own expression for it.
        case json(column: SQLName, member: SQLName, as: JSONMember)
    }

    package enum JSONMember: Sendable {
        case text
        case number
        case boolean
    }

    package private(set) var parts: [Part]

    package init(parts: [Part] = []) { self.parts = parts }

    package static func + (left: SQL, right: SQL) -> SQL { SQL(parts: left.parts + right.parts) }
    package static func += (left: inout SQL, right: SQL) { left.parts += right.parts }
}

extension SQL: ExpressibleByStringInterpolation {
    package init(stringLiteral value: StaticString) { parts = [.literal(value)] }
    package init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }

    package struct StringInterpolation: StringInterpolationProtocol {
        var parts: [Part] = []

        package init(literalCapacity: Int, interpolationCount: Int) { parts.reserveCapacity(2 * interpolationCount + 1) }
        package mutating func appendLiteral(_ literal: StaticString) {
            if literal.utf8CodeUnitCount > 0 { parts.append(.literal(literal)) }
        }
        package mutating func appendInterpolation(_ value: some ColumnValue) { parts.append(.bind(value.columnValue)) }
        /// Nil binds NULL. A door of its own, because the compiler warns of an optional that goes in through a generic one.
        package mutating func appendInterpolation<T: ColumnValue>(_ value: T?) { parts.append(.bind(value.columnValue)) }
        package mutating func appendInterpolation(_ fragment: SQL) { parts += fragment.parts }
        package mutating func appendInterpolation(_ name: SQLName) { parts.append(.name(name)) }
        package mutating func appendInterpolation(json column: SQLName, _ member: SQLName, as type: JSONMember = .text) {
            parts.append(.json(column: column, member: member, as: type))
        }
    }
}

extension Sequence<SQL> {
    /// `a, b, c`.
    package func joined(_ separator: SQL = ", ") -> SQL {
        var result = SQL()
        for (index, part) in enumerated() {
            if index > 0 { result += separator }
            result += part
        }
        return result
    }
}

/// An identifier made of `a–z 0–9 _`, starting with a letter or `_`, at most 63 characters: fit for SQL text of every engine.
package struct SQLName: Hashable, Sendable, ExpressibleByStringLiteral {
    package let text: String

    package init?(_ text: String) {
        guard (1...63).contains(text.utf8.count), let first = text.utf8.first, !(48...57).contains(first) else { return nil }
        guard text.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }) else { return nil }
        self.text = text
    }

    /// For names in the source. A literal that breaks the rule becomes a name that no table has.
    package init(stringLiteral value: StaticString) {
        self = SQLName(value.description) ?? SQLName(fallback: ())
    }

    private init(fallback: Void) { text = "invalid_name" }
}
