import Ledger
import Storage

/// What the next checkpoint would say, with the checks that allow it to be signed.
struct AuditDraft: Sendable {
    /// The newest checkpoint so far, verified.
    let last: AuditCheckpoints.Signed?
    private(set) var frontier: Frontier
    /// Full tiles that are new since then.
    private(set) var tiles: [Tile] = []

    init(reader: any Reader, key: NoteKey) throws {
        (last, frontier) = try Self.verifiedLast(reader, key: key)
        let recorded = try AuditLog.frontier(in: reader)
        guard recorded.size >= frontier.size else { throw AuditFault.rolledBack(signed: frontier.size, found: recorded.size) }
        guard recorded.size > frontier.size else { return }

        // Leaves of the tile that the last checkpoint left half full come first, to complete it.
        let signed = frontier.size
        let start = signed - signed % UInt64(Tile.width)
        var next = start
        var leaves: [TreeHash] = []
        var growing = frontier
        var full: [Tile] = []
        try reader.each("SELECT seq, body FROM audit_entry WHERE seq >= \(Int64(start)) AND seq < \(Int64(recorded.size)) ORDER BY seq") {
            row in
            guard UInt64(exactly: try row.get(0, as: Int64.self)) == next else { throw AuditFault.entryMissing(next) }
            let leaf = TreeHash.leaf(try row.get(1, as: String.self))
            leaves.append(leaf)
            if next >= signed { growing.append(leaf) }
            next += 1
            if leaves.count == Tile.width {
                if let tile = Tile(.init(level: 0, index: next / UInt64(Tile.width) - 1), hashes: leaves) { full.append(tile) }
                leaves.removeAll(keepingCapacity: true)
            }
        }
        guard next == recorded.size else { throw AuditFault.entryMissing(next) }
        guard growing == recorded else { throw AuditFault.treeDiffers }
        frontier = growing
        tiles = try Self.withParents(full, from: signed, to: growing.size, reader: reader)
    }

    private static func verifiedLast(_ reader: any Reader, key: NoteKey) throws -> (AuditCheckpoints.Signed?, Frontier) {
        guard let row = try reader.row("SELECT size, at, hashes, note FROM audit_checkpoint ORDER BY size DESC LIMIT 1") else {
            return (nil, Frontier())
        }
        let size = UInt64(clamping: try row.get("size", as: Int64.self))
        guard let signed = try AuditCheckpoints.signed(row) else { throw AuditFault.checkpointMalformed(size) }
        guard (try? Checkpoint(verifying: signed.note, keys: [key])) == signed.checkpoint else { throw AuditFault.forged(size: size) }
        guard signed.checkpoint.origin == key.name else { throw AuditFault.foreign(origin: signed.checkpoint.origin) }
        guard signed.checkpoint.size == size, let frontier = Frontier(size: size, bytes: try row.get("hashes")),
            frontier.root == signed.checkpoint.root
        else { throw AuditFault.checkpointMisplaced(size) }
        return (signed, frontier)
    }

    /// Adds the tiles of the levels above that became full: 256 roots of the tiles below each.
    private static func withParents(_ bottom: [Tile], from old: UInt64, to new: UInt64, reader: any Reader) throws -> [Tile] {
        var all = bottom
        var roots: [Int: [UInt64: TreeHash]] = [:]
        for tile in bottom { roots[0, default: [:]][tile.place.index] = tile.node(height: Tile.height, index: 0) }
        for place in Tile.completed(from: old, to: new) where place.level > 0 {
            let first = place.index * UInt64(Tile.width)
            let hashes = try (0..<UInt64(Tile.width)).map { offset in
                if let known = roots[place.level - 1]?[first + offset] { return known }
                var tree = AuditTree(reader: reader)
                return try tree.node(level: place.level * Tile.height, index: first + offset)
            }
            guard let tile = Tile(place, hashes: hashes) else { continue }
            roots[place.level, default: [:]][place.index] = tile.node(height: Tile.height, index: 0)
            all.append(tile)
        }
        return all
    }
}
