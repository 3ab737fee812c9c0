import Storage

extension SQL {
    /// The text for SQLite, each bound value a `?`.
    var sqliteText: String {
        var text = ""
        text.reserveCapacity(256)
        for part in parts {
            switch part {
            case .literal(let literal): literal.withUTF8Buffer { text += String(decoding: $0, as: UTF8.self) }
            case .bind: text += "?"
            case .name(let name): text += name.text
            // An expression index is used only where the query repeats it to the letter.
            case .json(let column, let member, _): text += "json_extract(\(column.text), '$.\(member.text)')"
            }
        }
        return text
    }
}
