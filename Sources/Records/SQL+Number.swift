import Storage

extension SQL {
    /// A number in the text itself, put together from digits of the source. Where an index is limited to one collection, the planner
    /// wants to see the number; a bound one would hide the index from it.
    static func number(_ number: Int) -> SQL {
        let digits: [StaticString] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
        var parts: [SQL.Part] = []
        var rest = number.magnitude
        repeat {
            parts.append(.literal(digits[Int(rest % 10)]))
            rest /= 10
        } while rest > 0
        if number < 0 { parts.append(.literal("-")) }
        return SQL(parts: parts.reversed())
    }
}

extension Field {
    /// Whether the field's key is fit for SQL was decided when the field was made.
    var column: SQLName { SQLName(key) ?? "invalid_name" }

    /// The value inside a record's body, as SQL compares it.
    var expression: SQL {
        switch type {
        case .number: "\(json: "body", column, as: .number)"
        case .boolean: "\(json: "body", column, as: .boolean)"
        default: "\(json: "body", column, as: .text)"
        }
    }

    var indexName: SQLName { SQLName("record_i\(number)") ?? "invalid_name" }
    var uniqueIndexName: SQLName { SQLName("record_u\(number)") ?? "invalid_name" }
}
