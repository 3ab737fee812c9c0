/// What can go wrong in a store, the same list for every engine.
package enum StorageError: Error, Sendable, Equatable {
    /// A unique constraint refused the row; `constraint` names the index or the table's columns.
    case notUnique(constraint: String)
    /// A foreign key, check or not-null constraint refused the row.
    case constraint(String)
    /// The queue of waiting work is full, or waiting took too long. Safe to try again.
    case overloaded
    case exists
    case missing
    /// Wrong key, or a file that is corrupt or not ours.
    case unreadable
    /// Made by a newer release than this one.
    case newerSchema(found: String)
    case full
    case readOnly
    /// Another process holds it.
    case inUse
    /// Whether the commit stands can't be known.
    case inDoubt
    /// The commit is on this machine's disk, but not yet where a second copy of it was promised.
    case unconfirmed
    case closed
    /// The engine library is missing, foreign or a version with a known corruption bug.
    case unsafeEngine(String)
    /// A column had another type than the code expects, or is not there.
    case unexpectedColumn(String)
    /// Anything else. The text is for the log, never for a caller outside.
    case failed(String)
}
