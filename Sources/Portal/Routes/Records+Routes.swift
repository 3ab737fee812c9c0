import HTTPTypes
import Hummingbird
import NIOCore
import Records
import Vocabulary
import Web

extension Portal {
    func addRecords(to router: Router<HoldfastContext>) {
        room("/collections/{slug}", on: router) { room in try await room.showRecords(try room.collectionOfPath()) }
        room("/collections/{slug}/export", on: router) { room in
            let collection = try room.collectionOfPath()
            let view = try RecordsView(room.request)
            guard let format = ExportFormat(rawValue: room.request.query("format") ?? "csv") else {
                throw Refusal.invalid("export-format", "Choose CSV or JSON Lines.")
            }
            let query = Query(
                filter: try await room.filter(view, of: collection), sort: view.sort, search: view.search.isEmpty ? nil : view.search)
            let stream = try await room.workspace.exports.stream(
                collection.slug, as: format, query, by: room.actor, asLongAs: { try await room.isWelcome() })
            return .download(name: "\(collection.slug).\(format.fileExtension)", type: format.contentType) { sink in
                for try await chunk in stream { try await sink.write(ByteBuffer(bytes: chunk)) }
            }
        }
        room("/collections/{slug}/records/{id}", on: router) { room in try await room.showRecord() }
        deed("/collections/{slug}/records/{id}/delete", on: router) { room, _ in
            let collection = try room.collectionOfPath()
            let id: RecordID = try room.context.id("id", what: "record")
            let record = try await room.workspace.records.delete(id, in: collection.slug, ifVersion: nil, by: room.actor)
            let undo = room.may(.restore, in: collection) ? "/collections/\(collection.slug)/records/\(id)/restore" : nil
            return try room.go(
                "/collections/\(collection.slug)", Notice(.done, "\(RecordText.title(of: record, in: collection)) is deleted.", undo: undo))
        }
        deed("/collections/{slug}/records/{id}/restore", on: router) { room, form in
            let collection = try room.collectionOfPath()
            let id: RecordID = try room.context.id("id", what: "record")
            let version = (form["version"] ?? room.request.query("version")).flatMap { Int($0) }
            let record = try await room.workspace.records.restore(
                id, in: collection.slug, version: version, ifVersion: nil, by: room.actor)
            let title = RecordText.title(of: record, in: collection)
            return try room.go(
                "/collections/\(collection.slug)/records/\(id)",
                Notice(.done, version.map { "\(title) is as it was in version \($0)." } ?? "\(title) is back."))
        }
    }
}

extension Room {
    func filter(_ view: RecordsView, of collection: Collection) async throws -> String? {
        try await view.filter(for: collection) { target, text in
            guard let slug = collections.first(where: { $0.id == target })?.slug else { return nil }
            let found = try await workspace.records.suggestions(text, in: slug, limit: 20, by: actor)
            return (found.first { $0.title == text } ?? found.first { $0.title.lowercased() == text.lowercased() } ?? found.first)?.id
        }
    }

    fileprivate func showRecords(_ collection: Collection) async throws -> Response {
        let view = try RecordsView(request)
        var found: RecordPage?
        var refusal: Refusal?
        do {
            let query = Query(
                filter: try await filter(view, of: collection), sort: view.sort, search: view.search.isEmpty ? nil : view.search,
                cursor: view.cursor, limit: RecordsView.pageSize, count: view.total == nil, titles: true)
            found = try await workspace.records.list(in: collection.slug, query, by: actor)
        } catch let problem as Refusal where problem.kind == .invalid {
            refusal = problem
        }
        let records = found?.records ?? []
        let shown = shownFields(view, of: collection)
        let columns = shown.map { column(for: $0, view, collection) }
        let rows = records.map { row(for: $0, shown, collection, titles: found?.titles ?? [:]) }
        let total = view.total ?? found?.total
        let isUntouched = records.isEmpty && !view.isNarrowed && view.cursor == nil && refusal == nil
        let page = RecordsPage(
            head: Head(
                collection.name, lead: collection.description.isEmpty ? nil : collection.description, actions: actions(for: collection)),
            address: "/collections/\(collection.slug)", sort: view.sort, query: view.search,
            choices: collection.fields.map { field in .init(field.key, field.label, isChosen: shown.contains { $0.key == field.key }) },
            exports: exports(view, of: collection), chips: chips(view, of: collection),
            isFiltering: request.query("more") != nil, problems: refusal.map { [$0.fields.first?.message ?? $0.message] } ?? [],
            conditions: conditions(view, of: collection), expression: view.expression, expressionHint: Self.hint(for: collection),
            table: Table(caption: collection.name, columns: columns, rows: rows), empty: empty(for: collection, isUntouched: isUntouched),
            pager: pager(view, of: collection, page: found, total: total), isUntouched: isUntouched)
        return try show(page, current: collection.name, after: refusal)
    }

    private func shownFields(_ view: RecordsView, of collection: Collection) -> [Field] {
        let chosen = collection.fields.filter { view.columns.contains($0.key) }
        if !chosen.isEmpty { return chosen }
        // Short values first come to mind when looking for a record; long texts and JSON don't fit a row.
        let fitting = collection.fields.filter { $0.type != .longText && $0.type != .json }
        let first = (fitting.isEmpty ? collection.fields : fitting).prefix(8)
        // What names a record leads to it, so it comes first.
        guard let title = collection.titleField.flatMap({ collection.field($0) }) else { return Array(first) }
        return Array(([title] + first.filter { $0.key != title.key }).prefix(8))
    }

