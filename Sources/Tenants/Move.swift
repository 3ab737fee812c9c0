import Vocabulary

/// How far a move has come. After each of them it may be interrupted, by whatever, and nothing is lost.
package enum MoveStep: String, Sendable, Hashable, CaseIterable {
    /// Noted in the register.
    case planned
    case keyMade = "key-made"
    case databaseMade = "database-made"
    /// Changes are noted from here on.
    case noting
    case copying
    /// Everything was read at both places and found equal.
    case compared
    /// Writers wait.
    case paused
    /// The old copy takes no more writes, and the new one has them all.
    case fenced
    /// The environment is at its new place.
    case switched
    /// Writers go on, there.
    case resumed
    case databaseDestroyed = "database-destroyed"
    case keyDestroyed = "key-destroyed"
}

package struct MoveProgress: Sendable, Hashable {
    package let step: MoveStep
    package let rows: Int
    package let bytes: Int
}

/// What a move came to.
package struct MoveReport: Sendable, Hashable {
    package let environment: EnvironmentID
    package let from: Places.Name
    package let to: Places.Name
    package let rows: Int
    package let bytes: Int
    /// SHA-256 over all rows, found equal at both places.
    package let digest: String
    package let took: Duration
    /// How long writers had to wait.
    package let pause: Duration
    /// False where the old place didn't answer any more: its key is destroyed all the same, and the rest is removed at a later start.
    package let isOldCopyRemoved: Bool
}

/// Thrown by who watches a move: it ends on the spot, as if the power had failed, and cleans nothing up.
package struct MoveCutOff: Error, Sendable {
    package init() {}
}
