import GRDBSQLite
import Storage

/// Looks into a plain database file that is in memory, as its owner's tools would into the file. For small ones.
package final class PlainContent {
    private let connection: OpaquePointer

    /// - Throws: ``StorageError`` `.unreadable` where it is none.
    package init(_ bytes: [UInt8]) throws {
        var opened: OpaquePointer?
        guard sqlite3_open_v2(":memory:", &opened, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK, let opened else {
            sqlite3_close_v2(opened)
            throw StorageError.failed("no connection")
        }
        guard let buffer = sqlite3_malloc64(sqlite3_uint64(bytes.count)) else {
            sqlite3_close_v2(opened)
            throw StorageError.full
        }
        bytes.withUnsafeBytes { source in
            if let start = source.baseAddress { buffer.copyMemory(from: start, byteCount: source.count) }
        }
        // It owns the buffer from here on, whatever comes of it.
        let flags = UInt32(SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY)
        let count = sqlite3_int64(bytes.count)
        guard sqlite3_deserialize(opened, "main", buffer.assumingMemoryBound(to: UInt8.self), count, count, flags) == SQLITE_OK else {
            sqlite3_close_v2(opened)
            throw StorageError.unreadable
        }
        connection = opened
        guard try rows("PRAGMA integrity_check") == [[.text("ok")]] else { throw StorageError.unreadable }
    }

    deinit { sqlite3_close_v2(connection) }

    package func rows(_ text: StaticString) throws -> [[Value]] {
        var rows: [[Value]] = []
        try Statement(text.description, on: connection, isInternal: true).each([]) { rows.append($0.values) }
        return rows
    }
}