    private func column(for field: Field, _ view: RecordsView, _ collection: Collection) -> Table.Column {
        let isNumber = field.type == .number
        guard field.type.isComparable else { return .init(field.label) }
        let isAscending = view.sort == field.key
        let next = view.changed { $0.sort = isAscending ? "-\(field.key)" : field.key }
        let direction: Table.Direction? = isAscending ? .ascending : view.sort == "-\(field.key)" ? .descending : nil
        return .init(field.label, sortAddress: next.query(), direction: direction, isNumber: isNumber)
    }

    private func row(for record: Record, _ fields: [Field], _ collection: Collection, titles: [RecordID: String]) -> Table.Row {
        let values = record.values
        let cells = fields.enumerated().map { index, field -> Table.Cell in
            let value = values[field.key] ?? .null
            var text = RecordText.text(value, of: field.type, titles: titles)
            if text.utf8.count > 400 { text = text.prefix(120) + "…" }
            if index == 0 {
                // Relative to /collections/SLUG: a page has these a hundred times.
                let own = "\(collection.slug)/records/\(record.id)"
                return .init(
                    text.isEmpty ? RecordText.title(of: record, in: collection) : text, address: own, isNumber: field.type == .number)
            }
            var address: String?
            if case .reference(let target) = field.type, let id = value.string,
                let slug = collections.first(where: { $0.id == target })?.slug
            {
                address = "\(slug)/records/\(id)"
            }
            return .init(text, address: address, isNumber: field.type == .number)
        }
        return Table.Row(cells)
    }

    private func actions(for collection: Collection) -> [Head.Action] {
        var actions: [Head.Action] = []
        let home = "/collections/\(collection.slug)"
        if may(.design, in: collection) { actions.append(.init("Design", "\(home)/design")) }
        if may(.import, in: collection) { actions.append(.init("Import", "\(home)/import")) }
        if may(.create, in: collection) {
            actions.append(.init("New \(collection.singular)", "\(home)/records/new", icon: "plus", key: "n", isPrimary: true))
        }
        return actions
    }

    private func exports(_ view: RecordsView, of collection: Collection) -> [Link] {
        guard may(.export, in: collection) else { return [] }
        let query = view.changed { $0.columns = [] }.query()
        let join = query.isEmpty ? "?" : "&"
        return [("CSV, for spreadsheets", "csv"), ("JSON Lines", "jsonl")].map { label, format in
            Link(label, "/collections/\(collection.slug)/export\(query)\(join)format=\(format)")
        }
    }

    private func chips(_ view: RecordsView, of collection: Collection) -> [Link] {
        var chips: [Link] = []
        if !view.search.isEmpty {
            chips.append(Link("“\(view.search)”", view.changed { $0.search = "" }.address(of: collection.slug)))
        }
        for (index, condition) in view.conditions.enumerated() {
            let label = collection.field(condition.field)?.label ?? condition.field
            let comparison = RecordsView.comparisons.first { $0.name == condition.comparison }?.label ?? condition.comparison
            let value = ["empty", "filled"].contains(condition.comparison) ? "" : " \(condition.value)"
            chips.append(
                Link("\(label) \(comparison)\(value)", view.changed { $0.conditions.remove(at: index) }.address(of: collection.slug)))
        }
        if !view.expression.isEmpty {
            chips.append(Link(view.expression, view.changed { $0.expression = "" }.address(of: collection.slug)))
        }
        return chips
    }

    private func conditions(_ view: RecordsView, of collection: Collection) -> [RecordsPage.Condition] {
        // One free row to write in, and one more where it was asked for without script.
        let free = request.query("more") == nil && !view.conditions.isEmpty ? 0 : 1
        let rows = view.conditions + Array(repeating: RecordsView.Condition(), count: free)
        return rows.enumerated().map { index, condition in
            RecordsPage.Condition(
                index: index, fields: collection.fields.map { Choice($0.key, $0.label, isChosen: $0.key == condition.field) },
                operators: RecordsView.comparisons.map { Choice($0.name, $0.label, isChosen: $0.name == condition.comparison) },
                value: condition.value)
        }
    }

    private static func hint(for collection: Collection) -> String {
        let text = collection.fields.first { $0.type == .text }?.key
        let number = collection.fields.first { $0.type == .number }?.key
        let examples = [text.map { "\($0) ~ \"abc\"" }, number.map { "(\($0) > 10 or \($0) is empty)" }].compactMap { $0 }
        return examples.isEmpty ? "Fields, = != < > ~, and, or, not." : "For example: \(examples.joined(separator: " and "))"
    }

    private func empty(for collection: Collection, isUntouched: Bool) -> Empty {
        guard isUntouched else {
            return Empty("Nothing matches", "No record fits this search.", link: Link("Show all", "/collections/\(collection.slug)"))
        }
        if may(.import, in: collection) {
            return Empty(
                "No \(collection.name.lowercased()) yet",
                "Import a CSV or JSON Lines file, or write the first \(collection.singular) by hand.",
                link: Link("Import a file", "/collections/\(collection.slug)/import"))
        }
        return Empty("No \(collection.name.lowercased()) yet", "Nobody has written any here.")
    }

    private func pager(_ view: RecordsView, of collection: Collection, page: RecordPage?, total: Int?) -> Pager {
        let count = page?.records.count ?? 0
        // The first page is the first one, whatever was counted on the way here.
        let offset = page?.previous == nil ? 0 : view.offset
        let range = "\(Numeral.text(offset + 1))–\(Numeral.text(offset + count))"
        func address(_ cursor: String, _ offset: Int) -> String {
            view.changed {
                $0.cursor = cursor
                $0.offset = max(0, offset)
                $0.total = total
            }.address(of: collection.slug, paging: true)
        }
        return Pager(
            said: total.map { "\(range) of \(Numeral.text($0))" } ?? range,
            previous: page?.previous.map { address($0, offset - RecordsView.pageSize) },
            next: page?.next.map { address($0, offset + count) })
    }
}
