import Backup
import Jobs
import Vocabulary

/// What somebody wants to have back, and where.
package struct RestoreOrder: Sendable {
    package enum Mode: Sendable, Hashable {
        /// Where it is. Of the whole environment, or of some collections.
        case inPlace(collections: Set<CollectionID>?)
        /// As an environment of its own; `name` stands behind the tenant's short name in its host.
        case beside(name: String)

        /// `in-place` or `beside`.
        package var name: String {
            switch self {
            case .inPlace: "in-place"
            case .beside: "beside"
            }
        }
    }

    package let target: Restoration.Target
    package let mode: Mode
    /// The place whose archive names the commit; the nearest for nil.
    package let place: String?

    package init(_ target: Restoration.Target, _ mode: Mode, from place: String? = nil) {
        self.target = target
        self.mode = mode
        self.place = place
    }
}

/// A restore that was ordered, and what came of it.
package struct Restore: Sendable {
    package struct Commit: Sendable, Hashable {
        package let generation: UInt32
        package let ordinal: UInt64
    }

    package let operation: Operation
    package let mode: String
    /// The commit that was restored; nil until it succeeded, as everything below.
    package let commit: Commit?
    /// When that commit was made.
    package let time: Instant?
    /// Where the environment was before: restoring that undoes it. Nil for a copy beside.
    package let undo: Commit?
    /// The place whose archive names both commits.
    package let place: String?
    package let records: Int
    package let changed: Int
    package let digest: String?
    package let milliseconds: Int
    package let pauseMilliseconds: Int?
    /// The label of the copy beside.
    package let copy: String?

    package static let kind = "restore"

    /// Nil where the operation is another one.
    package init?(_ operation: Operation) {
        guard operation.kind == Self.kind else { return nil }
        self.operation = operation
        let result = operation.result.object ?? [:]
        func number(_ key: String) -> Int { if case .integer(let number)? = result[key] { Int(clamping: number) } else { 0 } }
        func commit(_ generation: String, _ ordinal: String) -> Commit? {
            guard result[ordinal] != nil else { return nil }
            return Commit(generation: UInt32(clamping: number(generation)), ordinal: UInt64(clamping: number(ordinal)))
        }
        place = result["place"]?.string
        mode = result["mode"]?.string ?? "restore"
        self.commit = commit("generation", "commit")
        time = result["time"]?.string.flatMap { Instant($0) }
        undo = commit("undo_generation", "undo_commit")
        records = number("records")
        changed = number("changed")
        digest = result["digest"]?.string
        milliseconds = number("milliseconds")
        pauseMilliseconds = result["pause_milliseconds"] == nil ? nil : number("pause_milliseconds")
        copy = result["copy"]?.string
    }
}
