import Storage

/// Told what every database's write-ahead log gains, and asked before anything leaves it: whoever copies commits elsewhere loses none.
///
/// A log starts over only after a checkpoint of all of it, checkpoints are made by the writer alone, and each is asked for here: so what was
/// told and not yet allowed to leave can be read from the log, by anybody, without a lock.
package protocol LogWatcher: Sendable {
    /// A database is opened and was at this position a moment ago. Its log may hold commits that nobody was told of.
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
}

/// Where a database lies.
package struct DatabaseFiles: Sendable {
    package let file: String
    /// The write-ahead log. There may be none.
    package var log: String { file + "-wal" }
}
