import Hummingbird
import Records
import Vocabulary
import Web

extension Room {
    /// One record as it is, or as it was, with its history.
    func showRecord() async throws -> Response {
        let collection = try collectionOfPath()
        let id: RecordID = try context.id("id", what: "record")
        let record = try await workspace.records.find(id, in: collection.slug, by: actor)
        let before = request.query("before").flatMap { Int($0) }
        let versions = try await workspace.history.list(of: id, in: collection.slug, before: before, limit: 20, by: actor)
        let home = "/collections/\(collection.slug)/records/\(id)"
        let title = RecordText.title(of: record, in: collection)

        var values = record.values
        var past: RecordDetailPage.Past?
        let asked = request.query("version").flatMap { Int($0) }
        if let asked, asked != record.version {
            let old = try await workspace.history.find(asked, of: id, in: collection.slug, by: actor)
            values = old.values
            past = .init(
                "You are looking at version \(asked), as it was on \(Moment(old.at).text).",
                restore: may(.restore, in: collection) ? "\(home)/restore?version=\(asked)" : nil)
        } else if record.deletedAt != nil {
            past = .init("This \(collection.singular) is deleted.", restore: may(.restore, in: collection) ? "\(home)/restore" : nil)
        }
        let titles = past == nil ? try await workspace.records.titles(for: [record], in: collection.slug, by: actor) : [:]

        let keeper = try await workspace.handovers.keeper(of: record.createdBy, by: actor).map { Author.account($0) }
        let names = try await names(of: versions.map(\.by) + [keeper].compactMap(\.self))
        let owner = keeper.flatMap { names[$0] }.map { keeper == record.createdBy ? "" : " · owned by \($0) since its maker left" } ?? ""
        let isLiving = record.deletedAt == nil && past == nil
        let edit = Head.Action("Edit", "\(home)/edit", key: "e", isPrimary: true)
        let page = RecordDetailPage(
            head: Head(
                title, lead: "Version \(asked ?? record.version)\(owner)",
                actions: (may(.managePeople) ? [Head.Action("Who can see this", "/access/\(collection.slug)/\(id)")] : [])
                    + (isLiving && may(.edit, in: collection) ? [edit] : [])),
            crumbs: [Link("Collections", "/collections"), Link(collection.name, "/collections/\(collection.slug)")], past: past,
            values: collection.fields.map { value(of: $0, values, titles) },
            delete: isLiving && may(.delete, in: collection) ? "\(home)/delete" : nil,
            versions: versions.map { version in
                .init(
                    number: version.version, verb: version.action.rawValue, who: names[version.by] ?? "", at: Moment(version.at),
                    address: "\(home)?version=\(version.version)", isCurrent: version.version == (asked ?? record.version),
                    changes: differences(version, collection))
            },
            more: versions.count == 20 ? versions.last.map { "\(home)?before=\($0.version)" } : nil)
        return try show(page, current: collection.name)
    }

    private func value(of field: Field, _ values: JSONObject, _ titles: [RecordID: String]) -> RecordDetailPage.Value {
        let value = values[field.key] ?? .null
        var address: String?
        if case .reference(let target) = field.type, let id = value.string, let slug = collections.first(where: { $0.id == target })?.slug {
            address = "/collections/\(slug)/records/\(id)"
        }
        return .init(
            label: field.label, text: RecordText.text(value, of: field.type, titles: titles), address: address,
            isLong: field.type == .longText, isCode: field.type == .json)
    }

    private func differences(_ version: RecordVersion, _ collection: Collection) -> [RecordDetailPage.Difference] {
        version.changes.prefix(60).map { change in
            let field = collection.field(change.key)
            func text(_ value: JSONValue?) -> String? {
                guard let value, !value.isNull else { return nil }
                let text = RecordText.text(value, of: field?.type ?? .text, titles: [:])
                return text.count > 300 ? text.prefix(300) + "…" : text
            }
            return .init(label: field?.label ?? change.key, before: text(change.before), after: text(change.after))
        }
    }
}
