import Audit
import Storage
import Vocabulary

/// The records of one environment.
package struct Records: Sendable {
    let workspace: Workspace

    package static let migrations: [Migration] = []

    package func list(in slug: String, _ query: Query, by actor: Actor) async throws -> RecordPage { throw Refusal.invalid("todo", "todo") }

    package func find(_ id: RecordID, in slug: String, by actor: Actor) async throws -> Record { throw Refusal.invalid("todo", "todo") }

    /// Titles of the records that `record` refers to, as far as `actor` may see them.
    package func titles(for records: [Record], in slug: String, by actor: Actor) async throws -> [RecordID: String] {
        throw Refusal.invalid("todo", "todo")
    }

    /// Records of `slug` whose title begins with or contains `text`: choices for a reference field.
    package func suggestions(_ text: String, in slug: String, limit: Int = 20, by actor: Actor) async throws -> [(
        id: RecordID, title: String
    )] {
        throw Refusal.invalid("todo", "todo")
    }

    package func create(_ values: JSONObject, in slug: String, by actor: Actor) async throws -> Record {
        throw Refusal.invalid("todo", "todo")
    }

    /// Replaces all values. `ifVersion` nil skips the check: only for callers that ask for it explicitly.
    package func replace(_ id: RecordID, in slug: String, with values: JSONObject, ifVersion: Int?, by actor: Actor) async throws -> Record
    {
        throw Refusal.invalid("todo", "todo")
    }

    /// Changes only the given members; null empties a field (RFC 7396 for the top level).
    package func change(_ id: RecordID, in slug: String, _ values: JSONObject, ifVersion: Int?, by actor: Actor) async throws -> Record {
        throw Refusal.invalid("todo", "todo")
    }

    /// Sets it aside; ``restore(_:in:version:ifVersion:by:)`` brings it back.
    @discardableResult
    package func delete(_ id: RecordID, in slug: String, ifVersion: Int?, by actor: Actor) async throws -> Record {
        throw Refusal.invalid("todo", "todo")
    }

    /// Brings back a deleted record, or the values of an older version; a new version either way.
    package func restore(_ id: RecordID, in slug: String, version: Int? = nil, ifVersion: Int?, by actor: Actor) async throws -> Record {
        throw Refusal.invalid("todo", "todo")
    }

    /// How many living records each visible collection has.
    package func counts(by actor: Actor) async throws -> [CollectionID: Int] { throw Refusal.invalid("todo", "todo") }
}
