import CPostgres
import Storage

extension Session {
    /// Puts rows in by COPY, which spares the server a statement for every few of them. The pipeline is left for as long as that takes.
    func copy(_ rows: [[Value]], into table: SQLName, _ columns: [SQLName]) throws {
        let text = try CopyText.of(rows)
        spill()
        try settle()
        if !queued.isEmpty, let error = try answers(try send(nil)) { throw error }
        guard PQexitPipelineMode(connection) == 1 else { throw lost() }
        let command = "COPY \(table.text) (\(columns.map(\.text).joined(separator: ", "))) FROM STDIN"
        guard PQsendQuery(connection, command) == 1 else { throw lost() }
        var failure = try finishCopy(expecting: PGRES_COPY_IN)
        if failure == nil {
            for start in stride(from: 0, to: text.count, by: 1 << 16) {
                let isSent = text[start..<min(start + 1 << 16, text.count)].withUnsafeBytes { bytes in
                    PQputCopyData(connection, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count))
                }
                guard isSent == 1 else { throw lost() }
            }
            guard PQputCopyEnd(connection, nil) == 1 else { throw lost() }
            failure = try finishCopy(expecting: PGRES_COMMAND_OK)
        }
        guard PQenterPipelineMode(connection) == 1 else { throw lost() }
        if let failure { throw failure }
    }

    /// Reads what the server says to the next part of a COPY.
    private func finishCopy(expecting status: ExecStatusType) throws -> ServerError? {
        guard let result = PQgetResult(connection) else { throw lost() }
        defer { PQclear(result) }
        let failure = PQresultStatus(result) == status ? nil : ServerError(result)
        if let failure, failure.isFatal || failure.state.isEmpty {
            isLost = true
            throw failure.state.isEmpty ? lost() : failure
        }
        if status == PGRES_COPY_IN, failure == nil { return nil }
        while let extra = PQgetResult(connection) { PQclear(extra) }
        return failure
    }
}
