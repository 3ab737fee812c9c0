import CPostgres
import Storage

/// What the server, or the way to it, said went wrong.
struct ServerError: Error {
    /// SQLSTATE (PostgreSQL's appendix A). Libpq has none for a connection that broke: it is `08006` then.
    let state: String
    let severity: String
    let message: String
    var table = ""
    var constraint = ""
    var detail = ""

    static func lost(_ connection: OpaquePointer?) -> ServerError {
        let text = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
        return ServerError(state: "08006", severity: "FATAL", message: text.isEmpty ? "the connection broke" : text.trimmed)
    }

    init(state: String, severity: String, message: String) {
        (self.state, self.severity, self.message) = (state, severity, message)
    }

    init(_ result: OpaquePointer?) {
        func field(_ letter: Unicode.Scalar) -> String {
            PQresultErrorField(result, Int32(letter.value)).map { String(cString: $0) } ?? ""
        }
        state = field("C")
        severity = field("V")
        message = field("M")
        table = field("t")
        constraint = field("n")
        detail = field("D")
    }

    /// The connection is of no use any more.
    var isFatal: Bool { severity != "ERROR" }

    /// Another's work was in the way, or the statement was planned for a table that has changed: the same closure may well succeed.
    var isRepeatable: Bool {
        state == "40001" || state == "40P01" || state == "26000" || isOutdated
    }

    /// The statement is known for what was there before.
    var isOutdated: Bool { state == "0A000" && message.contains("cached plan") }

    /// Nothing wrong with the request: the server is starting, stopping, full or out of reach.
    var isPassing: Bool {
        // 55000 on connecting: whoever administers the server has closed the database for a while.
        state.hasPrefix("08") || ["53300", "57P01", "57P02", "57P03", "55006"].contains(state) || (state == "55000" && isFatal)
    }

    /// In the contract's words. A message of class 22 or 23 may quote what somebody wrote into a row, so it is left out.
    var storageError: StorageError {
        switch state {
        case "23505": return .notUnique(constraint: uniqueSubject)
        case "53100", "53200": return .full
        case "25006": return .readOnly
        case "3D000": return .missing
        case "55P03": return .overloaded
        // Raised by a trigger of our own.
        case "P0001": return .constraint(message)
        default: break
        }
        if isRepeatable || isPassing { return .overloaded }
        switch state.prefix(2) {
        case "23": return .constraint(constraint.isEmpty ? "\(table) \(state)" : constraint)
        case "22": return .failed("PostgreSQL \(state): a value that doesn't fit")
        default: return .failed("PostgreSQL \(state): \(message)")
        }
    }

    /// `table.column, table.column` as far as the index is one of columns, else its name. The server's detail starts, in whatever
    /// language, with the columns: `Key (one, two)=(…) already exists.`
    private var uniqueSubject: String {
        guard let open = detail.firstIndex(of: "("), let close = detail.range(of: ")=(") else { return constraint }
        guard open < close.lowerBound else { return constraint }
        let columns = detail[detail.index(after: open)..<close.lowerBound].split(separator: ", ")
        guard columns.allSatisfy({ SQLName(String($0)) != nil }) else { return constraint }
        return columns.map { "\(table).\($0)" }.joined(separator: ", ")
    }
}

extension String {
    var trimmed: String {
        var rest = Substring(self)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    fileprivate func range(of word: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(word) { return start..<index(start, offsetBy: word.count) }
            start = index(after: start)
        }
        return nil
    }
}
