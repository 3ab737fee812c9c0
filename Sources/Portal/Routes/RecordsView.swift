import Hummingbird
import Records
import Vocabulary
import Web

/// How a list of records is looked at: all of it in the address, so that it can be kept and sent.
struct RecordsView: Sendable {
    struct Condition: Sendable, Equatable {
        var field = ""
        var comparison = ""
        var value = ""
    }

    var search = ""
    var conditions: [Condition] = []
    /// In the filter language, for what conditions can't say.
    var expression = ""
    var sort: String?
    /// Keys of the columns to show; empty means the first ones.
    var columns: [String] = []
    var cursor: String?
    /// How many rows lie on the pages before.
    var offset = 0
    /// How many there are in all, as counted on the first page.
    var total: Int?

    static let pageSize = 50

    init(_ request: Request) throws {
        guard let query = request.uri.query else { return }
        let asked = try Form.urlEncoded(query.utf8)
        search = asked["q"] ?? ""
        expression = asked["filter"] ?? ""
        sort = asked["sort"].flatMap { $0.isEmpty ? nil : $0 }
        columns = asked.values("column")
        cursor = asked["cursor"].flatMap { $0.isEmpty ? nil : $0 }
        offset = asked["offset"].flatMap { Int($0) }.map { max(0, min($0, 1 << 40)) } ?? 0
        total = asked["of"].flatMap { Int($0) }.map { max(0, $0) }
        for index in 0..<50 {
            guard let field = asked["f\(index).field"], !field.isEmpty else { continue }
            conditions.append(
                Condition(field: field, comparison: asked["f\(index).operator"] ?? "eq", value: asked["f\(index).value"] ?? ""))
        }
    }

    var isNarrowed: Bool { !search.isEmpty || !conditions.isEmpty || !expression.isEmpty }

    /// The same view, elsewhere in the list. Paging starts anew where the list itself changes.
    func address(of slug: String, paging: Bool = false) -> String { "/collections/\(slug)" + query(paging: paging) }

    func query(paging: Bool = false) -> String {
        var items: [(String, String?)] = [("q", search)]
        for (index, condition) in conditions.enumerated() {
            items += [
                ("f\(index).field", condition.field), ("f\(index).operator", condition.comparison), ("f\(index).value", condition.value),
            ]
        }
        items += [("filter", expression), ("sort", sort)] + columns.map { ("column", $0) }
        if paging { items += [("cursor", cursor), ("offset", String(offset)), ("of", total.map { String($0) })] }
        return Portal.query(items)
    }

    func changed(_ change: (inout RecordsView) -> Void) -> RecordsView {
        var view = self
        (view.cursor, view.offset, view.total) = (nil, 0, nil)
        change(&view)
        return view
    }

    // MARK: Filter

    static let comparisons: [(name: String, label: String)] = [
        ("eq", "is"), ("ne", "is not"), ("contains", "contains"), ("lacks", "does not contain"), ("gt", "is more than"),
        ("ge", "is at least"),
        ("lt", "is less than"), ("le", "is at most"), ("empty", "is empty"), ("filled", "is not empty"),
    ]

    /// Conditions and expression as one filter. `resolve` finds the record that a reference's text names.
    func filter(
        for collection: Collection, resolve: (CollectionID, String) async throws -> RecordID?
    ) async throws -> String? {
        var parts: [String] = []
        for condition in conditions {
            guard let field = collection.field(condition.field) else {
                throw Refusal.invalid("invalid-filter", "There is no field \"\(condition.field)\" here.", field: "filter")
            }
            switch condition.comparison {
            case "empty": parts.append("\(field.key) is empty")
            case "filled": parts.append("not \(field.key) is empty")
            default:
                let signs = ["eq": "=", "ne": "!=", "contains": "~", "lacks": "!~", "gt": ">", "ge": ">=", "lt": "<", "le": "<="]
                guard let sign = signs[condition.comparison] else { continue }
                parts.append("\(field.key) \(sign) \(try await literal(condition.value, of: field.type, resolve))")
            }
        }
        let own = expression.filter { !$0.isWhitespace }.isEmpty ? [] : [parts.isEmpty ? expression : "(\(expression))"]
        let all = parts + own
        return all.isEmpty ? nil : all.joined(separator: " and ")
    }

    private func literal(
        _ text: String, of type: FieldType, _ resolve: (CollectionID, String) async throws -> RecordID?
    ) async throws -> String {
        switch type {
        case .number:
            if case .string = RecordText.value(from: text, of: .number) { return Self.quoted(text) }
            return RecordText.value(from: text, of: .number).text
        case .boolean:
            let isTrue = ["yes", "true", "1", "on"].contains(text.lowercased())
            return isTrue ? "true" : "false"
        case .reference(let target):
            if RecordID(text) == nil, let found = try await resolve(target, text) { return Self.quoted(found.description) }
            return Self.quoted(text)
        case .dateTime:
            return Self.quoted(RecordText.value(from: text.utf8.count == 10 ? text + "T00:00:00" : text, of: .dateTime).string ?? text)
        default: return Self.quoted(text)
        }
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
