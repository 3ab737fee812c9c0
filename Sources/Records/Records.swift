import Audit
import Storage
import Vocabulary

/// The records of one environment: finding and changing them.
package struct Records: Sendable {
    let workspace: Workspace

    package func find(_ id: RecordID, in slug: String, by actor: Actor) async throws -> Record {
        try await workspace.read(by: actor) { reader, design in
            let collection = try design.collection(slug, for: .view, by: actor)
            guard let stored = try StoredRecord.find(id, in: collection, reader) else { throw Refusal.notFound("record") }
            guard stored.record.deletedAt == nil || design.allows(actor, .restore, in: collection.id) else {
                throw Refusal.notFound("record")
            }
            return stored.record
        }
    }

    /// - Parameter idempotency: if the same key was used with the same request, its record is returned and nothing is made.
    @discardableResult
    package func create(
        _ values: JSONObject, in slug: String, idempotency: IdempotencyKey? = nil, by actor: Actor
    ) async throws -> Record {
        try await workspace.write(by: actor) { [workspace] transaction, design in
            let collection = try design.collection(slug, for: .create, by: actor)
            let now = workspace.clock.now()
            let keys = IdempotencyKeys(transaction: transaction)
            if let idempotency, let id = try keys.record(for: idempotency, of: actor, at: now) {
                guard let stored = try StoredRecord.find(id, in: collection, transaction) else { throw Refusal.notFound("record") }
                return try stored.first(in: transaction)
            }
            let checked = try RecordValues(values, for: collection)
            try refuseDangling(checked, collection, design, transaction, by: actor)
            let record = Record(
                id: RecordID(at: now, entropy: workspace.entropy), collection: collection.id, version: 1, body: checked.body,
                createdAt: now,
                createdBy: Author(actor.principal), updatedAt: now, updatedBy: Author(actor.principal), deletedAt: nil)
            let number = try refusingDuplicates(in: collection) {
                try transaction.value(
                    """
                    INSERT INTO record (collection, id, version, action, body, created_at, created_by)
                    VALUES (\(collection.number), \(record.id), 1, 0, \(record.body), \(now), \(record.createdBy.text)) RETURNING number
                    """, as: Int64.self)
            }
            guard let number else { throw StorageError.failed("no record number") }
            try RecordSearch.store(checked.searched, of: number, in: collection, transaction)
            if let idempotency { try keys.remember(idempotency, of: actor, record: record.id, at: now) }
            try workspace.audit.record(
                .recordCreated(collection: collection.id, record: record.id), by: actor.principal, at: now, in: transaction)
            return record
        }
    }

    /// Replaces all values. `ifVersion` nil skips the check: only for callers that ask for it explicitly.
    @discardableResult
    package func replace(_ id: RecordID, in slug: String, with values: JSONObject, ifVersion: Int?, by actor: Actor) async throws -> Record
    {
        try await write(id, in: slug, ifVersion: ifVersion, by: actor) { _ in values }
    }

    /// Changes only the given members; null empties a field (RFC 7396 for the top level).
    @discardableResult
    package func change(_ id: RecordID, in slug: String, _ values: JSONObject, ifVersion: Int?, by actor: Actor) async throws -> Record {
        try await write(id, in: slug, ifVersion: ifVersion, by: actor) { $0.merging(values) { _, new in new } }
    }

    /// Sets it aside; ``restore(_:in:version:ifVersion:by:)`` brings it back.
    @discardableResult
    package func delete(_ id: RecordID, in slug: String, ifVersion: Int?, by actor: Actor) async throws -> Record {
        try await workspace.write(by: actor) { [workspace] transaction, design in
            let collection = try design.collection(slug, for: .delete, by: actor)
            let stored = try current(id, in: collection, ifVersion: ifVersion, transaction)
            let now = workspace.clock.now()
            let record = try overwrite(stored, body: stored.record.body, .deleted, at: now, by: actor, in: collection, transaction)
            let event = AuditEvent.recordDeleted(collection: collection.id, record: id, version: record.version)
            try workspace.audit.record(event, by: actor.principal, at: now, in: transaction)
            return record
        }
    }

    /// Brings back a deleted record, or the values of an older version; a new version either way.
    @discardableResult
    package func restore(
        _ id: RecordID, in slug: String, version: Int? = nil, ifVersion: Int?, by actor: Actor
    ) async throws -> Record {
        try await workspace.write(by: actor) { [workspace] transaction, design in
            let collection = try design.collection(slug, for: .restore, by: actor)
            guard let stored = try StoredRecord.find(id, in: collection, transaction) else { throw Refusal.notFound("record") }
            if let ifVersion, ifVersion != stored.record.version { throw Refusal.staleVersion }
            guard version != nil || stored.record.deletedAt != nil else {
                throw Refusal.conflict("not-deleted", "The record is not deleted. Name a version to go back to.")
            }
            var body = stored.record.body
            if let version, version != stored.record.version {
                guard
                    let older = try transaction.value(
                        "SELECT body FROM record_version WHERE number = \(stored.number) AND version = \(version)", as: String.self)
                else { throw Refusal.notFound("version") }
                body = older
            }
            // The collection may have changed since: what is restored is held to today's rules, without values of fields that are gone.
            let members = try JSONReader.read(body.utf8).object ?? [:]
            let checked = try RecordValues(members.filter { collection.field($0.key) != nil }, for: collection)
            try refuseDangling(checked, collection, design, transaction, by: actor)
            let now = workspace.clock.now()
            let record = try overwrite(stored, body: checked.body, .restored, at: now, by: actor, in: collection, transaction)
            try RecordSearch.store(checked.searched, of: stored.number, in: collection, transaction)
            let event = AuditEvent.recordRestored(collection: collection.id, record: id, version: record.version)
            try workspace.audit.record(event, by: actor.principal, at: now, in: transaction)
            return record
        }
    }

    private func write(
        _ id: RecordID, in slug: String, ifVersion: Int?, by actor: Actor, _ values: @escaping @Sendable (JSONObject) -> JSONObject
    ) async throws -> Record {
        try await workspace.write(by: actor) { [workspace] transaction, design in
            let collection = try design.collection(slug, for: .edit, by: actor)
            let stored = try current(id, in: collection, ifVersion: ifVersion, transaction)
            let checked = try RecordValues(values(stored.record.values), for: collection)
            // Nothing different is no new version.
            guard checked.body != stored.record.body else { return stored.record }
            try refuseDangling(checked, collection, design, transaction, by: actor)
            let now = workspace.clock.now()
            let record = try overwrite(stored, body: checked.body, .changed, at: now, by: actor, in: collection, transaction)
            try RecordSearch.store(checked.searched, of: stored.number, in: collection, transaction)
            let event = AuditEvent.recordChanged(collection: collection.id, record: id, version: record.version)
            try workspace.audit.record(event, by: actor.principal, at: now, in: transaction)
            return record
        }
    }

    private func current(_ id: RecordID, in collection: Collection, ifVersion: Int?, _ reader: any Reader) throws -> StoredRecord {
        guard let stored = try StoredRecord.find(id, in: collection, reader), stored.record.deletedAt == nil else {
            throw Refusal.notFound("record")
        }
        if let ifVersion, ifVersion != stored.record.version { throw Refusal.staleVersion }
        return stored
    }

    private func overwrite(
        _ stored: StoredRecord, body: String, _ action: RecordVersion.Action, at now: Instant, by actor: Actor, in collection: Collection,
        _ transaction: any Transaction
    ) throws -> Record {
        let old = stored.record
        let record = Record(
            id: old.id, collection: old.collection, version: old.version + 1, body: body, createdAt: old.createdAt,
            createdBy: old.createdBy,
            updatedAt: now, updatedBy: Author(actor.principal), deletedAt: action == .deleted ? now : nil)
        try stored.archive(in: transaction)
        let changed = try refusingDuplicates(in: collection) {
            try transaction.run(
                """
                UPDATE record SET version = \(record.version), action = \(action.code), body = \(body), updated_at = \(now),
                    updated_by = \(record.updatedBy.text), deleted_at = \(record.deletedAt.columnValue)
                WHERE number = \(stored.number) AND version = \(old.version)
                """)
        }
        guard changed == 1 else { throw Refusal.staleVersion }
        return record
    }
}

