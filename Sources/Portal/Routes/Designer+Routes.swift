import Foundation
import Hummingbird
import Records
import Vocabulary
import Web

/// Making a collection and changing its fields.
extension Portal {
    func addDesigner(to router: Router<HoldfastContext>) {
        room("/collections/new", on: router) { room in
            try await room.requireDesign()
            return try room.showDesign(Design(rows: [Design.Row(), Design.Row(), Design.Row()]), of: nil)
        }
        deed("/collections", on: router) { room, form in
            let design = Design(form)
            if let adjusted = design.adjusted(by: form) { return try room.showDesign(adjusted, of: nil) }
            do {
                let collection = try await room.workspace.collections.create(try room.draft(design), by: room.actor)
                return try room.go("/collections/\(collection.slug)", Notice(.done, "\(collection.name) is ready for its first record."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try room.showDesign(design, of: nil, refusal: refusal)
            }
        }
        room("/collections/{slug}/design", on: router) { room in
            let collection = try room.collectionOfPath()
            try await room.requireDesign(in: collection)
            return try room.showDesign(Design(collection, among: room.collections), of: collection)
        }
        deed("/collections/{slug}/design", on: router) { room, form in
            let collection = try room.collectionOfPath()
            let design = Design(form)
            if let adjusted = design.adjusted(by: form) { return try room.showDesign(adjusted, of: collection) }
            do {
                try await room.change(collection, to: design)
                return try room.go("/collections/\(collection.slug)", Notice(.done, "The design is saved."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try room.showDesign(design, of: collection, refusal: refusal)
            }
        }
    }
}

/// What the designer's form holds.
private struct Design {
    struct Row {
        /// The key of a field that exists already.
        var identity = ""
        var name = ""
        var type = "text"
        var detail = ""
        var isRequired = false
        var isUnique = false
        var isIndexed = false
    }

    var name = ""
    var slug = ""
    var description = ""
    /// Of the collection when the form was drawn.
    var version: Int?
    var rows: [Row]

    init(rows: [Row]) { self.rows = rows }

    init(_ form: Form) {
        name = form["name"] ?? ""
        slug = form["slug"] ?? ""
        description = form["description"] ?? ""
        version = form["version"].flatMap { Int($0) }
        rows = []
        for index in 0..<200 {
            guard form["fields.\(index).name"] != nil else { continue }
            rows.append(
                Row(
                    identity: form["fields.\(index).id"] ?? "", name: form["fields.\(index).name"] ?? "",
                    type: form["fields.\(index).type"] ?? "", detail: form["fields.\(index).detail"] ?? "",
                    isRequired: form.isTicked("fields.\(index).required"), isUnique: form.isTicked("fields.\(index).unique"),
                    isIndexed: form.isTicked("fields.\(index).indexed")))
        }
    }

    init(_ collection: Collection, among collections: [Collection]) {
        name = collection.name
        slug = collection.slug
        description = collection.description
        version = collection.version
        rows = collection.fields.map { field in
            var detail = ""
            if case .choice(let options) = field.type { detail = options.joined(separator: ", ") }
            if case .reference(let target) = field.type { detail = collections.first { $0.id == target }?.slug ?? "" }
            return Row(
                identity: field.key, name: field.label, type: field.type.name, detail: detail, isRequired: field.required,
                isUnique: field.unique, isIndexed: field.indexed)
        }
    }

    /// What the buttons "add" and "remove" make of it without script; nil where the form is meant to be saved.
    func adjusted(by form: Form) -> Design? {
        var design = self
        if let index = form["remove"].flatMap({ Int($0) }), rows.indices.contains(index) {
            design.rows.remove(at: index)
            return design
        }
        guard form["more"] != nil else { return nil }
        design.rows.append(Row())
        return design
    }

    /// Rows that say anything; the others are invitations to write.
    var filled: [(index: Int, row: Row)] {
        rows.enumerated().filter { !$1.identity.isEmpty || !$1.name.filter { !$0.isWhitespace }.isEmpty }.map { ($0, $1) }
    }

    /// What is wrong with the Nth field, beside the control of its row that asks for it.
    func placed(_ problem: Refusal.FieldProblem) -> Refusal.FieldProblem {
        let parts = problem.field.split(separator: ".")
        guard parts.count == 3, parts[0] == "fields", let place = Int(parts[1]), filled.indices.contains(place) else { return problem }
        let control =
            switch parts[2] {
            case "type": "type"
            case "options", "target": "detail"
            default: "name"
            }
        return .init(field: "fields.\(filled[place].index).\(control)", message: problem.message)
    }

    /// A key for addresses and filters: `Departure time` becomes `departure_time`.
    static func key(_ label: String, taken: Set<String>) -> String {
        var key = ""
        for scalar in label.lowercased().decomposedStringWithCompatibilityMapping.unicodeScalars {
            if scalar.isASCII, scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) {
                key.unicodeScalars.append(scalar)
            } else if scalar.properties.isWhitespace || "-_/.".unicodeScalars.contains(scalar), !key.isEmpty, key.last != "_" {
                key += "_"
            }
        }
        while key.last == "_" { key.removeLast() }
        if key.first?.isLetter != true { key = "field_" + key }
        key = String(key.prefix(36))
        guard taken.contains(key) else { return key }
        return (2...).lazy.map { "\(key)_\($0)" }.first { !taken.contains($0) } ?? key
    }

    static func slug(_ name: String) -> String { key(name, taken: []).replacing("_", with: "-") }
}

extension Room {
    fileprivate func requireDesign(in collection: Collection? = nil) async throws {
        try await workspace.roles.require(.design, in: collection?.id, by: actor)
    }

    fileprivate func type(of row: Design.Row, at index: Int) throws -> FieldType {
        let words = row.detail.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        switch row.type {
        case "text": return .text
        case "longText": return .longText
        case "number": return .number
        case "boolean": return .boolean
        case "date": return .date
        case "dateTime": return .dateTime
        case "json": return .json
        case "choice": return .choice(words)
        case "reference":
            guard let wanted = words.first,
                let target = collections.first(where: { $0.slug == wanted || $0.name.lowercased() == wanted.lowercased() })
            else {
                throw Refusal.invalid(
                    "reference-target", "Name the collection that it refers to: \(collections.map(\.slug).joined(separator: ", ")).",
                    field: "fields.\(index).detail")
            }
            return .reference(target.id)
        default: throw Refusal.invalid("field-type", "Choose a type.", field: "fields.\(index).type")
        }
    }

    fileprivate func draft(_ design: Design) throws -> CollectionDraft {
        var keys: Set<String> = []
        var fields: [FieldDraft] = []
        for (index, row) in design.filled {
            let key = Design.key(row.name, taken: keys)
            keys.insert(key)
            fields.append(
                FieldDraft(
                    key: key, label: row.name, type: try type(of: row, at: index), required: row.isRequired, unique: row.isUnique,
                    indexed: row.isIndexed))
        }
        let slug = design.slug.isEmpty ? Design.slug(design.name) : design.slug
        return CollectionDraft(
            slug: slug, name: design.name, singular: RecordText.singular(of: design.name), description: design.description, fields: fields)
    }

    /// Everything that the form says, in one change.
    fileprivate func change(_ collection: Collection, to design: Design) async throws {
        var keys = Set(collection.fields.map(\.key))
        let entries = try design.filled.map { index, row -> Redesign.Entry in
            guard let field = collection.field(row.identity) else {
                let key = Design.key(row.name, taken: keys)
                keys.insert(key)
                return .new(
                    FieldDraft(
                        key: key, label: row.name, type: try type(of: row, at: index), required: row.isRequired, unique: row.isUnique,
                        indexed: row.isIndexed))
            }
            var row = row
            if row.type.isEmpty { row.type = field.type.name }
            return .kept(
                key: field.key,
                FieldChange(
                    label: row.name, type: try type(of: row, at: index), required: row.isRequired, unique: row.isUnique,
                    indexed: row.isIndexed))
        }
        let wanted = Redesign(name: design.name, description: design.description, fields: entries)
        do {
            try await workspace.collections.redesign(collection.slug, wanted, ifVersion: design.version, by: actor)
        } catch let refusal as Refusal where refusal.belongsToForm {
            throw Refusal(refusal.kind, refusal.code, refusal.message, fields: refusal.fields.map { design.placed($0) })
        }
    }

    fileprivate func showDesign(_ design: Design, of collection: Collection?, refusal: Refusal? = nil) throws -> Response {
        let types: [(String, String)] = [
            ("text", "Text"), ("longText", "Long text"), ("number", "Number"), ("boolean", "Yes or no"), ("date", "Date"),
            ("dateTime", "Date and time"), ("choice", "Choice"), ("reference", "Reference"), ("json", "JSON"),
        ]
        let problems = Dictionary((refusal?.fields ?? []).map { ($0.field, $0.message) }) { first, _ in first }
        let rows = design.rows.enumerated().map { index, row in
            DesignerPage.Field(
                index: index, identity: row.identity, name: row.name, types: types.map { Choice($0, $1, isChosen: $0 == row.type) },
                detail: row.detail, isRequired: row.isRequired, isUnique: row.isUnique, isIndexed: row.isIndexed, problems: problems)
        }
        var basics = [
            FormField("name", "Name", value: design.name, hint: "In the plural: Flights, Suppliers.", isRequired: true, autocomplete: "off")
        ]
        if collection == nil {
            basics.append(
                FormField(
                    "slug", "Short name", value: design.slug, hint: "Part of the address. Leave it empty, and it follows from the name.",
                    autocomplete: "off"))
        }
        basics.append(FormField("description", "Description", value: design.description, autocomplete: "off"))
        let home = collection.map { "/collections/\($0.slug)" }
        let page = DesignerPage(
            head: Head(
                collection.map { "Design of \($0.name)" } ?? "New collection",
                lead: collection == nil ? "One kind of record, and what each one holds." : nil),
            crumbs: [Link("Collections", "/collections")] + (collection.map { [Link($0.name, home ?? "/collections")] } ?? []),
            action: home.map { "\($0)/design" } ?? "/collections", basics: basics, fields: rows,
            version: collection == nil ? nil : design.version,
            button: collection == nil ? "Create collection" : "Save design", cancel: home ?? "/collections",
            delete: collection.flatMap { may(.delete, in: $0) && may(.design, in: $0) ? "/collections/\($0.slug)/delete" : nil },
            refusal: refusal)
        return try show(page, current: collection?.name ?? "Collections", after: refusal)
    }
}
