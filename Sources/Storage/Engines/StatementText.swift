/// What a prepared statement is found by: the source's literals by their place in memory, so that nothing is put together for a
/// statement that is known. Bound values don't count; their types do for an engine that prepares a statement for them.
package struct StatementText: Hashable, Sendable {
    private let parts: [SQL.Part]
    private let isTyped: Bool
    private let hash: Int

    package init(_ sql: SQL, isTyped: Bool = false) { self.init(parts: sql.parts, isTyped: isTyped) }

    package init(literal: StaticString) { self.init(parts: [.literal(literal)], isTyped: false) }

    private init(parts: [SQL.Part], isTyped: Bool) {
        self.parts = parts
        self.isTyped = isTyped
        var hash: UInt = 0xCBF2_9CE4_8422_2325
        for part in parts {
            switch part {
            case .literal(let literal): hash ^= Self.address(literal)
            case .bind(let value): hash ^= isTyped ? value.typeNumber : 1
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

    package func hash(into hasher: inout Hasher) { hasher.combine(hash) }

    package static func == (left: Self, right: Self) -> Bool {
        guard left.hash == right.hash, left.parts.count == right.parts.count, left.isTyped == right.isTyped else { return false }
        for (one, other) in zip(left.parts, right.parts) {
            switch (one, other) {
            case (.literal(let one), .literal(let other)):
                guard address(one) == address(other), one.utf8CodeUnitCount == other.utf8CodeUnitCount else { return false }
            case (.bind(let one), .bind(let other)):
                guard !left.isTyped || one.typeNumber == other.typeNumber else { return false }
            case (.name(let one), .name(let other)):
                guard one == other else { return false }
            case (.json(let column, let member, let type), .json(let otherColumn, let otherMember, let otherType)):
                guard column == otherColumn, member == otherMember, type == otherType else { return false }
            default: return false
            }
        }
        return true
    }

    /// Without the values, which may be anybody's data and must not stay in a cache.
    package var withoutValues: StatementText {
        StatementText(
            parts: parts.map {
                if case .bind(let value) = $0 { .bind(isTyped ? value.emptied : .null) } else { $0 }
            }, isTyped: isTyped)
    }

    package func rendered(_ dialect: Dialect) -> String { SQL(parts: parts).text(dialect) }
}

extension Value {
    fileprivate var typeNumber: UInt {
        switch self {
        case .null: 1
        case .integer: 2
        case .real: 3
        case .text: 4
        case .blob: 5
        }
    }

    fileprivate var emptied: Value {
        switch self {
        case .null: .null
        case .integer: .integer(0)
        case .real: .real(0)
        case .text: .text("")
        case .blob: .blob([])
        }
    }
}
