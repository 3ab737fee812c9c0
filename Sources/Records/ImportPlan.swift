import Vocabulary

/// How an uploaded file is written.
package enum ImportFormat: String, Sendable, Hashable {
    case csv
    case jsonLines = "json-lines"
}

/// What to do with an upload.
package struct ImportPlan: Sendable {
    package enum Target: Sendable {
        case existing(slug: String)
        case new(CollectionDraft)
    }

    package enum Mode: String, Sendable {
        /// One refused line, and nothing is imported.
        case allOrNothing = "all-or-nothing"
        /// Good lines are imported, refused ones are reported.
        case goodLines = "good-lines"
    }

    package struct Mapping: Sendable, Hashable {
        package var column: String
        package var field: String
        package init(column: String, field: String) {
            self.column = column
            self.field = field
        }
    }

    package var target: Target
    /// Columns that are not mentioned are left out.
    package var mappings: [Mapping]
    package var mode: Mode

    package init(target: Target, mappings: [Mapping], mode: Mode = .goodLines) {
        self.target = target
        self.mappings = mappings
        self.mode = mode
    }

    /// Takes the preview's suggestions.
    package init(_ preview: ImportPreview, into collection: Collection, mode: Mode = .goodLines) {
        let mappings = preview.columns.compactMap { column in column.matches.map { Mapping(column: column.name, field: $0) } }
        self.init(target: .existing(slug: collection.slug), mappings: mappings, mode: mode)
    }

    /// Takes the preview's suggestions for a new collection.
    package init(_ preview: ImportPreview, newSlug slug: String, name: String, mode: Mode = .goodLines) {
        let fields = preview.columns.prefix(Fields.limit).map {
            FieldDraft(key: $0.suggestedKey, label: $0.suggestedLabel, type: $0.suggestedType)
        }
        let mappings = preview.columns.prefix(Fields.limit).map { Mapping(column: $0.name, field: $0.suggestedKey) }
        self.init(target: .new(CollectionDraft(slug: slug, name: name, fields: Array(fields))), mappings: Array(mappings), mode: mode)
    }

    /// Each field once, all of them there, required ones among them.
    func check(for collection: Collection) throws {
        guard !mappings.isEmpty else { throw Refusal.invalid("no-mapping", "Choose at least one column to import.", field: "mappings") }
        var fields: Set<String> = []
        var columns: Set<String> = []
        for mapping in mappings {
            guard collection.field(mapping.field) != nil else {
                throw Refusal.invalid(
                    "unknown-field", "\(collection.name) has no field \"\(mapping.field.prefix(60))\".", field: "mappings")
            }
            guard fields.insert(mapping.field).inserted, columns.insert(mapping.column).inserted else {
                throw Refusal.invalid("mapped-twice", "Each column goes to one field, and each field takes one column.", field: "mappings")
            }
        }
        let missing = collection.fields.filter { $0.required && !fields.contains($0.key) }
        guard missing.isEmpty else {
            let names = missing.map(\.label).joined(separator: ", ")
            throw Refusal.invalid("required-not-mapped", "No column is chosen for what is required: \(names).", field: "mappings")
        }
    }

    /// What the work needs to know when it goes on after a crash.
    var stored: JSONValue {
        ["mode": .string(mode.rawValue), "mappings": .array(mappings.map { [.string($0.column), .string($0.field)] })]
    }

    static func read(_ stored: JSONValue) -> (mode: Mode, mappings: [Mapping])? {
        guard let mode = stored["mode"]?.string.flatMap(Mode.init(rawValue:)), let list = stored["mappings"]?.array else { return nil }
        let mappings = list.compactMap { pair in
            if let pair = pair.array, pair.count == 2, let column = pair[0].string, let field = pair[1].string {
                Mapping(column: column, field: field)
            } else {
                nil as Mapping?
            }
        }
        return (mode, mappings)
    }
}

/// A line that was not imported.
package struct RefusedLine: Sendable, Equatable {
    package let line: Int
    package let reasons: [Refusal.FieldProblem]
}

/// How an import ended, or stands.
package struct ImportReport: Sendable {
    package let operation: OperationID
    package let collection: CollectionID
    package let imported: Int
    package let refused: Int
    /// The first ones; at most ``Imports/keptRefusals`` are kept.
    package let lines: [RefusedLine]
}
