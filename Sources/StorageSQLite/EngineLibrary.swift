import CSQLiteCipher
import GRDBSQLite
import Storage

/// The SQLite that is linked in. Checked before anything is opened: with another one, files would silently be plaintext.
package enum EngineLibrary {
    /// SQLite 3.7.0 to 3.51.2 can corrupt a database when the write-ahead log is reset.
    static let sqliteMinimum: Int32 = 3_051_003
    /// Older ones mishandle AEGIS keys.
    static let cipherMinimum = [2, 6, 1]

    /// `SQLite3 Multiple Ciphers 2.6.1`
    package static var cipherVersion: String { holdfast_cipher_version().map { String(cString: $0) } ?? "" }
    /// `3.54.0`
    package static var sqliteVersion: String { String(cString: sqlite3_libversion()) }

    static func check() throws {
        try check(
            sqlite: sqlite3_libversion_number(), cipher: cipherVersion,
            isThreadSafe: sqlite3_threadsafe() != 0, keepsTemporariesInMemory: sqlite3_compileoption_used("TEMP_STORE=3") != 0)
    }

    static func check(sqlite: Int32, cipher: String, isThreadSafe: Bool, keepsTemporariesInMemory: Bool) throws {
        guard sqlite >= sqliteMinimum else {
            throw StorageError.unsafeEngine(
                "SQLite \(sqlite) can corrupt databases; \(sqliteMinimum) or newer is needed. Run script/bootstrap.")
        }
        let words = cipher.split(separator: " ")
        let version = words.last?.split(separator: ".").compactMap { Int($0) } ?? []
        guard words.dropLast().joined(separator: " ") == "SQLite3 Multiple Ciphers", version.count == 3,
            !version.lexicographicallyPrecedes(cipherMinimum)
        else {
            throw StorageError.unsafeEngine("the encrypted SQLite is missing or too old ('\(cipher)'). Run script/bootstrap.")
        }
        guard isThreadSafe, keepsTemporariesInMemory else {
            throw StorageError.unsafeEngine("SQLite was built without THREADSAFE or TEMP_STORE=3. Run script/bootstrap.")
        }
    }
}
