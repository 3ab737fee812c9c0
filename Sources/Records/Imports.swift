import Audit
import Jobs
import Storage
import Vocabulary

/// How an uploaded file is written.
package enum ImportFormat: String, Sendable, Hashable {
    case csv
    case jsonLines = "json-lines"
}

/// A file that is staged, in sealed pages, until it is imported or a day has passed.
package struct ImportUpload: Sendable {
    package let id: OperationID
    package let name: String
    package let bytes: Int
    package let createdAt: Instant
    package let createdBy: Author
}

/// What a sample of the file says.
package struct ImportPreview: Sendable {
    package struct Column: Sendable {
        /// As written in the head of the file.
        package let name: String
        package let suggestedKey: String
        package let suggestedLabel: String
        package let suggestedType: FieldType
        /// Nothing in the sample was empty.
        package let alwaysFilled: Bool
        package let samples: [String]
        /// Key of the existing field that it probably means.
        package let matches: String?
    }

    package let format: ImportFormat
    /// `utf-8`, `utf-16le`, `utf-16be`, `latin-1`.
    package let encoding: String
    /// `,` `;` tab or `|`; nil for JSON Lines.
    package let delimiter: String?
    package let columns: [Column]
    /// The first rows, as text.
    package let rows: [[String]]
    package let sampledRows: Int
    package let bytes: Int
}

/// What to do with an upload.
package struct ImportPlan: Sendable {
    package enum Target: Sendable {
        case existing(slug: String)
        case new(CollectionDraft)
    }

    package enum Mode: String, Sendable {
        /// One refused line, and nothing is imported.
        case allOrNothing = "all-or-nothing"
        /// Good lines are imported, refused ones are reported.
        case goodLines = "good-lines"
    }

    package struct Mapping: Sendable {
        package var column: String
        package var field: String
        package init(column: String, field: String) {
            self.column = column
            self.field = field
        }
    }

    package var target: Target
    /// Columns that are not mentioned are left out.
    package var mappings: [Mapping]
    package var mode: Mode

    package init(target: Target, mappings: [Mapping], mode: Mode = .goodLines) {
        self.target = target
        self.mappings = mappings
        self.mode = mode
    }
}

/// A line that was not imported.
package struct RefusedLine: Sendable, Equatable {
    package let line: Int
    package let reasons: [Refusal.FieldProblem]
}

/// How an import ended, or stands.
package struct ImportReport: Sendable {
    package let operation: OperationID
    package let collection: CollectionID
    package let imported: Int
    package let refused: Int
    /// The first ones; at most 10,000 are kept.
    package let lines: [RefusedLine]
}

/// Imports of CSV and JSON Lines. Needs `import` in the collection; a new collection needs `design` as well.
package struct Imports: Sendable {
    let workspace: Workspace

    static let migrations: [Migration] = []

    /// Stages a file. Refused beyond `limit` bytes; nothing of it stays then.
    package func upload<Bytes: AsyncSequence & Sendable>(
        name: String, _ bytes: Bytes, limit: Int = 1 << 30, by actor: Actor
    ) async throws -> ImportUpload where Bytes.Element == [UInt8] {
        throw Refusal.invalid("todo", "todo")
    }

    package func find(_ upload: OperationID, by actor: Actor) async throws -> ImportUpload { throw Refusal.invalid("todo", "todo") }

    package func preview(_ upload: OperationID, for slug: String? = nil, by actor: Actor) async throws -> ImportPreview {
        throw Refusal.invalid("todo", "todo")
    }

    /// A plan that takes the preview's suggestions: into `slug` if given, else into a new collection named `name`.
    package func suggestedPlan(_ upload: OperationID, slug: String?, name: String?, by actor: Actor) async throws -> ImportPlan {
        throw Refusal.invalid("todo", "todo")
    }

    /// Checks the plan and queues the work; returns the operation's id (the upload's own). ``run(_:)`` does it.
    package func start(_ upload: OperationID, _ plan: ImportPlan, by actor: Actor) async throws -> OperationID {
        throw Refusal.invalid("todo", "todo")
    }

    /// Does the queued work of an operation, in batches, until it is finished or cancelled. Safe to call again after a crash: it goes on
    /// after the last batch that was committed.
    @discardableResult
    package func run(_ operation: OperationID) async throws -> ImportReport { throw Refusal.invalid("todo", "todo") }

    package func cancel(_ operation: OperationID, by actor: Actor) async throws { throw Refusal.invalid("todo", "todo") }

    package func report(_ operation: OperationID, by actor: Actor) async throws -> ImportReport { throw Refusal.invalid("todo", "todo") }

    /// Forgets an upload that will not be imported.
    package func discard(_ upload: OperationID, by actor: Actor) async throws { throw Refusal.invalid("todo", "todo") }
}
