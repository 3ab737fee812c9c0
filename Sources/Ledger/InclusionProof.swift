/// Shows that a leaf stands at one place of a tree whose root is known (RFC 9162 section 2.1.3).
package struct InclusionProof: Hashable, Sendable {
    /// The leaf's place, from 0.
    package let index: UInt64
    /// Leaves in the tree.
    package let size: UInt64
    /// Sibling hashes from the leaf upwards.
    package let path: [TreeHash]

    package init(index: UInt64, size: UInt64, path: [TreeHash]) {
        self.index = index
        self.size = size
        self.path = path
    }

    /// Builds the proof. Nil where the tree has no such leaf.
    package static func build(index: UInt64, size: UInt64, nodes: TreeNodes) throws -> InclusionProof? {
        guard index < size else { return nil }
        var path: [TreeHash] = []
        var start: UInt64 = 0
        var end = size
        while end - start > 1 {
            let middle = start + TreeShape.split(end - start)
            if index < middle {
                path.append(try TreeShape.root(middle, end, nodes: nodes))
                end = middle
            } else {
                path.append(try TreeShape.root(start, middle, nodes: nodes))
                start = middle
            }
        }
        return InclusionProof(index: index, size: size, path: path.reversed())
    }

    /// RFC 9162 section 2.1.3.2. False for every proof that does not lead from `leaf` to `root`, whatever it holds.
    package func verifies(leaf: TreeHash, root: TreeHash) -> Bool {
        guard index < size else { return false }
        var place = index
        var last = size - 1
        var hash = leaf
        for sibling in path {
            if last == 0 { return false }
            if place & 1 == 1 || place == last {
                hash = .node(sibling, hash)
                while place & 1 == 0, place != 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                hash = .node(hash, sibling)
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }
}
