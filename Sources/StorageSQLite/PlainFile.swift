import GRDBSQLite
import Glibc
import Storage
import Synchronization
import Vocabulary

/// A plain SQLite file that never lies anywhere as one.
///
/// It is built as every database here is, encrypted, with a key that is drawn for it and kept nowhere; and its name is taken off the disk as soon as
/// the file is open, so that a crash leaves nothing. What is read of it is decrypted page by page: a reader holds what it asked for, and no file, however large, is ever in
/// memory or in the clear on the disk. SQLite keeps room for the cipher at the end of each page and says so in its header (byte 20), so the decrypted pages are a
/// valid file for everybody's SQLite; that room is filled with zeros.
package final class PlainFile: TableSink, @unchecked Sendable {
    // Safe: one lock before every use of the connection.
    private let turn = Mutex<Void>(())
    private var connection: OpaquePointer?
    private var insertion: Statement?

    /// SQLite never writes the page of the byte at 1 GiB, which is for its locks.
    private static let lockPage: UInt64 = 0x4000_0000 / 4096
    package static let pageBytes = 4096

    /// - Parameters:
    ///   - path: a name that is free, for a moment.
    ///   - pagesMax: more is ``StorageError`` `.full`.
    package init(at path: String, pagesMax: Int? = nil, entropy: any Entropy) throws {
        try EngineLibrary.check()
        guard access(path, F_OK) != 0 else { throw StorageError.exists }
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        defer { unlink(path) }
        guard code == SQLITE_OK, let opened else {
            sqlite3_close_v2(opened)
            throw SQLiteFailure.storageError(code, "a scratch file can't be made")
        }
        connection = opened
        do {
            guard chmod(path, 0o600) == 0 else { throw SQLiteFailure.system(errno, "can't protect a scratch file") }
            let key = Secret(entropy.bytes(32))
            let keyed = key.withBytes { CipherKey.set(opened, $0) }
            guard keyed == SQLITE_OK else { throw StorageError.failed("the key was refused (\(keyed))") }
            var script = """
                PRAGMA page_size=\(Self.pageBytes); PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;
                PRAGMA cache_size=-2048;
                """
            if let pagesMax { script += "PRAGMA max_page_count=\(pagesMax);" }
            try run(script + "BEGIN")
        } catch {
            sqlite3_close_v2(opened)
            connection = nil
            throw error
        }
    }

    deinit { shut() }

    package func begin(_ table: PlainTable) throws {
        try turn.withLock { _ in
            guard let connection else { throw StorageError.closed }
            insertion = nil
            let columns = table.columns.enumerated().map { index, column in
                "\(Self.quoted(column.name)) \(column.type.rawValue)\(index == 0 && table.hasKey ? " PRIMARY KEY NOT NULL" : "")"
            }
            try run("CREATE TABLE \(Self.quoted(table.name)) (\(columns.joined(separator: ", ")))")
            let places = table.columns.map { _ in "?" }.joined(separator: ", ")
            insertion = try Statement("INSERT INTO \(Self.quoted(table.name)) VALUES (\(places))", on: connection, isInternal: true)
        }
    }

    package func add(_ row: [Value]) throws {
        try turn.withLock { _ in
            guard let insertion else { throw StorageError.closed }
            _ = try insertion.run(row.map { .bind($0) })
        }
    }

    /// Nothing is added any more; from now on it can be read.
    package func finish() throws {
        try turn.withLock { _ in
            insertion = nil
            try run("COMMIT")
        }
    }

    /// In bytes.
    package func size() throws -> UInt64 {
        try turn.withLock { _ in
            let file = try file()
            var size: sqlite3_int64 = 0
            guard let measure = file.pointee.pMethods?.pointee.xFileSize, measure(file, &size) == SQLITE_OK else {
                throw StorageError.failed("a scratch file can't be measured")
            }
            return UInt64(clamping: size)
        }
    }

    /// Whole pages in the clear, from `offset` on, at most `count` bytes; none at the end. Both are multiples of ``pageBytes``.
    package func plaintext(from offset: UInt64, count: Int) throws -> [UInt8] {
        let size = try size()
        return try turn.withLock { _ in
            let file = try file()
            guard let read = file.pointee.pMethods?.pointee.xRead else { throw StorageError.closed }
            let wanted = Int(clamping: min(UInt64(count), size > offset ? size - offset : 0)) / Self.pageBytes * Self.pageBytes
            var bytes = [UInt8](repeating: 0, count: wanted)
            let reserved = try reserved(file, read)
            for start in stride(from: 0, to: wanted, by: Self.pageBytes) {
                let place = offset + UInt64(start)
                guard place / UInt64(Self.pageBytes) != Self.lockPage else { continue }
                let code = bytes.withUnsafeMutableBytes {
                    read(file, $0.baseAddress.map { $0 + start }, Int32(Self.pageBytes), sqlite3_int64(place))
                }
                guard code == SQLITE_OK else { throw SQLiteFailure.storageError(code, "a scratch file can't be read") }
                for index in (start + Self.pageBytes - reserved)..<(start + Self.pageBytes) { bytes[index] = 0 }
            }
            return bytes
        }
    }

    /// It is gone with this.
    package func close() { turn.withLock { _ in shut() } }

    private func shut() {
        insertion = nil
        if let connection { sqlite3_close_v2(connection) }
        connection = nil
    }

    private typealias Read = @convention(c) (UnsafeMutablePointer<sqlite3_file>?, UnsafeMutableRawPointer?, Int32, sqlite3_int64) -> Int32

    /// How many bytes at the end of each page are the cipher's.
    private func reserved(_ file: UnsafeMutablePointer<sqlite3_file>, _ read: Read) throws -> Int {
        var first = [UInt8](repeating: 0, count: Self.pageBytes)
        let code = first.withUnsafeMutableBytes { read(file, $0.baseAddress, Int32(Self.pageBytes), 0) }
        guard code == SQLITE_OK, first.starts(with: Array("SQLite format 3\0".utf8)) else {
            throw StorageError.unsafeEngine("a scratch file can't be read back")
        }
        return Int(first[20])
    }

    /// What SQLite reads and writes the file through: below it everything is encrypted, above it nothing is.
    private func file() throws -> UnsafeMutablePointer<sqlite3_file> {
        guard let connection else { throw StorageError.closed }
        var file: UnsafeMutablePointer<sqlite3_file>?
        let code = sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file)
        guard code == SQLITE_OK, let file else { throw StorageError.failed("a scratch file has no pages (\(code))") }
        return file
    }

    private func run(_ script: String) throws {
        guard let connection else { throw StorageError.closed }
        let code = sqlite3_exec(connection, script, nil, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteFailure.of(connection, code: code) }
    }

    private static func quoted(_ name: String) -> String { "\"\(name.replacing("\"", with: "\"\""))\"" }
}
