import Audit
import Storage
import Vocabulary

/// Adding, changing and removing fields, inside the transaction of ``Collections``.
struct Fields {
    let workspace: Workspace

    static let limit = 100
    static let indexLimit = 8
    static let indexLimitOfAll = 200
    static let optionsLimit = 500

    func add(
        _ draft: FieldDraft, to collection: Collection, in transaction: any Transaction, _ design: Design, by actor: Actor
    ) throws -> Collection {
        let label = try check(draft, in: collection, design)
        guard collection.fields.count < Self.limit else {
            throw Refusal.conflict("too-many-fields", "A collection can have \(Self.limit) fields.")
        }
        guard collection.field(draft.key) == nil else {
            throw Refusal.conflict("field-taken", "There is a field with this key already.", field: "key")
        }
        if draft.required, try hasRecords(collection, in: transaction) {
            throw Refusal.conflict(
                "required-without-value", "There are records without it. Add the field as optional, fill it, then require it.",
                field: "required")
        }
        let now = workspace.clock.now()
        let id = FieldID(at: now, entropy: workspace.entropy)
        let number = try transaction.value(
            """
            INSERT INTO field (id, collection, field_key, label, type, options, target, is_required, is_unique, is_indexed, position)
            VALUES (\(id), \(collection.number), \(draft.key), \(label), \(draft.type.name), \(draft.type.storedOptions.columnValue),
                \(draft.type.storedTarget.columnValue), \(draft.required), \(draft.unique), \(draft.indexed),
                (SELECT coalesce(max(position), 0) + 1 FROM field WHERE collection = \(collection.number)))
            RETURNING number
            """, as: Int.self)
        guard let number else { throw StorageError.failed("no field number") }
        let field = Field(
            id: id, number: number, key: draft.key, label: label, type: draft.type, required: draft.required, unique: draft.unique,
            indexed: draft.indexed)
        try setIndexes(of: field, in: collection, unique: draft.unique, indexed: draft.indexed, before: nil, transaction, design)
        let event = AuditEvent.fieldAdded(collection: collection.id, field: id, type: draft.type.name)
        try workspace.audit.record(event, by: actor.principal, at: now, in: transaction)
        return collection.with(fields: collection.fields + [field], titleField: collection.titleField)
    }

    func change(
        _ key: String, of collection: Collection, _ change: FieldChange, in transaction: any Transaction, _ design: Design, by actor: Actor
    ) throws -> Collection {
        guard let old = collection.field(key) else { throw Refusal.notFound("field") }
        let type = change.type ?? old.type
        let draft = FieldDraft(
            key: key, label: change.label ?? old.label, type: type, required: change.required ?? old.required,
            unique: change.unique ?? old.unique, indexed: change.indexed ?? old.indexed)
        let label = try check(draft, in: collection, design)
        if type != old.type { try requireChangeable(old, to: type, of: collection, in: transaction) }
        if draft.required, !old.required, try lacks(old, in: collection, transaction) {
            throw Refusal.conflict(
                "required-without-value", "There are records without it. Fill it everywhere, then require it.", field: "required")
        }
        try transaction.run(
            """
            UPDATE field SET label = \(label), type = \(type.name), options = \(type.storedOptions.columnValue), target = \(type.storedTarget.columnValue),
                is_required = \(draft.required), is_unique = \(draft.unique), is_indexed = \(draft.indexed)
            WHERE number = \(old.number)
            """)
        try setIndexes(of: old, in: collection, unique: draft.unique, indexed: draft.indexed, before: old, transaction, design)
        let event = AuditEvent.fieldChanged(collection: collection.id, field: old.id)
        try workspace.audit.record(event, by: actor.principal, at: workspace.clock.now(), in: transaction)
        let field = Field(
            id: old.id, number: old.number, key: key, label: label, type: type, required: draft.required, unique: draft.unique,
            indexed: draft.indexed)
        return collection.with(fields: collection.fields.map { $0.number == old.number ? field : $0 }, titleField: collection.titleField)
    }

    func remove(_ key: String, of collection: Collection, in transaction: any Transaction, by actor: Actor) throws -> Collection {
        guard let field = collection.field(key) else { throw Refusal.notFound("field") }
        if field.unique { try transaction.run("DROP INDEX \(field.uniqueIndexName)") }
        if field.indexed { try transaction.run("DROP INDEX \(field.indexName)") }
        let now = workspace.clock.now()
        let author = Author(actor.principal).text
        let number = collection.number
        let changed = Int(RecordVersion.Action.changed.code)
        try transaction.run(
            """
            INSERT INTO record_version (number, version, action, body, at, author)
            SELECT number, version, action, body, coalesce(updated_at, created_at), coalesce(updated_by, created_by)
            FROM record WHERE collection = \(number) AND \(field.expression) IS NOT NULL
            """)
        let without: SQL =
            switch transaction.dialect {
            case .sqlite: "json_remove(body, \("$.\(key)"))"
            // Not by way of jsonb, which would order and space the rest anew.
            case .postgres:
                """
                (SELECT '{' || coalesce(string_agg(CAST(to_json(name) AS text) || ':' || CAST(value AS text), ',' ORDER BY place), '') || '}'
                FROM json_each(CAST(body AS json)) WITH ORDINALITY AS field (name, value, place) WHERE name <> CAST(\(key) AS text))
                """
            }
        try transaction.run(
            """
            UPDATE record SET body = \(without), version = version + 1, action = \(changed), updated_at = \(now), updated_by = \(author)
            WHERE collection = \(number) AND \(field.expression) IS NOT NULL
            """)
        try transaction.run("DELETE FROM field WHERE number = \(field.number)")
        var titleField = collection.titleField
        if titleField == key {
            titleField = collection.fields.first { $0.type == .text && $0.key != key }?.key
            try transaction.run("UPDATE collection SET title_field = \(titleField.columnValue) WHERE number = \(number)")
        }
        let event = AuditEvent.fieldRemoved(collection: collection.id, field: field.id)
        try workspace.audit.record(event, by: actor.principal, at: now, in: transaction)
        return collection.with(fields: collection.fields.filter { $0.key != key }, titleField: titleField)
    }

