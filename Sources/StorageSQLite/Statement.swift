import GRDBSQLite
import Storage

/// A prepared statement. Belongs to its connection and shares its rule: one thread at a time.
final class Statement {
    private let connection: OpaquePointer
    private let pointer: OpaquePointer
    let isReadOnly: Bool
    /// INSERT, UPDATE, DELETE and REPLACE report how many rows they changed; the counter is stale after others.
    private let countsRows: Bool
    private var columns: Row.Columns?
    var isBusy = false
    var lastUse: UInt64 = 0

    /// Transaction control and pragmas are refused unless `isInternal`: they are the engine's own business.
    init(_ text: String, on connection: OpaquePointer, isInternal: Bool) throws {
        if !isInternal { try StatementKeyword.refuseReserved(text) }
        let keyword = StatementKeyword.of(text)
        var prepared: OpaquePointer?
        var text = text
        let code = text.withUTF8 { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                var tail: UnsafePointer<CChar>?
                let code = sqlite3_prepare_v3(
                    connection, characters.baseAddress, Int32(characters.count), UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, &tail)
                guard code == SQLITE_OK, let tail, let base = characters.baseAddress else { return code }
                let rest = characters[(tail - base)...]
                return rest.allSatisfy { $0 == 32 || $0 == 10 || $0 == 9 || $0 == 59 } ? code : SQLITE_MISUSE
            }
        }
        guard code == SQLITE_OK, let prepared else {
            sqlite3_finalize(prepared)
            throw code == SQLITE_MISUSE ? StorageError.failed("more than one statement") : SQLiteFailure.of(connection, code: code)
        }
        self.connection = connection
        pointer = prepared
        isReadOnly = sqlite3_stmt_readonly(prepared) != 0
        countsRows = !isReadOnly && ["INSERT", "UPDATE", "DELETE", "REPLACE", "WITH"].contains(keyword)
    }

    deinit { sqlite3_finalize(pointer) }

    /// Runs to the end. Returns how many rows changed.
    func run(_ parts: [SQL.Part] = []) throws -> Int {
        try start(parts)
        defer { finish() }
        while true {
            let code = sqlite3_step(pointer)
            if code == SQLITE_ROW { continue }
            guard code == SQLITE_DONE else { throw SQLiteFailure.of(connection, code: code) }
            return countsRows ? Int(sqlite3_changes64(connection)) : 0
        }
    }

    /// Runs a statement of the engine's own and returns the raw result code.
    func code() -> Int32 {
        defer { finish() }
        var code = sqlite3_step(pointer)
        while code == SQLITE_ROW { code = sqlite3_step(pointer) }
        return code == SQLITE_DONE ? SQLITE_OK : sqlite3_extended_errcode(connection)
    }

    /// As ``code()``; `value` becomes the first column of the last row.
    func code(_ value: inout Int64) -> Int32 {
        defer { finish() }
        var code = sqlite3_step(pointer)
        while code == SQLITE_ROW {
            value = sqlite3_column_int64(pointer, 0)
            code = sqlite3_step(pointer)
        }
        return code == SQLITE_DONE ? SQLITE_OK : sqlite3_extended_errcode(connection)
    }

    func each(_ parts: [SQL.Part], _ body: (Row) throws -> Void) throws {
        try start(parts)
        defer { finish() }
        var names: Row.Columns?
        while true {
            let code = sqlite3_step(pointer)
            if code == SQLITE_DONE { return }
            guard code == SQLITE_ROW else { throw SQLiteFailure.of(connection, code: code) }
            // The first step may have prepared the statement anew after a change of the schema.
            let columns = names ?? currentColumns()
            names = columns
            try body(Row(columns: columns, values: values(count: columns.names.count)))
        }
    }

    private func start(_ parts: [SQL.Part]) throws {
        isBusy = true
        var index: Int32 = 0
        for part in parts {
            guard case .bind(let value) = part else { continue }
            index += 1
            do {
                let code = try bind(value, at: index)
                guard code == SQLITE_OK else { throw SQLiteFailure.of(connection, code: code) }
            } catch {
                finish()
                throw error
            }
        }
    }

    private func finish() {
        sqlite3_reset(pointer)
        sqlite3_clear_bindings(pointer)
        isBusy = false
    }

    private func bind(_ value: Value, at index: Int32) throws -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(pointer, index)
        case .integer(let integer): return sqlite3_bind_int64(pointer, index, integer)
        case .real(let real): return sqlite3_bind_double(pointer, index, real)
        case .text(var text):
            return try text.withUTF8 { buffer in
                // SQLite would cut such a text at some places and not at others.
                if buffer.contains(0) { throw StorageError.failed("text with NUL") }
                guard let base = buffer.baseAddress else { return sqlite3_bind_text(pointer, index, "", 0, transient) }
                return base.withMemoryRebound(to: CChar.self, capacity: buffer.count) {
                    sqlite3_bind_text(pointer, index, $0, Int32(clamping: buffer.count), transient)
                }
            }
        case .blob(let bytes):
            return bytes.withUnsafeBytes { buffer in
                guard let base = buffer.baseAddress else { return sqlite3_bind_zeroblob(pointer, index, 0) }
                return sqlite3_bind_blob(pointer, index, base, Int32(clamping: buffer.count), transient)
            }
        }
    }

    private func values(count: Int) -> [Value] {
        [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
            for index in 0..<count { (buffer.baseAddress.unsafelyUnwrapped + index).initialize(to: value(at: Int32(index))) }
            initialized = count
        }
    }

    private func value(at index: Int32) -> Value {
        switch sqlite3_column_type(pointer, index) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(pointer, index))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(pointer, index))
        case SQLITE_TEXT:
            let text = sqlite3_column_text(pointer, index)
            return .text(
                String(decoding: UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(pointer, index))), as: UTF8.self))
        case SQLITE_BLOB:
            let bytes = sqlite3_column_blob(pointer, index)
            return .blob([UInt8](UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(pointer, index)))))
        default: return .null
        }
    }

    private func currentColumns() -> Row.Columns {
        let count = Int(sqlite3_column_count(pointer))
        if let columns, columns.names.count == count { return columns }
        let fresh = Row.Columns(names: (0..<Int32(count)).map { sqlite3_column_name(pointer, $0).map { String(cString: $0) } ?? "" })
        columns = fresh
        return fresh
    }
}

/// SQLite copies what is bound.
private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
