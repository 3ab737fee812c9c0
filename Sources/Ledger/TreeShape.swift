/// Where hashes come from when a proof is built: the root of the complete subtree number `index` (from the left) with 2^`level` leaves.
///
/// Called only for subtrees that lie wholly inside the tree in question.
package typealias TreeNodes = (_ level: Int, _ index: UInt64) throws -> TreeHash

/// The recursion that all proofs share: a tree over `[start, end)` splits at the largest power of two below its size.
package enum TreeShape {
    /// The largest power of two smaller than `size` (which is at least 2).
    static func split(_ size: UInt64) -> UInt64 { 1 << UInt64(63 - (size - 1).leadingZeroBitCount) }

    /// The root of the leaves in `[start, end)`, as they stand as one subtree of a tree.
    package static func root(_ start: UInt64, _ end: UInt64, nodes: TreeNodes) throws -> TreeHash {
        let size = end - start
        if size == 0 { return .empty }
        if size & (size - 1) == 0, start % size == 0 {
            let level = size.trailingZeroBitCount
            return try nodes(level, start >> UInt64(level))
        }
        let middle = start + split(size)
        return try .node(root(start, middle, nodes: nodes), root(middle, end, nodes: nodes))
    }

    /// The frontier of the first `size` leaves.
    package static func frontier(_ size: UInt64, nodes: TreeNodes) throws -> Frontier {
        var subtrees: [TreeHash] = []
        var start: UInt64 = 0
        for level in stride(from: 63, through: 0, by: -1) where size >> UInt64(level) & 1 == 1 {
            subtrees.append(try nodes(level, start >> UInt64(level)))
            start += 1 << UInt64(level)
        }
        return Frontier(size: size, subtrees: subtrees) ?? Frontier()
    }
}
