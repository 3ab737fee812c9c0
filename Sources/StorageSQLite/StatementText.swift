import Storage

/// What a prepared statement is found by: the source's literals by their place in memory, so that nothing is put together for a
/// statement that is known. Bound values don't count.
struct StatementText: Hashable {
    private let parts: [SQL.Part]
    private let hash: Int

    init(_ sql: SQL) { self.init(parts: sql.parts) }

    init(literal: StaticString) { self.init(parts: [.literal(literal)]) }

    private init(parts: [SQL.Part]) {
        self.parts = parts
        var hash: UInt = 0xCBF2_9CE4_8422_2325
        for part in parts {
            switch part {
            case .literal(let literal): hash ^= Self.address(literal)
            case .bind: hash ^= 1
            case .name(let name): hash ^= UInt(bitPattern: name.hashValue)
            case .json(let column, let member, _): hash ^= UInt(bitPattern: column.hashValue) &* 31 &+ UInt(bitPattern: member.hashValue)
            }
            hash &*= 0x0000_0100_0000_01B3
        }
        self.hash = Int(bitPattern: hash)
    }

    private static func address(_ literal: StaticString) -> UInt {
        literal.hasPointerRepresentation ? UInt(bitPattern: literal.utf8Start) : UInt(literal.unicodeScalar.value)
    }

    func hash(into hasher: inout Hasher) { hasher.combine(hash) }

    static func == (left: Self, right: Self) -> Bool {
        guard left.hash == right.hash, left.parts.count == right.parts.count else { return false }
        for (one, other) in zip(left.parts, right.parts) {
            switch (one, other) {
            case (.literal(let one), .literal(let other)):
                guard address(one) == address(other), one.utf8CodeUnitCount == other.utf8CodeUnitCount else { return false }
            case (.bind, .bind): continue
            case (.name(let one), .name(let other)):
                guard one == other else { return false }
            case (.json(let column, let member, _), .json(let otherColumn, let otherMember, _)):
                guard column == otherColumn, member == otherMember else { return false }
            default: return false
            }
        }
        return true
    }

    /// Without the values, which may be anybody's data and must not stay in a cache.
    var withoutValues: StatementText {
        StatementText(
            parts: parts.map {
                if case .bind = $0 { .bind(.null) } else { $0 }
            })
    }

    /// The text for SQLite, each bound value a `?`.
    var rendered: String { SQL(parts: parts).sqliteText }
}