    private func check(_ draft: FieldDraft, in collection: Collection, _ design: Design) throws -> String {
        var problems: [Refusal.FieldProblem] = []
        if !Field.isKey(draft.key) {
            let rule = "Use 1 to 40 of a–z, 0–9 and _, starting with a letter; not a word of the filter language."
            problems.append(.init(field: "key", message: rule))
        }
        let label = Text.name(draft.label)
        if label == nil { problems.append(.init(field: "label", message: "Give a label of at most 120 characters.")) }
        switch draft.type {
        case .choice(let options):
            if options.isEmpty || options.count > Self.optionsLimit || Set(options).count != options.count {
                problems.append(.init(field: "options", message: "Offer 1 to \(Self.optionsLimit) different choices."))
            } else if options.contains(where: { Text.name($0, limit: 200) != $0 }) {
                let rule = "A choice has at most 200 characters, no control characters, and no space around it."
                problems.append(.init(field: "options", message: rule))
            }
        case .reference(let target):
            if target != collection.id, design.collection(target).map({ $0.deletedAt == nil }) != true {
                problems.append(.init(field: "target", message: "There is no such collection."))
            }
        default: break
        }
        if draft.unique || draft.indexed, !draft.type.isComparable {
            problems.append(
                .init(field: draft.unique ? "unique" : "indexed", message: "Long text and JSON can be neither unique nor indexed."))
        }
        guard problems.isEmpty, let label else {
            throw Refusal(.invalid, "invalid-field", "The field can't be kept like this.", fields: problems)
        }
        return label
    }

    private func requireChangeable(_ old: Field, to type: FieldType, of collection: Collection, in reader: any Reader) throws {
        switch (old.type, type) {
        case (.text, .longText), (.choice, .text), (.choice, .longText), (.date, .text), (.dateTime, .text): return
        case (.choice(let before), .choice(let after)):
            let removed = before.filter { !after.contains($0) }
            guard !removed.isEmpty else { return }
            let used = try reader.value(
                """
                SELECT \(old.expression) FROM record WHERE collection = \(SQL.number(collection.number)) AND deleted_at IS NULL
                    AND \(old.expression) IN (\(removed.map { "\($0)" as SQL }.joined())) LIMIT 1
                """, as: String.self)
            guard used == nil else {
                throw Refusal.conflict(
                    "choice-in-use", "Records still use a choice that you took away. Change those first.", field: "options")
            }
        default:
            guard try hasRecords(collection, in: reader) else { return }
            throw Refusal.conflict(
                "type-change", "Values of this type can't become \(type.name). Add a new field instead.", field: "type")
        }
    }

    private func setIndexes(
        of field: Field, in collection: Collection, unique: Bool, indexed: Bool, before: Field?, _ transaction: any Transaction,
        _ design: Design
    ) throws {
        let others = collection.fields.filter { $0.number != field.number }
        let here = others.count(where: \.unique) + others.count(where: \.indexed) + (unique ? 1 : 0) + (indexed ? 1 : 0)
        let all = design.collections.lazy.flatMap(\.fields).count { $0.unique || $0.indexed }
        guard here <= Self.indexLimit, all < Self.indexLimitOfAll || !(unique || indexed) else {
            throw Refusal.conflict(
                "too-many-indexes", "A collection can have \(Self.indexLimit) indexed or unique fields.", field: "indexed")
        }
        if before?.unique == true, !unique { try transaction.run("DROP INDEX \(field.uniqueIndexName)") }
        if before?.indexed == true, !indexed { try transaction.run("DROP INDEX \(field.indexName)") }
        if unique, before?.unique != true {
            do {
                try field.makeUniqueIndex(of: collection.number, in: transaction)
            } catch StorageError.notUnique {
                throw Refusal.conflict("not-unique", "Some records have the same value. Make them differ first.", field: "unique")
            }
        }
        if indexed, before?.indexed != true { try field.makeIndex(of: collection.number, in: transaction) }
    }

    private func hasRecords(_ collection: Collection, in reader: any Reader) throws -> Bool {
        try reader.row("SELECT 1 FROM record WHERE collection = \(collection.number) LIMIT 1") != nil
    }

    private func lacks(_ field: Field, in collection: Collection, _ reader: any Reader) throws -> Bool {
        try reader.row(
            """
            SELECT 1 FROM record WHERE collection = \(SQL.number(collection.number)) AND deleted_at IS NULL AND \(field.expression) IS NULL LIMIT 1
            """) != nil
    }
}

extension Field {
    /// Words with a meaning in filters, and nothing else, are refused as keys.
    static let reservedKeys: Set<String> = ["and", "or", "not", "in", "is", "null", "true", "false"]

    static func isKey(_ key: String) -> Bool {
        guard key.utf8.count <= 40, SQLName(key) != nil, key.utf8.first != UInt8(ascii: "_") else { return false }
        return !reservedKeys.contains(key)
    }
}

extension Collection {
    func with(fields: [Field], titleField: String?) -> Collection {
        Collection(
            id: id, number: number, slug: slug, name: name, singular: singular, description: description, order: order, version: version,
            fields: fields, titleField: titleField, deletedAt: deletedAt)
    }
}
