import Hummingbird
import Records
import Vocabulary
import Web

/// New records and changes.
extension Portal {
    func addRecordForms(to router: Router<HoldfastContext>) {
        room("/collections/{slug}/records/new", on: router) { room in
            let collection = try room.collectionOfPath()
            try await room.workspace.roles.require(.create, in: collection.id, by: room.actor)
            return try await room.showForm(collection, record: nil, typed: nil)
        }
        deed("/collections/{slug}/records", on: router) { room, form in
            let collection = try room.collectionOfPath()
            do {
                let values = try await room.values(from: form, of: collection)
                let record = try await room.workspace.records.create(values, in: collection.slug, by: room.actor)
                return try room.go(
                    "/collections/\(collection.slug)/records/\(record.id)",
                    Notice(.done, "\(RecordText.title(of: record, in: collection)) is saved."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await room.showForm(collection, record: nil, typed: form, refusal: refusal)
            }
        }
        room("/collections/{slug}/records/{id}/edit", on: router) { room in
            let collection = try room.collectionOfPath()
            let record = try await room.recordOfPath(collection)
            try await room.workspace.roles.require(.edit, in: collection.id, by: room.actor)
            return try await room.showForm(collection, record: record, typed: nil)
        }
        deed("/collections/{slug}/records/{id}", on: router) { room, form in
            let collection = try room.collectionOfPath()
            let record = try await room.recordOfPath(collection)
            do {
                guard let version = form["version"].flatMap({ Int($0) }) else {
                    throw Refusal.invalid("version-missing", "The form is incomplete. Reload the page and try again.")
                }
                let values = try await room.values(from: form, of: collection)
                let saved = try await room.workspace.records.replace(
                    record.id, in: collection.slug, with: values, ifVersion: version, by: room.actor)
                return try room.go(
                    "/collections/\(collection.slug)/records/\(record.id)",
                    Notice(.done, "\(RecordText.title(of: saved, in: collection)) is saved."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await room.showForm(collection, record: record, typed: form, refusal: refusal)
            }
        }
    }
}

extension Room {
    /// Most records that a reference offers in a list; beyond that its title is typed.
    private static let offered = 50

    fileprivate func recordOfPath(_ collection: Collection) async throws -> Record {
        try await workspace.records.find(try context.id("id", what: "record"), in: collection.slug, by: actor)
    }

    fileprivate func values(from form: Form, of collection: Collection) async throws -> JSONObject {
        var values: JSONObject = [:]
        var problems: [Refusal.FieldProblem] = []
        for field in collection.fields {
            guard let text = form["v.\(field.key)"] else { continue }
            if case .reference(let target) = field.type, !text.isEmpty, RecordID(text) == nil {
                if let id = try await find(text, in: target) {
                    values[field.key] = .string(id.description)
                } else {
                    problems.append(.init(field: field.key, message: "There is no record with this title. Write it as it is listed."))
                }
            } else {
                values[field.key] = RecordText.value(from: text, of: field.type)
            }
        }
        guard problems.isEmpty else { throw Refusal(.invalid, "invalid-values", "Something needs another look.", fields: problems) }
        return values
    }

    private func find(_ title: String, in target: CollectionID) async throws -> RecordID? {
        guard let slug = collections.first(where: { $0.id == target })?.slug else { return nil }
        let found = try await workspace.records.suggestions(title, in: slug, limit: 20, by: actor)
        return (found.first { $0.title == title } ?? found.first { $0.title.lowercased() == title.lowercased() })?.id
    }

    fileprivate func showForm(_ collection: Collection, record: Record?, typed: Form?, refusal: Refusal? = nil) async throws -> Response {
        let values = record?.values ?? [:]
        var titles: [RecordID: String] = [:]
        if let record { titles = try await workspace.records.titles(for: [record], in: collection.slug, by: actor) }
        var fields: [FormField] = []
        for field in collection.fields {
            let stored = RecordText.input(values[field.key], of: field.type)
            fields.append(try await control(for: field, value: typed.map { $0["v.\(field.key)"] ?? "" } ?? stored, titles))
        }
        let home = "/collections/\(collection.slug)"
        let address = record.map { "\(home)/records/\($0.id)" }
        let placed = refusal.map { given in
            Refusal(given.kind, given.code, given.message, fields: given.fields.map { .init(field: "v.\($0.field)", message: $0.message) })
        }
        let title = record.map { RecordText.title(of: $0, in: collection) }
        let page = RecordFormPage(
            head: Head(title.map { "Edit \($0)" } ?? "New \(collection.singular)"),
            crumbs: [Link("Collections", "/collections"), Link(collection.name, home)] + (address.map { [Link(title ?? "", $0)] } ?? []),
            version: record.map { typed?["version"].flatMap { Int($0) } ?? $0.version },
            form: Sheet(
                action: address ?? "\(home)/records", button: "Save", cancel: Link("Cancel", address ?? home), fields: fields,
                refusal: placed))
        return try show(page, current: collection.name, after: refusal)
    }

    private func control(for field: Field, value: String, _ titles: [RecordID: String]) async throws -> FormField {
        let name = "v.\(field.key)"
        func make(_ kind: FormField.Kind, hint: String? = nil, value given: String? = nil) -> FormField {
            FormField(name, field.label, kind, value: given ?? value, hint: hint, isRequired: field.required, autocomplete: "off")
        }
        switch field.type {
        case .text: return make(.text)
        case .longText: return make(.area)
        case .json: return make(.area, hint: "JSON")
        case .number: return make(.number(mode: "decimal"))
        case .boolean: return make(.select([.init("", "—"), .init("true", "Yes"), .init("false", "No")]))
        case .date: return make(.date)
        case .dateTime: return make(.dateTime, hint: "In UTC.")
        case .choice(let options):
            return make(.select((field.required && !value.isEmpty ? [] : [.init("", "—")]) + options.map { .init($0, $0) }))
        case .reference(let target):
            guard let other = collections.first(where: { $0.id == target }) else { return make(.text, hint: "The id of a record.") }
            let choices = try await workspace.records.suggestions("", in: other.slug, limit: Self.offered + 1, by: actor)
            let isKnown = value.isEmpty || choices.contains { $0.id.description == value }
            if !choices.isEmpty, choices.count <= Self.offered, isKnown {
                return make(.select([.init("", "—")] + choices.map { .init($0.id.description, $0.title) }))
            }
            let title = RecordID(value).flatMap { titles[$0] } ?? value
            return make(.text, hint: "The title of one of \(other.name).", value: title)
        }
    }
}
