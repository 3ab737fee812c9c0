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
    private var solo = 0

    init(name: String, text: StatementText) {
        (self.name, self.text) = (name, text)
        keyword = StatementKeyword.of(text.rendered(.postgres))
    }

    /// The engine's own business: transactions, settings.
    var isReserved: Bool { StatementKeyword.reserved.contains(keyword) }
    var canWrite: Bool { !["SELECT", "VALUES", "TABLE", "EXPLAIN", "SHOW"].contains(keyword) }

    // MARK: Whether it needs a transaction around it

    /// Where a read asked for this one alone before, in a transaction that permits no writing, it probably will again: it is its own snapshot then.
    var standsAlone: Bool { solo > 0 }

    func wasAlone() { solo = min(solo + 1, 1) }

    /// One that is sometimes followed by another goes without a transaction only after it has been alone for a while: being wrong costs a round trip.
    func wasFollowed() { solo = -16 }
}
