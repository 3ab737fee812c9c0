import Storage

/// Told what every database's write-ahead log gains, and asked before anything leaves it: whoever copies commits elsewhere loses none.
///
/// A log starts over only after a checkpoint of all of it, checkpoints are made by the writer alone, and each is asked for here: so what was
/// told and not yet allowed to leave can be read from the log, by anybody, without a lock.
package protocol LogWatcher: Sendable {
    /// A database was made, or is opened, and was at this position a moment ago. Its log may hold commits that nobody was told of.
    func opened(_ name: DatabaseName, at position: CommitPosition)

    /// A commit is on disk, its writers aren't answered yet. On the writer's thread, which waits for the return.
    ///
    /// - Parameters:
    ///   - frames: in the log with this commit.
    ///   - position: of this commit: by one more than that of the commit before.
    func committed(_ name: DatabaseName, frames: Int, position: CommitPosition)

    /// Whether all commits may be moved into the file, and so leave the log. On the writer's thread.
    func mayCheckpoint(_ name: DatabaseName, frames: Int) -> Bool

    func destroyed(_ name: DatabaseName)

    /// Whether more may be written now. Asked before a write takes its place in the line; what is refused was not begun.
    func admits(_ name: DatabaseName) -> Bool

    /// Whether writers hear of their commits only when those are kept elsewhere, too.
    func confirms(_ name: DatabaseName) -> Bool

    /// Calls `answer` once, from any thread: with true when the commit is kept elsewhere, with false when that can't be expected any more.
    /// Called on the writer's thread after ``committed(_:frames:position:)`` where ``confirms(_:)`` said so; the writer goes on meanwhile.
    func confirm(_ name: DatabaseName, position: CommitPosition, _ answer: @escaping @Sendable (Bool) -> Void)
}

extension LogWatcher {
    package func admits(_ name: DatabaseName) -> Bool { true }
    package func confirms(_ name: DatabaseName) -> Bool { false }
    package func confirm(_ name: DatabaseName, position: CommitPosition, _ answer: @escaping @Sendable (Bool) -> Void) { answer(true) }
}

/// Where a database lies.
package struct DatabaseFiles: Sendable {
    package let file: String
    /// The write-ahead log. There may be none.
    package var log: String { file + "-wal" }
}
