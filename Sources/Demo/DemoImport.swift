import Records
import Vocabulary

/// Makes one table of a demo tenant: the collection, then its records by the import that everybody uses.
struct DemoImport: Sendable {
    let workspace: Workspace
    let actor: Actor

    /// Returns how many records there are. `tables` are those made before, for references.
    func run(_ table: DemoTable, after tables: [String: Collection]) async throws -> (collection: Collection, count: Int) {
        var fields = table.fields
        var identifiers: [String: [String: JSONValue]] = [:]
        for reference in table.references {
            guard let target = tables[reference.table] else { continue }
            fields.append(FieldDraft(key: reference.field, label: reference.label, type: .reference(target.id), indexed: true))
            identifiers[reference.field] = try await identifiersByTitle(in: target)
        }
        let collection = try await workspace.collections.create(
            CollectionDraft(
                slug: table.slug, name: table.name, singular: table.singular, description: table.description, fields: fields,
                titleField: table.title), by: actor)
        let upload = try await workspace.imports.upload(
            name: "\(table.slug).jsonl", DemoLines(records: table.records, identifiers: identifiers), by: actor)
        let plan = ImportPlan(
            target: .existing(slug: table.slug), mappings: fields.map { .init(column: $0.key, field: $0.key) }, mode: .allOrNothing)
        let report = try await workspace.imports.run(try await workspace.imports.start(upload.id, plan, by: actor))
        guard report.refused == 0 else { throw DemoError.refused(table: table.slug, lines: report.refused) }
        return (collection, report.imported)
    }

    private func identifiersByTitle(in collection: Collection) async throws -> [String: JSONValue] {
        guard let title = collection.titleField else { return [:] }
        var found: [String: JSONValue] = [:]
        var cursor: String?
        repeat {
            let page = try await workspace.records.list(in: collection.slug, Query(cursor: cursor, limit: 500), by: actor)
            for record in page.records {
                if let name = record.values[title]?.string { found[name] = .string(record.id.description) }
            }
            cursor = page.next
        } while cursor != nil
        return found
    }
}

/// The records as JSON Lines, in pieces of some hundred lines.
private struct DemoLines: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    let records: [[String: JSONValue]]
    /// By field, by title.
    let identifiers: [String: [String: JSONValue]]

    struct Iterator: AsyncIteratorProtocol {
        let lines: DemoLines
        var next = 0

        mutating func next() async -> [UInt8]? {
            guard next < lines.records.count else { return nil }
            var bytes: [UInt8] = []
            let end = Swift.min(next + 500, lines.records.count)
            for record in lines.records[next..<end] {
                var record = record
                for (field, byTitle) in lines.identifiers { record[field] = record[field]?.string.flatMap { byTitle[$0] } }
                JSONValue.object(record).write(to: &bytes)
                bytes.append(0x0A)
            }
            next = end
            return bytes
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(lines: self) }
}
