import Ledger
import Storage
import Vocabulary

/// A verification under way: takes leaves in order and compares the root at each size that somebody signed.
struct AuditCheck {
    private let key: NoteKey?
    private var expected: [UInt64: [Expectation]] = [:]
    private var covered: UInt64 = 0
    private var held = 0
    private var largest: UInt64 = 0
    private var keepsTiles = false
    private var leaves: [TreeHash] = []
    private(set) var frontier = Frontier()
    private(set) var tiles: [Tile.Place: Tile] = [:]
    var faults: [AuditFault] = []

    private struct Expectation {
        let checkpoint: Checkpoint
        /// The frontier that the database keeps beside it.
        let hashes: [UInt8]?
    }

    init(key: NoteKey?) { self.key = key }

    /// A row of the database's checkpoints.
    mutating func expect(_ row: Row) {
        let size = (try? row.get("size", as: Int64.self)).map { UInt64(clamping: $0) } ?? 0
        guard let note = try? row.get("note", as: String.self) else { return faults.append(.checkpointMalformed(size)) }
        expect(note: note, size: size, hashes: (try? row.get("hashes")) ?? [])
    }

    mutating func expect(kept note: String) { expect(note: note) }

    /// Takes a signed checkpoint; `size` is where it is filed, if it is filed by size. Nil if it is not one to believe.
    @discardableResult
    mutating func expect(note text: String, size: UInt64? = nil, hashes: [UInt8]? = nil) -> UInt64? {
        guard let key, let note = try? SignedNote(parsing: text), let checkpoint = try? Checkpoint(text: note.text) else {
            return refuse(.checkpointMalformed(size ?? 0))
        }
        guard checkpoint.origin == key.name else { return refuse(.foreign(origin: checkpoint.origin)) }
        // More than our own line would be somebody's addition; a stored note has exactly one.
        guard note.signatures.count == 1, (try? note.verified(by: [key])) != nil, note.description == text else {
            return refuse(.forged(size: checkpoint.size))
        }
        if let size, size != checkpoint.size { return refuse(.checkpointMisplaced(size)) }
        expected[checkpoint.size, default: []].append(Expectation(checkpoint: checkpoint, hashes: hashes))
        largest = max(largest, checkpoint.size)
        return checkpoint.size
    }

    private mutating func refuse(_ fault: AuditFault) -> UInt64? {
        faults.append(fault)
        return nil
    }

    /// Call once before the first leaf: an empty log has a root too.
    mutating func takeRoot(tiles: Bool) {
        keepsTiles = tiles
        compare()
    }

    mutating func take(leaf: TreeHash) {
        frontier.append(leaf)
        if keepsTiles { keep(leaf) }
        if !expected.isEmpty { compare() }
    }

    /// Takes rows that must be exactly the entries from `start` up to `end`. False where one is missing: nothing after it can be placed.
    mutating func take(_ rows: [Row], from start: UInt64, to end: UInt64) throws -> Bool {
        var next = start
        for row in rows {
            guard try row.get(0, as: Int64.self) == Int64(next) else { break }
            let body: String = try row.get(4)
            let opening = AuditBody.opening(actor: try row.get(3), at: try row.get(1), event: try row.get(2))
            if !body.utf8.starts(with: opening.utf8) { faults.append(.entryMislabelled(next)) }
            take(leaf: .leaf(body))
            next += 1
        }
        if next < end { faults.append(.entryMissing(next)) }
        return next == end
    }

    func report(tailAllowed: Bool) -> AuditVerifier.Report {
        var faults = faults
        if largest > frontier.size, !faults.contains(where: { if case .entryMissing = $0 { true } else { false } }) {
            faults.append(.rolledBack(signed: largest, found: frontier.size))
        }
        let unsigned = frontier.size - min(covered, frontier.size)
        if !tailAllowed, unsigned > 0 { faults.append(.unsigned(entries: unsigned)) }
        return AuditVerifier.Report(
            origin: key?.name ?? "", entries: frontier.size, root: frontier.root, checkpoints: held, unsigned: unsigned, key: key,
            faults: faults)
    }

    private mutating func compare() {
        guard let expectations = expected.removeValue(forKey: frontier.size) else { return }
        let root = frontier.root
        for expectation in expectations {
            if let hashes = expectation.hashes, hashes != frontier.bytes { faults.append(.checkpointMisplaced(frontier.size)) }
            if expectation.checkpoint.root == root {
                held += 1
                covered = frontier.size
            } else {
                faults.append(.rootDiffers(size: frontier.size))
            }
        }
    }

    private mutating func keep(_ leaf: TreeHash) {
        leaves.append(leaf)
        guard leaves.count == Tile.width else { return }
        if let tile = Tile(.init(level: 0, index: frontier.size / UInt64(Tile.width) - 1), hashes: leaves) { tiles[tile.place] = tile }
        leaves.removeAll(keepingCapacity: true)
        for place in Tile.completed(from: frontier.size - 1, to: frontier.size) where place.level > 0 {
            let first = place.index * UInt64(Tile.width)
            let hashes = (0..<UInt64(Tile.width)).compactMap { offset in
                tiles[.init(level: place.level - 1, index: first + offset)]?.node(height: Tile.height, index: 0)
            }
            if let tile = Tile(place, hashes: hashes) { tiles[place] = tile }
        }
    }
}
