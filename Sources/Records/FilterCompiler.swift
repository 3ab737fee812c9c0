import Storage
import Vocabulary

/// Turns a filter into SQL with bound values. An empty field equals nothing and is neither less nor more than anything; so `!=` and `!~` find it.
struct FilterCompiler {
    let collection: Collection

    func compile(_ filter: Filter) throws -> SQL { try compile(filter, negated: false) }

    private func compile(_ filter: Filter, negated: Bool) throws -> SQL {
        switch filter {
        case .not(let inner): return try compile(inner, negated: !negated)
        case .and(let parts): return join(try parts.map { try compile($0, negated: negated) }, with: negated ? " OR " : " AND ")
        case .or(let parts): return join(try parts.map { try compile($0, negated: negated) }, with: negated ? " AND " : " OR ")
        case .empty(let field):
            let expression = try operand(field).expression
            return negated ? "\(expression) IS NOT NULL" : "\(expression) IS NULL"
        case .any(let field, let literals):
            let operand = try operand(field)
            let values = try literals.map { "\(try operand.value(of: $0))" as SQL }.joined()
            return negated
                ? "(\(operand.expression) IS NULL OR \(operand.expression) NOT IN (\(values)))" : "\(operand.expression) IN (\(values))"
        case .comparison(let field, let comparison, let literal):
            return try compare(try operand(field), negated ? comparison.opposite : comparison, literal)
        }
    }

    private func join(_ parts: [SQL], with separator: SQL) -> SQL { "(\(parts.joined(separator)))" }

    private func compare(_ operand: Operand, _ comparison: Filter.Comparison, _ literal: Filter.Literal) throws -> SQL {
        let expression = operand.expression
        if literal == .null {
            switch comparison {
            case .equal: return "\(expression) IS NULL"
            case .notEqual: return "\(expression) IS NOT NULL"
            default: throw FilterParser.refusal("null can only be compared by = and !=.")
            }
        }
        if comparison == .contains || comparison == .lacks {
            guard operand.isText, case .text(let text) = literal else {
                throw FilterParser.refusal("~ looks for a text in the text field \"\(operand.name)\" only.")
            }
            let pattern = "%" + text.lowercased().replacing(/[\\%_]/) { "\\" + $0.output } + "%"
            let found: SQL = "lower(\(expression)) LIKE \(pattern) ESCAPE '\\'"
            return comparison == .contains ? found : "(\(expression) IS NULL OR NOT \(found))"
        }
        let value = try operand.value(of: literal)
        if comparison != .equal, comparison != .notEqual, !operand.isOrdered {
            throw FilterParser.refusal("\"\(operand.name)\" can only be compared by = and !=.")
        }
        switch comparison {
        case .equal: return "\(expression) = \(value)"
        case .notEqual: return "(\(expression) IS NULL OR \(expression) <> \(value))"
        case .less: return "\(expression) < \(value)"
        case .atMost: return "\(expression) <= \(value)"
        case .greater: return "\(expression) > \(value)"
        case .atLeast: return "\(expression) >= \(value)"
        case .contains, .lacks: throw FilterParser.refusal("~ looks for a text.")
        }
    }

    private func operand(_ name: String) throws -> Operand {
        guard let operand = Operand(name, in: collection) else {
            throw FilterParser.refusal("There is no field \"\(name.prefix(60))\" to filter by in \(collection.name).")
        }
        return operand
    }
}

extension Filter.Comparison {
    fileprivate var opposite: Self {
        switch self {
        case .equal: .notEqual
        case .notEqual: .equal
        // An empty field is neither less nor more; the compiler keeps it out of both.
        case .less: .atLeast
        case .atMost: .greater
        case .greater: .atMost
        case .atLeast: .less
        case .contains: .lacks
        case .lacks: .contains
        }
    }
}

/// Something that filters and sorts look at: a field, or one of `_id`, `_version`, `_created`, `_updated`.
struct Operand {
    enum Kind {
        case field(Field)
        case id
        case version
        case instant
    }

    let name: String
    let kind: Kind
    let expression: SQL

    init?(_ name: String, in collection: Collection) {
        self.name = name
        switch name {
        case "_id": (kind, expression) = (.id, "id")
        case "_version": (kind, expression) = (.version, "version")
        case "_created": (kind, expression) = (.instant, "created_at")
        case "_updated": (kind, expression) = (.instant, "coalesce(updated_at, created_at)")
        default:
            guard let field = collection.field(name) else { return nil }
            (kind, expression) = (.field(field), field.expression)
        }
    }

    var isText: Bool {
        guard case .field(let field) = kind else { return false }
        switch field.type {
        case .text, .longText, .choice: return true
        default: return false
        }
    }

    var isOrdered: Bool {
        guard case .field(let field) = kind else { return true }
        switch field.type {
        case .boolean, .json, .reference: return false
        default: return true
        }
    }

    /// `literal` as the column has it.
    func value(of literal: Filter.Literal) throws -> Value {
        switch (kind, literal) {
        case (.id, .text(let text)):
            guard let id = RecordID(text) else { throw mismatch("the id of a record") }
            return .text(id.description)
        case (.version, .number(.integer(let number))): return .integer(number)
        case (.instant, .text(let text)):
            guard let instant = Instant(text) else { throw mismatch("a moment such as \"2026-11-21T07:37:42Z\"") }
            return .integer(instant.microseconds)
        case (.field(let field), _): return try value(of: literal, field)
        default: throw mismatch("another kind of value")
        }
    }

    private func value(of literal: Filter.Literal, _ field: Field) throws -> Value {
        switch (field.type, literal) {
        case (.text, .text(let text)), (.longText, .text(let text)), (.choice, .text(let text)): return .text(text)
        case (.number, .number(.integer(let number))): return .integer(number)
        case (.number, .number(.number(let number))): return .real(number)
        case (.boolean, .boolean(let value)): return .integer(value ? 1 : 0)
        case (.date, .text(let text)):
            guard CalendarDate(text) != nil else { throw mismatch("a date such as \"2026-11-21\"") }
            return .text(text)
        case (.dateTime, .text(let text)):
            guard let instant = Instant(text) else { throw mismatch("a moment such as \"2026-11-21T07:37:42Z\"") }
            return .text(instant.description)
        case (.reference, .text(let text)):
            guard let id = RecordID(text) else { throw mismatch("the id of a record") }
            return .text(id.description)
        case (.json, _): throw FilterParser.refusal("The JSON field \"\(name)\" can only be compared with null.")
        default: throw mismatch(field.type == .number ? "a number" : field.type == .boolean ? "true or false" : "a text in quotes")
        }
    }

    private func mismatch(_ expected: String) -> Refusal {
        FilterParser.refusal("\"\(name)\" has to be compared with \(expected).")
    }
}
