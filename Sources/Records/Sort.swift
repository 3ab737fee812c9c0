import Storage
import Vocabulary

/// The order of a list. The id always comes last, so that the order is total and a cursor names one place in it.
///
/// Empty values are the smallest. Both engines are told so explicitly, and indexes are made for it.
struct Sort {
    struct Key {
        let operand: Operand
        let descending: Bool

        /// Creation order is the order of ids, which has an index.
        var expression: SQL { operand.name == "_created" ? "id" : operand.expression }
        var isID: Bool { operand.name == "_created" || operand.name == "_id" }
    }

    static let limit = 4

    let keys: [Key]

    init(_ text: String?, in collection: Collection) throws {
        var keys: [Key] = []
        let names = (text ?? "").split(separator: ",", omittingEmptySubsequences: false)
        guard names.count <= Self.limit else { throw Self.refusal("Sort by at most \(Self.limit) fields.") }
        for name in names where !(text ?? "").isEmpty {
            let descending = name.first == "-"
            let key = String(descending ? name.dropFirst() : name)
            guard let operand = Operand(key, in: collection) else {
                throw Self.refusal("There is no field \"\(key.prefix(60))\" to sort by in \(collection.name).")
            }
            if case .field(let field) = operand.kind, !field.type.isComparable { throw Self.refusal("\"\(key)\" can't be sorted by.") }
            guard !keys.contains(where: { $0.operand.name == key }) else { throw Self.refusal("\"\(key)\" is there twice.") }
            keys.append(Key(operand: operand, descending: descending))
            if keys.last?.isID == true { break }
        }
        if keys.last?.isID != true, let id = Operand("_id", in: collection) {
            keys.append(Key(operand: id, descending: keys.first?.descending ?? false))
        }
        self.keys = keys
    }

    private static func refusal(_ message: String) -> Refusal { .invalid("invalid-sort", message, field: "sort") }

    /// The same list from its other end.
    var reversed: Sort { Sort(keys: keys.map { Key(operand: $0.operand, descending: !$0.descending) }) }

    private init(keys: [Key]) { self.keys = keys }

    var clause: SQL {
        keys.map { key in
            if key.isID { return key.descending ? "\(key.expression) DESC" : "\(key.expression)" }
            return key.descending ? "\(key.expression) DESC NULLS LAST" : "\(key.expression) ASC NULLS FIRST"
        }.joined()
    }

    /// Holds for everything that comes after a record with these values.
    func after(_ values: [Value]) -> SQL {
        var result = SQL()
        for (key, value) in zip(keys, values).reversed() {
            let expression = key.expression
            let beyond: SQL
            let same: SQL
            if value == .null {
                beyond = key.descending ? "1 = 0" : "\(expression) IS NOT NULL"
                same = "\(expression) IS NULL"
            } else if key.isID {
                beyond = key.descending ? "\(expression) < \(value)" : "\(expression) > \(value)"
                same = "\(expression) = \(value)"
            } else {
                beyond = key.descending ? "(\(expression) < \(value) OR \(expression) IS NULL)" : "\(expression) > \(value)"
                same = "\(expression) = \(value)"
            }
            result = result.parts.isEmpty ? beyond : "(\(beyond) OR (\(same) AND \(result)))"
        }
        // Said once more for the planner, which can't turn the alternatives above into a range of the index.
        if let key = keys.first, let value = values.first, keys.count > 1, !key.descending, value != .null {
            return "(\(key.expression) >= \(value) AND \(result))"
        }
        return result
    }
}
