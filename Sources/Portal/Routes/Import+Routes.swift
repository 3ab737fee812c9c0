import Hummingbird
import NIOCore
import Records
import Vocabulary
import Web

/// A file comes in, is looked at, and then imported: into a collection, or into a new one.
extension Portal {
    func addImports(to router: Router<HoldfastContext>) {
        for path in ["/import", "/collections/{slug}/import"] {
            room(RouterPath(path), on: router) { room in
                let target = try await room.importTarget()
                return try room.showUpload(target)
            }
            router.post(RouterPath(path)) { request, context -> Response in
                let room = try await enter(request, context)
                let target = try await room.importTarget()
                do {
                    let upload = try await room.receive(limit: parts.importLimit)
                    return .seeOther("\(target.home)/imports/\(upload.id)")
                } catch let refusal as Refusal where refusal.belongsToForm {
                    return try room.showUpload(target, refusal: refusal)
                }
            }
        }
        for path in ["/imports/{upload}", "/collections/{slug}/imports/{upload}"] {
            room(RouterPath(path), on: router) { room in
                let target = try await room.importTarget()
                return try await room.showPreview(target, try room.context.id("upload", what: "file"))
            }
            deed(RouterPath(path), on: router) { room, form in
                let target = try await room.importTarget()
                let upload: OperationID = try room.context.id("upload", what: "file")
                do {
                    let plan = try await room.plan(form, target, upload)
                    let operation = try await room.workspace.imports.start(upload, plan, by: room.actor)
                    parts.imports.enqueue(operation.id, in: room.workspace)
                    return .seeOther("/operations/\(operation.id)")
                } catch let refusal as Refusal where refusal.belongsToForm {
                    return try await room.showPreview(target, upload, typed: form, refusal: refusal)
                }
            }
        }
    }
}

private struct ImportTarget: Sendable {
    /// Nil for a collection that is still to be made.
    let collection: Collection?
    var home: String { collection.map { "/collections/\($0.slug)" } ?? "" }
    var cancel: String { collection.map { "/collections/\($0.slug)" } ?? "/collections" }
    var crumbs: [Link] {
        [Link("Collections", "/collections")] + (collection.map { [Link($0.name, "/collections/\($0.slug)")] } ?? [])
    }
    var heading: String { collection.map { "Import into \($0.name)" } ?? "Import into a new collection" }
    var current: String { collection?.name ?? "Collections" }
}

extension Room {
    fileprivate func importTarget() async throws -> ImportTarget {
        guard context.parameters.get("slug") != nil else {
            try await workspace.roles.require(.design, by: actor)
            return ImportTarget(collection: nil)
        }
        let collection = try collectionOfPath()
        try await workspace.roles.require(.import, in: collection.id, by: actor)
        return ImportTarget(collection: collection)
    }

    fileprivate func receive(limit: Int) async throws -> ImportUpload {
        var received: ImportUpload?
        try await request.upload(in: context, limit: limit) { file, bytes in
            guard file.name == "file", received == nil, !file.filename.isEmpty else { return }
            let name = file.filename.split { $0 == "/" || $0 == "\\" }.last.map(String.init) ?? "file"
            received = try await workspace.imports.upload(
                name: name, bytes.map { Array($0.readableBytesView) }, limit: limit, by: actor)
        }
        guard let received else { throw Refusal.invalid("file-missing", "Choose a file first.", field: "file") }
        return received
    }

    fileprivate func showUpload(_ target: ImportTarget, refusal: Refusal? = nil) throws -> Response {
        let page = ImportPage.upload(
            head: Head(target.heading), crumbs: target.crumbs, action: "\(target.home)/import", limit: Self.size(parts.importLimit),
            cancel: target.cancel, refusal: refusal)
        return try show(page, current: target.current, after: refusal)
    }

