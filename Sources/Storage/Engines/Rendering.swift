extension SQL {
    /// The text for an engine, each bound value a `?` or `$1`, `$2`, ….
    package func text(_ dialect: Dialect) -> String {
        var text = ""
        text.reserveCapacity(256)
        var binds = 0
        for part in parts {
            switch part {
            case .literal(let literal): literal.withUTF8Buffer { text += String(decoding: $0, as: UTF8.self) }
            case .bind:
                binds += 1
                text += dialect == .sqlite ? "?" : "$\(binds)"
            case .name(let name): text += name.text
            case .json(let column, let member, let type): text += dialect.member(member.text, of: column.text, as: type)
            }
        }
        return text
    }
}

extension Dialect {
    // An expression index is used only where the query repeats it to the letter.
    fileprivate func member(_ member: String, of column: String, as type: SQL.JSONMember) -> String {
        if self == .sqlite { return "json_extract(\(column), '$.\(member)')" }
        let body = "CAST(\(column) AS jsonb)"
        switch type {
        case .text: return "(\(body) ->> '\(member)')"
        // The planner may look at another collection's records first, where the same member is no number.
        case .number: return "(CASE jsonb_typeof(\(body) -> '\(member)') WHEN 'number' THEN CAST(\(body) -> '\(member)' AS numeric) END)"
        case .boolean: return "(CASE \(body) ->> '\(member)' WHEN 'true' THEN 1 WHEN 'false' THEN 0 END)"
        }
    }
}

/// The first word of a statement, in capitals: what stands behind comments and space.
package enum StatementKeyword {
    package static func of(_ text: String) -> String {
        var rest = Substring(text)
        while let first = rest.unicodeScalars.first {
            if rest.hasPrefix("--") {
                rest = rest.drop { $0 != "\n" && $0 != "\r\n" }
            } else if rest.hasPrefix("/*") {
                rest = rest.dropFirst(2)
                while !rest.isEmpty, !rest.hasPrefix("*/") { rest = rest.dropFirst() }
                rest = rest.dropFirst(2)
            } else if first.properties.isWhitespace || first == "(" || first == ";" {
                rest = rest.dropFirst()
            } else {
                break
            }
        }
        return rest.prefix(while: \.isLetter).uppercased()
    }

    /// Statements that belong to the engines: transactions, settings, other files.
    package static let reserved: Set<String> = [
        "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "ATTACH", "DETACH", "VACUUM", "PRAGMA",
        "PREPARE", "EXECUTE", "DEALLOCATE", "SET", "RESET", "DISCARD", "COPY", "LISTEN", "UNLISTEN", "CALL", "DO",
    ]

    package static func refuseReserved(_ text: String) throws {
        let keyword = of(text)
        if reserved.contains(keyword) { throw StorageError.failed("\(keyword) is the engine's own business") }
    }
}