extension Records {
    /// Turns the engine's refusal of a unique index into one that names the field.
    func refusingDuplicates<T>(in collection: Collection, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch StorageError.notUnique(let constraint) {
            guard let field = collection.fields.first(where: { $0.unique && constraint.hasSuffix($0.uniqueIndexName.text) }) else {
                throw StorageError.notUnique(constraint: constraint)
            }
            throw Refusal.conflict("not-unique", "Another record has the same \(field.label).", field: field.key)
        }
    }

    /// A reference to a record that is gone, or that the actor may not see, is a wrong value.
    private func refuseDangling(
        _ values: RecordValues, _ collection: Collection, _ design: Design, _ reader: any Reader, by actor: Actor
    ) throws {
        var problems: [Refusal.FieldProblem] = []
        for (field, target, record) in values.references {
            let found =
                try design.collection(target).flatMap { target in
                    guard target.deletedAt == nil, design.allows(actor, .view, in: target.id) else { return nil as Int64? }
                    return try reader.value(
                        "SELECT 1 FROM record WHERE collection = \(target.number) AND id = \(record) AND deleted_at IS NULL", as: Int64.self
                    )
                } != nil
            if !found { problems.append(.init(field: field.key, message: "There is no such record to refer to.")) }
        }
        guard problems.isEmpty else { throw RecordValues.refusal(problems) }
    }
}