    fileprivate func showPreview(
        _ target: ImportTarget, _ upload: OperationID, typed: Form? = nil, refusal: Refusal? = nil
    ) async throws -> Response {
        let file = try await workspace.imports.find(upload, by: actor)
        let preview = try await workspace.imports.preview(upload, for: target.collection?.slug, by: actor)
        let columns = preview.columns.enumerated().map { index, column in
            let chosen = typed?["map.\(index)"] ?? column.matches ?? (target.collection == nil ? "+" : "")
            var targets = [Choice("", "Leave out", isChosen: chosen.isEmpty)]
            if let collection = target.collection {
                targets += collection.fields.map { Choice($0.key, $0.label, isChosen: $0.key == chosen) }
            } else {
                targets.append(Choice("+", "New field “\(column.suggestedLabel)”", isChosen: chosen == "+"))
            }
            return ImportPage.Column(
                index: index, name: column.name, type: Self.word(for: column.suggestedType),
                examples: column.samples.prefix(3).map { $0.count > 40 ? $0.prefix(40) + "…" : $0 }, targets: targets)
        }
        let separators = [",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"]
        let form =
            preview.format == .jsonLines
            ? "JSON Lines" : "CSV" + (preview.delimiter.flatMap { separators[$0] }.map { " with \($0)" } ?? "")
        var options: [FormField] = []
        if target.collection == nil {
            let name = file.name.split(separator: ".").first.map { RecordText.capitalised(String($0).replacing("_", with: " ")) } ?? ""
            options.append(FormField("name", "Name of the new collection", value: typed?["name"] ?? name, isRequired: true))
        }
        options.append(
            FormField(
                "mode", "Lines that don’t fit",
                .radio([
                    .init(ImportPlan.Mode.goodLines.rawValue, "Leave them out, and report each with its reason"),
                    .init(ImportPlan.Mode.allOrNothing.rawValue, "Import nothing if a single one is refused"),
                ]), value: typed?["mode"] ?? ImportPlan.Mode.goodLines.rawValue))
        let page = ImportPage.preview(
            head: Head(target.heading, lead: file.name), crumbs: target.crumbs, action: "\(target.home)/imports/\(upload)",
            said: "\(form), \(preview.encoding.rawValue.uppercased()), \(Self.size(file.bytes)). The first "
                + "\(Numeral.count(preview.sampledRows, "line")) were looked at; nothing has been written yet.",
            columns: columns, warnings: [], options: options, button: "Import", cancel: target.cancel, refusal: refusal)
        return try show(page, current: target.current, after: refusal)
    }

    fileprivate func plan(_ form: Form, _ target: ImportTarget, _ upload: OperationID) async throws -> ImportPlan {
        let preview = try await workspace.imports.preview(upload, for: target.collection?.slug, by: actor)
        let chosen = preview.columns.enumerated().compactMap { index, column -> (ImportPreview.Column, String)? in
            guard let field = form["map.\(index)"], !field.isEmpty else { return nil }
            return (column, field)
        }
        guard !chosen.isEmpty else { throw Refusal.invalid("nothing-chosen", "Choose where at least one column goes.") }
        let mode = ImportPlan.Mode(rawValue: form["mode"] ?? "") ?? .goodLines
        if let collection = target.collection {
            let fields = chosen.map(\.1)
            guard Set(fields).count == fields.count else {
                throw Refusal.invalid("field-twice", "Two columns go to the same field. Leave one of them out.")
            }
            return ImportPlan(
                target: .existing(slug: collection.slug), mappings: chosen.map { .init(column: $0.name, field: $1) }, mode: mode)
        }
        let suggested = try await workspace.imports.suggestedPlan(upload, slug: nil, name: try form.require("name"), by: actor)
        guard case .new(var draft) = suggested.target else { return suggested }
        draft.singular = RecordText.singular(of: draft.name)
        let kept = Set(chosen.map(\.0.name))
        let mappings = suggested.mappings.filter { kept.contains($0.column) }
        let keys = Set(mappings.map(\.field))
        draft.fields.removeAll { !keys.contains($0.key) }
        if let title = draft.titleField, !keys.contains(title) { draft.titleField = nil }
        return ImportPlan(target: .new(draft), mappings: mappings, mode: mode)
    }

    static func word(for type: FieldType) -> String {
        switch type {
        case .text: "Text"
        case .longText: "Long text"
        case .number: "Number"
        case .boolean: "Yes or no"
        case .date: "Date"
        case .dateTime: "Date and time"
        case .choice: "Choice"
        case .reference: "Reference"
        case .json: "JSON"
        }
    }

    static func size(_ bytes: Int) -> String {
        switch bytes {
        case ..<1000: "\(bytes) bytes"
        case ..<1_000_000: "\(bytes / 1000) KB"
        case ..<1_000_000_000: "\(bytes / 1_000_000) MB"
        default: "\(bytes / 1_000_000_000) GB"
        }
    }
}
