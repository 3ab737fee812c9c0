/// A whole tree in memory: what a verifier builds, and what proofs of short logs come from.
package struct Tree: Sendable {
    /// `levels[l][i]` is the root of the complete subtree `i` with 2^l leaves.
    private var levels: [[TreeHash]] = [[]]

    package init() {}
    package init(_ leaves: some Sequence<TreeHash>) { for leaf in leaves { append(leaf) } }

    package var size: UInt64 { UInt64(levels[0].count) }

    package mutating func append(_ leaf: TreeHash) {
        var hash = leaf
        var level = 0
        levels[0].append(hash)
        while levels[level].count % 2 == 0 {
            hash = .node(levels[level][levels[level].count - 2], hash)
            level += 1
            if level == levels.count { levels.append([]) }
            levels[level].append(hash)
        }
    }

    /// The root when the tree had `size` leaves. Nil where it never had so many.
    package func root(at size: UInt64) -> TreeHash? {
        guard size <= self.size else { return nil }
        return try? TreeShape.root(0, size, nodes: node)
    }

    package var root: TreeHash { root(at: size) ?? .empty }

    package func inclusion(of index: UInt64, in size: UInt64) -> InclusionProof? {
        guard size <= self.size else { return nil }
        return (try? InclusionProof.build(index: index, size: size, nodes: node)).flatMap(\.self)
    }

    package func consistency(from oldSize: UInt64, to newSize: UInt64) -> ConsistencyProof? {
        guard newSize <= size else { return nil }
        return (try? ConsistencyProof.build(oldSize: oldSize, newSize: newSize, nodes: node)).flatMap(\.self)
    }

    private func node(level: Int, index: UInt64) throws -> TreeHash {
        guard level < levels.count, index < levels[level].count else { throw OutsideTree() }
        return levels[level][Int(index)]
    }

    private struct OutsideTree: Error {}
}
