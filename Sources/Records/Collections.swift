import Audit
import Storage
import Vocabulary

/// The collections of one environment. Reading needs `view` in the collection, changing needs `design`.
package struct Collections: Sendable {
    let workspace: Workspace

    static let limit = 200

    /// Those that `actor` may view, in order.
    package func list(by actor: Actor) async throws -> [Collection] {
        try await workspace.read(by: actor) { _, design in
            design.collections.filter { $0.deletedAt == nil && Self.isVisible($0, to: actor, design) }
        }
    }

    package func find(_ slug: String, by actor: Actor) async throws -> Collection {
        try await workspace.read(by: actor) { _, design in
            guard let collection = design.collection(slug), Self.isVisible(collection, to: actor, design) else {
                throw Refusal.notFound("collection")
            }
            return collection
        }
    }

    package func find(_ id: CollectionID, by actor: Actor) async throws -> Collection {
        try await workspace.read(by: actor) { _, design in
            guard let collection = design.collection(id), collection.deletedAt == nil, Self.isVisible(collection, to: actor, design) else {
                throw Refusal.notFound("collection")
            }
            return collection
        }
    }

    @discardableResult
    package func create(_ draft: CollectionDraft, by actor: Actor) async throws -> Collection {
        try await workspace.write(by: actor) { transaction, design in
            try create(draft, in: transaction, design, by: actor)
        }
    }

    func create(_ draft: CollectionDraft, in transaction: any Transaction, _ design: Design, by actor: Actor) throws -> Collection {
        try design.require(.design, by: actor)
        let words = try CollectionWords(draft)
        guard design.collection(draft.slug) == nil else {
            throw Refusal.conflict("slug-taken", "There is a collection with this short name already. Choose another.", field: "slug")
        }
        guard design.collections.count(where: { $0.deletedAt == nil }) < Self.limit else {
            throw Refusal.conflict("too-many-collections", "There can be \(Self.limit) collections. Remove one first.")
        }
        let now = workspace.clock.now()
        let id = CollectionID(at: now, entropy: workspace.entropy)
        let position = (design.collections.map(\.order).max() ?? 0) + 1
        let number = try transaction.value(
            """
            INSERT INTO collection (id, slug, name, singular, description, position, version, title_field, created_at, created_by)
            VALUES (\(id), \(draft.slug), \(words.name), \(words.singular), \(words.description), \(position), 1, NULL,
                \(now), \(Author(actor.principal).text))
            RETURNING number
            """, as: Int.self)
        guard let number else { throw StorageError.failed("no collection number") }
        try workspace.audit.record(.collectionCreated(collection: id), by: actor.principal, at: now, in: transaction)
        var collection = Collection(
            id: id, number: number, slug: draft.slug, name: words.name, singular: words.singular, description: words.description,
            order: position, version: 1, fields: [], titleField: nil, deletedAt: nil)
        for field in draft.fields {
            collection = try Fields(workspace: workspace).add(field, to: collection, in: transaction, design, by: actor)
        }
        let title = draft.titleField ?? draft.fields.first { $0.type == .text }?.key
        if let title {
            try Self.requireTitle(title, of: collection)
            try transaction.run("UPDATE collection SET title_field = \(title) WHERE number = \(number)")
        }
        try Design.touch(in: transaction, entropy: workspace.entropy)
        return try Self.reload(id, in: transaction)
    }

    @discardableResult
    package func change(_ slug: String, _ change: CollectionChange, ifVersion: Int? = nil, by actor: Actor) async throws -> Collection {
        try await workspace.write(by: actor) { [workspace] transaction, design in
            let old = try Self.designed(slug, ifVersion: ifVersion, design, by: actor)
            let words = try CollectionWords(
                slug: slug, name: change.name ?? old.name, singular: change.singular ?? old.singular,
                description: change.description ?? old.description)
            if let title = change.titleField { try Self.requireTitle(title, of: old) }
            if let order = change.order, !(0...1_000_000).contains(order) {
                throw Refusal.invalid("order", "The order is a number from 0 to 1,000,000.", field: "order")
            }
            try transaction.run(
                """
                UPDATE collection SET name = \(words.name), singular = \(words.singular), description = \(words.description),
                    position = \(change.order ?? old.order), title_field = \((change.titleField ?? old.titleField).columnValue), version = version + 1
                WHERE number = \(old.number)
                """)
            if let keys = change.fieldOrder {
                guard Set(keys) == Set(old.fields.map(\.key)), keys.count == old.fields.count else {
                    throw Refusal.invalid("field-order", "Name each field exactly once.", field: "fieldOrder")
                }
                for (position, key) in keys.enumerated() {
                    try transaction.run(
                        "UPDATE field SET position = \(position + 1) WHERE collection = \(old.number) AND field_key = \(key)")
                }
            }
            let now = workspace.clock.now()
            try workspace.audit.record(.collectionChanged(collection: old.id), by: actor.principal, at: now, in: transaction)
            try Design.touch(in: transaction, entropy: workspace.entropy)
            return try Self.reload(old.id, in: transaction)
        }
    }

    /// Sets the collection aside with all its records.
    package func delete(_ slug: String, ifVersion: Int? = nil, by actor: Actor) async throws {
        try await workspace.write(by: actor) { [workspace] transaction, design in
            let collection = try Self.designed(slug, ifVersion: ifVersion, design, by: actor)
            try design.require(.delete, in: collection.id, by: actor)
            let users = design.collections.filter { other in
                other.deletedAt == nil && other.id != collection.id && other.fields.contains { $0.type == .reference(collection.id) }
            }
            guard users.isEmpty else {
                let names = users.map(\.name).joined(separator: ", ")
                throw Refusal.conflict("referenced-collection", "Records of \(names) refer to this collection. Remove those fields first.")
            }
            let now = workspace.clock.now()
            try transaction.run("UPDATE collection SET deleted_at = \(now), version = version + 1 WHERE number = \(collection.number)")
            try workspace.audit.record(.collectionDeleted(collection: collection.id), by: actor.principal, at: now, in: transaction)
            try Design.touch(in: transaction, entropy: workspace.entropy)
        }
    }

    /// Deleted collections, for ``restore(_:by:)``.
    package func deleted(by actor: Actor) async throws -> [Collection] {
        try await workspace.read(by: actor) { _, design in
            try design.require(.design, by: actor)
            return design.collections.filter { $0.deletedAt != nil }
        }
    }

    @discardableResult
    package func restore(_ id: CollectionID, by actor: Actor) async throws -> Collection {
        try await workspace.write(by: actor) { [workspace] transaction, design in
            try design.require(.design, by: actor)
            guard let collection = design.collection(id), collection.deletedAt != nil else { throw Refusal.notFound("deleted collection") }
            guard design.collection(collection.slug) == nil else {
                throw Refusal.conflict("slug-taken", "Another collection has its short name now. Delete or rename that one first.")
            }
            let missing = collection.fields.contains { field in
                if case .reference(let target) = field.type { design.collection(target)?.deletedAt != nil } else { false }
            }
            guard !missing else {
                throw Refusal.conflict("referenced-collection", "It refers to another deleted collection. Restore that one first.")
            }
            try transaction.run("UPDATE collection SET deleted_at = NULL, version = version + 1 WHERE number = \(collection.number)")
            let now = workspace.clock.now()
            try workspace.audit.record(.collectionRestored(collection: id), by: actor.principal, at: now, in: transaction)
            try Design.touch(in: transaction, entropy: workspace.entropy)
            return try Self.reload(id, in: transaction)
        }
    }

    @discardableResult
    package func addField(_ draft: FieldDraft, to slug: String, ifVersion: Int? = nil, by actor: Actor) async throws -> Collection {
        try await changingFields(of: slug, ifVersion: ifVersion, by: actor) { fields, collection, transaction, design in
            _ = try fields.add(draft, to: collection, in: transaction, design, by: actor)
        }
    }

    @discardableResult
    package func changeField(
        _ key: String, of slug: String, _ change: FieldChange, ifVersion: Int? = nil, by actor: Actor
    ) async throws -> Collection {
        try await changingFields(of: slug, ifVersion: ifVersion, by: actor) { fields, collection, transaction, design in
            _ = try fields.change(key, of: collection, change, in: transaction, design, by: actor)
        }
    }

    /// Takes the field and its values away; each record that had one gets a new version, so that history keeps it.
    @discardableResult
    package func removeField(_ key: String, of slug: String, ifVersion: Int? = nil, by actor: Actor) async throws -> Collection {
        try await changingFields(of: slug, ifVersion: ifVersion, by: actor) { fields, collection, transaction, _ in
            _ = try fields.remove(key, of: collection, in: transaction, by: actor)
        }
    }

    private func changingFields(
        of slug: String, ifVersion: Int?, by actor: Actor,
        _ body: @escaping @Sendable (Fields, Collection, any Transaction, Design) throws -> Void
    ) async throws -> Collection {
        try await workspace.write(by: actor) { [workspace] transaction, design in
            let collection = try Self.designed(slug, ifVersion: ifVersion, design, by: actor)
            try body(Fields(workspace: workspace), collection, transaction, design)
            try transaction.run("UPDATE collection SET version = version + 1 WHERE number = \(collection.number)")
            try Design.touch(in: transaction, entropy: workspace.entropy)
            return try Self.reload(collection.id, in: transaction)
        }
    }

    static func designed(_ slug: String, ifVersion: Int?, _ design: Design, by actor: Actor) throws -> Collection {
        let collection = try design.collection(slug, for: .design, by: actor)
        if let ifVersion, ifVersion != collection.version { throw Refusal.staleVersion }
        return collection
    }

    private static func isVisible(_ collection: Collection, to actor: Actor, _ design: Design) -> Bool {
        design.allows(actor, .view, in: collection.id) || design.allows(actor, .design, in: collection.id)
    }

    private static func requireTitle(_ key: String, of collection: Collection) throws {
        guard let field = collection.field(key), field.type == .text || field.type == .number || field.type == .date else {
            throw Refusal.invalid("title-field", "The title is one of the collection's text, number or date fields.", field: "titleField")
        }
    }

    static func reload(_ id: CollectionID, in reader: any Reader) throws -> Collection {
        guard let collection = try Design.load(stamp: 0, cursorKey: [], from: reader).collection(id) else {
            throw Refusal.notFound("collection")
        }
        return collection
    }
}

