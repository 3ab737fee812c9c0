import CPostgres
import Storage

/// A statement as one connection knows it. Found once for each use; nothing about its text is worked out twice.
final class Statement {
    /// What the server calls it.
    let name: String
    /// Without values.
    let text: StatementText
    let keyword: String
    /// Whether the server knows it, or hears of it by what is already on its way.
    var isPrepared = false
    var columns: Columns?
    var lastUse: UInt64 = 0
    let habit: Habit

    init(name: String, text: StatementText, habit: Habit) {
        (self.name, self.text, self.habit) = (name, text, habit)
        keyword = StatementKeyword.of(text.rendered(.postgres))
    }

    /// The engine's own business: transactions, settings.
    var isReserved: Bool { StatementKeyword.reserved.contains(keyword) }
    var canWrite: Bool { !["SELECT", "VALUES", "TABLE", "EXPLAIN", "SHOW"].contains(keyword) }

    /// What the columns of `result` are, which it is the answer with.
    func columns(of result: OpaquePointer) -> Columns {
        if let columns { return columns }
        let found = Columns(result)
        columns = found
        return found
    }
}
