import Storage
import Vocabulary

/// Who changed what, when: every version of every record.
package struct RecordVersions: Sendable {
    let workspace: Workspace

    /// Newest first. `before` pages on from a version number.
    package func list(of record: RecordID, in slug: String, before: Int? = nil, limit: Int = 50, by actor: Actor) async throws
        -> [RecordVersion]
    {
        throw Refusal.invalid("todo", "todo")
    }

    package func find(_ version: Int, of record: RecordID, in slug: String, by actor: Actor) async throws -> RecordVersion {
        throw Refusal.invalid("todo", "todo")
    }
}
