/// The right edge of a tree: enough to append and to tell the root, 32 bytes for each bit set in the size.
///
/// Holds the roots of the largest complete subtrees, left to right: for 13 leaves those of 8, 4 and 1.
package struct Frontier: Hashable, Sendable {
    package private(set) var size: UInt64 = 0
    package private(set) var subtrees: [TreeHash] = []

    package init() {}

    /// What ``bytes`` wrote. Nil if the count of hashes does not belong to the size.
    package init?(size: UInt64, bytes: [UInt8]) {
        guard bytes.count == size.nonzeroBitCount * TreeHash.byteCount else { return nil }
        self.size = size
        subtrees = stride(from: 0, to: bytes.count, by: TreeHash.byteCount).compactMap { TreeHash(bytes[$0..<$0 + TreeHash.byteCount]) }
    }

    /// A frontier that was computed elsewhere, largest subtree first. Nil if the count does not belong to the size.
    package init?(size: UInt64, subtrees: [TreeHash]) {
        guard subtrees.count == size.nonzeroBitCount else { return nil }
        self.size = size
        self.subtrees = subtrees
    }

    package var bytes: [UInt8] { subtrees.flatMap(\.bytes) }

    /// Adds a leaf's hash at the end. One node hash on average, log₂ of the size at most.
    package mutating func append(_ leaf: TreeHash) {
        var hash = leaf
        var merging = size
        while merging & 1 == 1 {
            hash = .node(subtrees.removeLast(), hash)
            merging >>= 1
        }
        subtrees.append(hash)
        size += 1
    }

    /// The root of the tree (RFC 9162 section 2.1.1).
    package var root: TreeHash {
        guard var hash = subtrees.last else { return .empty }
        for subtree in subtrees.dropLast().reversed() { hash = .node(subtree, hash) }
        return hash
    }
}