/// The texts of a collection, checked.
struct CollectionWords {
    let name: String
    let singular: String
    let description: String

    init(_ draft: CollectionDraft) throws {
        try self.init(slug: draft.slug, name: draft.name, singular: draft.singular ?? draft.name, description: draft.description)
    }

    init(slug: String, name: String, singular: String, description: String) throws {
        var problems: [Refusal.FieldProblem] = []
        if !Text.isSlug(slug) {
            let rule = "Use 1 to 40 lower-case letters, digits and hyphens, starting with a letter."
            problems.append(.init(field: "slug", message: rule))
        }
        let checkedName = Text.name(name)
        if checkedName == nil { problems.append(.init(field: "name", message: "Give a name of at most 120 characters.")) }
        let checkedSingular = Text.name(singular)
        if checkedSingular == nil, singular != name {
            problems.append(.init(field: "singular", message: "Give a name of at most 120 characters."))
        }
        if description.utf8.count > 4000 || description.utf8.contains(0) {
            problems.append(.init(field: "description", message: "At most 4,000 characters."))
        }
        guard problems.isEmpty, let checkedName, let checkedSingular else {
            throw Refusal(.invalid, "invalid-collection", "The collection can't be kept like this.", fields: problems)
        }
        self.name = checkedName
        self.singular = checkedSingular
        self.description = description
    }
}

extension Refusal {
    static let staleVersion = Refusal(
        .stale, "stale-version", "Somebody changed this since you read it. Read it again and repeat your change.")
}
