import Ledger
import Storage

/// Hashes of the log's tree, from stored tiles where there are some, from the bodies elsewhere.
struct AuditTree {
    private let reader: any Reader
    private var tiles: [TilePlace: Tile] = [:]

    private struct TilePlace: Hashable {
        let level: Int
        let index: UInt64
    }

    init(reader: any Reader) { self.reader = reader }

    /// The root of the complete subtree `index` with 2^`level` leaves.
    mutating func node(level: Int, index: UInt64) throws -> TreeHash {
        let place = Tile.holding(level: level, index: index)
        if let tile = try tile(level: place.level, index: place.index), let hash = tile.node(height: place.height, index: place.offset) {
            return hash
        }
        guard level > 0 else { return try leaf(index) }
        return .node(try node(level: level - 1, index: index * 2), try node(level: level - 1, index: index * 2 + 1))
    }

    mutating func inclusion(of index: UInt64, in size: UInt64) throws -> InclusionProof? {
        try InclusionProof.build(index: index, size: size) { try node(level: $0, index: $1) }
    }

    mutating func consistency(from old: UInt64, to new: UInt64) throws -> ConsistencyProof? {
        try ConsistencyProof.build(oldSize: old, newSize: new) { try node(level: $0, index: $1) }
    }

    private func leaf(_ index: UInt64) throws -> TreeHash {
        guard let body = try reader.value("SELECT body FROM audit_entry WHERE seq = \(Int64(clamping: index))", as: String.self) else {
            throw AuditFault.entryMissing(index)
        }
        return .leaf(body)
    }

    private mutating func tile(level: Int, index: UInt64) throws -> Tile? {
        let place = TilePlace(level: level, index: index)
        if let tile = tiles[place] { return tile }
        let bytes = try reader.value(
            "SELECT hashes FROM audit_tile WHERE level = \(level) AND place = \(Int64(clamping: index))", as: [UInt8].self)
        let tile = bytes.flatMap { Tile(.init(level: level, index: index), bytes: $0) }
        if let tile { tiles[place] = tile }
        return tile
    }
}
