import Storage
import Vocabulary

/// Who changed what, when: every version of every record.
package struct RecordVersions: Sendable {
    let workspace: Workspace

    package static let pageLimit = 200

    /// Newest first. `before` pages on from a version number.
    package func list(
        of record: RecordID, in slug: String, before: Int? = nil, limit: Int = 50, by actor: Actor
    ) async throws -> [RecordVersion] {
        guard (1...Self.pageLimit).contains(limit) else {
            throw Refusal.invalid("invalid-limit", "Ask for 1 to \(Self.pageLimit) versions.", field: "limit")
        }
        return try await read(record, in: slug, by: actor) { stored, reader in
            var versions: [Snapshot] = []
            if stored.record.version < before ?? .max { versions.append(Snapshot(stored)) }
            // One more than asked for: the last one has something to be compared with.
            try reader.each(
                """
                SELECT version, action, body, at, author FROM record_version
                WHERE number = \(stored.number) AND version < \(before ?? .max) ORDER BY version DESC LIMIT \(limit + 1)
                """
            ) { versions.append(try Snapshot(row: $0)) }
            return versions.prefix(limit).enumerated().map { index, version in
                version.compared(with: versions.indices.contains(index + 1) ? versions[index + 1] : nil, of: record)
            }
        }
    }

    package func find(_ version: Int, of record: RecordID, in slug: String, by actor: Actor) async throws -> RecordVersion {
        guard (1..<Int.max).contains(version) else { throw Refusal.notFound("version") }
        let page = try await list(of: record, in: slug, before: version + 1, limit: 1, by: actor)
        guard let found = page.first, found.version == version else { throw Refusal.notFound("version") }
        return found
    }

    private func read<T: Sendable>(
        _ record: RecordID, in slug: String, by actor: Actor, _ body: @escaping @Sendable (StoredRecord, any Reader) throws -> T
    ) async throws -> T {
        try await workspace.read(by: actor) { reader, design in
            let collection = try design.collection(slug, for: .view, by: actor)
            guard let stored = try StoredRecord.find(record, in: collection, reader),
                stored.record.deletedAt == nil || design.allows(actor, .restore, in: collection.id)
            else { throw Refusal.notFound("record") }
            return try body(stored, reader)
        }
    }
}

/// One version as it is stored, not yet compared.
private struct Snapshot {
    let version: Int
    let action: RecordVersion.Action
    let values: JSONObject
    let at: Instant
    let author: Author

    init(_ stored: StoredRecord) {
        version = stored.record.version
        action = stored.action
        values = stored.record.values
        at = stored.record.updatedAt
        author = stored.record.updatedBy
    }

    init(row: Row) throws {
        version = try row.get(0)
        action = .init(code: try row.get(1))
        values = (try? JSONReader.read(row.get(2, as: String.self).utf8).object) ?? [:]
        at = try row.get(3)
        author = try Author(stored: row.get(4))
    }

    func compared(with before: Snapshot?, of record: RecordID) -> RecordVersion {
        let keys = Set(values.keys).union(before?.values.keys ?? [:].keys).sorted()
        let changes = keys.compactMap { key in
            let (old, new) = (before?.values[key], values[key])
            return old == new ? nil : FieldDifference(key: key, before: old, after: new)
        }
        return RecordVersion(record: record, version: version, action: action, at: at, by: author, values: values, changes: changes)
    }
}
