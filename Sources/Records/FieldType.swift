import Vocabulary

/// What values a field takes.
package enum FieldType: Sendable, Hashable {
    /// One line, at most 1,000 characters.
    case text
    /// Several lines, at most 100,000 characters.
    case longText
    case number
    case boolean
    /// A day of the calendar: `2026-11-21`.
    case date
    /// A moment, kept in UTC: `2026-11-21T07:37:42.123Z`.
    case dateTime
    case choice([String])
    case reference(CollectionID)
    /// Any JSON, at most 100,000 bytes.
    case json

    /// The stable name that API, import mappings and audit use.
    package var name: String {
        switch self {
        case .text: "text"
        case .longText: "longText"
        case .number: "number"
        case .boolean: "boolean"
        case .date: "date"
        case .dateTime: "dateTime"
        case .choice: "choice"
        case .reference: "reference"
        case .json: "json"
        }
    }

    package static let names = ["text", "longText", "number", "boolean", "date", "dateTime", "choice", "reference", "json"]

    /// Whether full-text search looks into it.
    var isSearched: Bool {
        switch self {
        case .text, .longText, .choice: true
        default: false
        }
    }

    /// Whether it can be sorted, filtered by order, indexed or unique.
    package var isComparable: Bool {
        switch self {
        case .longText, .json: false
        default: true
        }
    }
}
