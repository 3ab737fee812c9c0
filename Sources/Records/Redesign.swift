import Audit
import Storage
import Vocabulary

/// A collection's whole design as somebody drew it: its words, and its fields in order. A field that is not named goes away with its values.
package struct Redesign: Sendable {
    package enum Entry: Sendable {
        /// A field that is there, and what shall be different about it.
        case kept(key: String, FieldChange)
        case new(FieldDraft)

        var key: String {
            switch self {
            case .kept(let key, _): key
            case .new(let draft): draft.key
            }
        }
    }

    package var name: String
    package var description: String
    package var fields: [Entry]

    package init(name: String, description: String, fields: [Entry]) {
        self.name = name
        self.description = description
        self.fields = fields
    }
}

extension Collections {
    /// Makes the collection what `wanted` says, whole or not at all: one transaction, one new version.
    ///
    /// What is wrong with a field is said about `fields.N.…`, where N is its place in `wanted`.
    /// - Parameter ifVersion: the version that was drawn on. Without it a field that somebody added meanwhile would be removed.
    @discardableResult
    package func redesign(_ slug: String, _ wanted: Redesign, ifVersion: Int?, by actor: Actor) async throws -> Collection {
        try await workspace.write(by: actor) { [workspace] transaction, design in
            let old = try Self.designed(slug, ifVersion: ifVersion, design, by: actor)
            var work = Redesigning(workspace: workspace, transaction: transaction, actor: actor, design: design, collection: old)
            try work.words(wanted)
            try work.removeAllBut(Set(wanted.fields.map(\.key)))
            // Those that give up an index go first: their place may be wanted by another.
            let changes = wanted.fields.enumerated().sorted { $0.element.frees && !$1.element.frees }
            for (index, entry) in changes { try Self.placing(at: index) { try work.apply(entry) } }
            try work.arrange(wanted.fields.map(\.key))
            guard work.hasChanged else { return old }
            try transaction.run("UPDATE collection SET version = version + 1 WHERE number = \(old.number)")
            try Design.touch(in: transaction, entropy: workspace.entropy)
            return try Self.reload(old.id, in: transaction)
        }
    }

    private static func placing(at index: Int, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let refusal as Refusal {
            let problems = refusal.fields.isEmpty ? [Refusal.FieldProblem(field: "key", message: refusal.message)] : refusal.fields
            throw Refusal(
                refusal.kind, refusal.code, refusal.message,
                fields: problems.map { .init(field: "fields.\(index).\($0.field)", message: $0.message) })
        }
    }
}

extension Redesign.Entry {
    fileprivate var frees: Bool {
        if case .kept(_, let change) = self { change.unique == false || change.indexed == false } else { false }
    }
}

/// The steps of a ``Redesign``, each on what the one before it left.
private struct Redesigning {
    let workspace: Workspace
    let transaction: any Transaction
    let actor: Actor
    var design: Design
    var collection: Collection
    var hasChanged = false

    private var fields: Fields { Fields(workspace: workspace) }

    mutating func words(_ wanted: Redesign) throws {
        let words = try CollectionWords(
            slug: collection.slug, name: wanted.name, singular: collection.singular, description: wanted.description)
        guard words.name != collection.name || words.description != collection.description else { return }
        try transaction.run(
            "UPDATE collection SET name = \(words.name), description = \(words.description) WHERE number = \(collection.number)")
        try recordChange()
    }

    mutating func removeAllBut(_ kept: Set<String>) throws {
        for field in collection.fields where !kept.contains(field.key) {
            follow(try fields.remove(field.key, of: collection, in: transaction, by: actor))
        }
    }

    mutating func apply(_ entry: Redesign.Entry) throws {
        switch entry {
        case .new(let draft): follow(try fields.add(draft, to: collection, in: transaction, design, by: actor))
        case .kept(let key, let change):
            guard let field = collection.field(key) else { throw Refusal.notFound("field") }
            guard change.alters(field) else { return }
            follow(try fields.change(key, of: collection, change, in: transaction, design, by: actor))
        }
    }

    mutating func arrange(_ keys: [String]) throws {
        guard collection.fields.map(\.key) != keys else { return }
        guard Set(keys).count == keys.count else {
            throw Refusal.invalid("field-order", "Name each field exactly once.", field: "fields")
        }
        for (position, key) in keys.enumerated() {
            try transaction.run(
                "UPDATE field SET position = \(position + 1) WHERE collection = \(collection.number) AND field_key = \(key)")
        }
        try recordChange()
    }

    private mutating func follow(_ changed: Collection) {
        collection = changed
        design = design.replacing(changed)
        hasChanged = true
    }

    private mutating func recordChange() throws {
        hasChanged = true
        let event = AuditEvent.collectionChanged(collection: collection.id)
        try workspace.audit.record(event, by: actor.principal, at: workspace.clock.now(), in: transaction)
    }
}

extension FieldChange {
    /// Whether it would leave `field` different.
    fileprivate func alters(_ field: Field) -> Bool {
        label ?? field.label != field.label || type ?? field.type != field.type || required ?? field.required != field.required
            || unique ?? field.unique != field.unique || indexed ?? field.indexed != field.indexed
    }
}
