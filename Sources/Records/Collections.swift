import Audit
import Storage
import Vocabulary

/// The collections of one environment. Reading needs `view` in the collection, changing needs `design`.
package struct Collections: Sendable {
    let workspace: Workspace

    /// Those that `actor` may view, in order.
    package func list(by actor: Actor) async throws -> [Collection] { throw Refusal.invalid("todo", "todo") }

    package func find(_ slug: String, by actor: Actor) async throws -> Collection { throw Refusal.invalid("todo", "todo") }

    package func find(_ id: CollectionID, by actor: Actor) async throws -> Collection { throw Refusal.invalid("todo", "todo") }

    @discardableResult
    package func create(_ draft: CollectionDraft, by actor: Actor) async throws -> Collection { throw Refusal.invalid("todo", "todo") }

    @discardableResult
    package func change(_ slug: String, _ change: CollectionChange, ifVersion: Int? = nil, by actor: Actor) async throws -> Collection {
        throw Refusal.invalid("todo", "todo")
    }

    /// Sets the collection aside with all its records.
    package func delete(_ slug: String, ifVersion: Int? = nil, by actor: Actor) async throws { throw Refusal.invalid("todo", "todo") }

    /// Deleted collections, for ``restore(_:by:)``.
    package func deleted(by actor: Actor) async throws -> [Collection] { throw Refusal.invalid("todo", "todo") }

    @discardableResult
    package func restore(_ id: CollectionID, by actor: Actor) async throws -> Collection { throw Refusal.invalid("todo", "todo") }

    @discardableResult
    package func addField(_ draft: FieldDraft, to slug: String, ifVersion: Int? = nil, by actor: Actor) async throws -> Collection {
        throw Refusal.invalid("todo", "todo")
    }

    @discardableResult
    package func changeField(
        _ key: String, of slug: String, _ change: FieldChange, ifVersion: Int? = nil, by actor: Actor
    ) async throws -> Collection {
        throw Refusal.invalid("todo", "todo")
    }

    /// Takes the field and its values away; each record that had one gets a new version, so that history keeps it.
    @discardableResult
    package func removeField(_ key: String, of slug: String, ifVersion: Int? = nil, by actor: Actor) async throws -> Collection {
        throw Refusal.invalid("todo", "todo")
    }
}
