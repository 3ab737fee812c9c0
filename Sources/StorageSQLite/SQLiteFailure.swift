import GRDB
import GRDBSQLite
import Glibc
import Storage

/// Result codes of SQLite and the system, in the contract's words.
enum SQLiteFailure {
    static func of(_ connection: OpaquePointer, code: Int32) -> StorageError {
        let extended = sqlite3_extended_errcode(connection)
        return storageError(extended == SQLITE_OK ? code : extended, sqlite3_errmsg(connection).map { String(cString: $0) } ?? "")
    }

    static func of(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        return storageError(error.extendedResultCode.rawValue, error.message ?? "")
    }

    static func storageError(_ code: Int32, _ message: String) -> StorageError {
        switch code & 0xFF {
        case SQLITE_CONSTRAINT:
            // "UNIQUE constraint failed: account.identifier" or "… failed: index 'record_sku'"
            let subject = message.range(of: "failed: ").map { String(message[$0.upperBound...]) } ?? message
            switch code {
            case SQLITE_CONSTRAINT | (8 << 8), SQLITE_CONSTRAINT | (6 << 8), SQLITE_CONSTRAINT | (10 << 8):
                let name = subject.hasPrefix("index '") && subject.hasSuffix("'") ? String(subject.dropFirst(7).dropLast()) : subject
                return .notUnique(constraint: name)
            default:
                return .constraint(subject)
            }
        case SQLITE_NOTADB, SQLITE_CORRUPT: return .unreadable
        case SQLITE_FULL: return .full
        case SQLITE_READONLY, SQLITE_PERM: return .readOnly
        case SQLITE_BUSY, SQLITE_LOCKED: return .overloaded
        default: return .failed("SQLite \(code): \(message)")
        }
    }

    static func isIO(_ code: Int32) -> Bool { code & 0xFF == SQLITE_IOERR }

    static func system(_ code: CInt, _ what: String) -> StorageError {
        switch code {
        case EROFS, EACCES, EPERM: .readOnly
        case ENOSPC, EDQUOT: .full
        case EEXIST: .exists
        default: .failed("\(what): \(String(cString: strerror(code)))")
        }
    }
}
