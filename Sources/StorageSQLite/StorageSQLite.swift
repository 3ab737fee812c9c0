// StorageSQLite: the embedded engine. One encrypted file per database.
//
// It promises what the contract promises, with pages encrypted under a raw key per database, a write that has
// returned being on disk, one writer with group commit beside many readers, few descriptors however many databases there are, and
// a refusal to start on an SQLite that is not ours or that has a known corruption bug. It refuses to know what the
// tables mean and where keys come from; a key is asked for when a file is really opened, and not kept.
//
//     SQLiteEngine     makes, opens and destroys; owns the directory
//     SQLiteDatabase   a handle; leads to the database's Seat
//     Seat             what is known of one database: its queue of writes, whether it may be used
//     GroupCommit      turns queued writes into shared transactions
//     Shelf            connections at rest, the longest unused closed first
//     Connection       one GRDB queue, statements run by SQLite's C interface
//     LogWatcher       whoever copies commits elsewhere before they leave the log
//     WriteAheadLog    the log as a file, read without a key

import Storage

/// What an engine may use.
package struct SQLiteOptions: Sendable {
    /// File descriptors for databases. A connection takes two, a database with any connection one more.
    package var descriptors = 768
    package var readerThreads = 8
    package var writerThreads = 4
    /// Reads that may wait for a thread, all databases together.
    package var waitingReads = 4096
    /// Writes that may wait in one database.
    package var waitingWrites = 1024
    /// Page cache of one connection.
    package var cacheKibibytes = 2048
    /// Frames in the write-ahead log after which the writer moves them into the file.
    package var checkpointFrames: Int32 = 1000
    /// Pages (4 KiB) that one database may have; more is ``StorageError`` `.full`. Nil: as many as the disk holds.
    package var pagesMax: Int?

    /// Told once when the disk refused a commit or a checkpoint. The database answers `.inDoubt` until it is opened again;
    /// a server should rather end, since the system's cache can't be trusted any more.
    package var onDiskFailure: @Sendable (DatabaseName) -> Void = { _ in }

    /// Told of every commit, asked before each checkpoint.
    package var logWatcher: (any LogWatcher)?

    package init() {}

    var connections: Int { max(descriptors / 3 - readerThreads - writerThreads, 1) }
}
