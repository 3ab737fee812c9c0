/// Shows that a tree begins with all of an older one: nothing was changed, removed or put between (RFC 9162 section 2.1.4).
package struct ConsistencyProof: Hashable, Sendable {
    package let oldSize: UInt64
    package let newSize: UInt64
    package let path: [TreeHash]

    package init(oldSize: UInt64, newSize: UInt64, path: [TreeHash]) {
        self.oldSize = oldSize
        self.newSize = newSize
        self.path = path
    }

    /// Builds the proof. Nil where the old tree is longer than the new one.
    package static func build(oldSize: UInt64, newSize: UInt64, nodes: TreeNodes) throws -> ConsistencyProof? {
        guard oldSize <= newSize else { return nil }
        guard oldSize > 0, oldSize < newSize else { return ConsistencyProof(oldSize: oldSize, newSize: newSize, path: []) }
        var path: [TreeHash] = []
        var start: UInt64 = 0
        var end = newSize
        // Whether the old tree's last complete part is one that the verifier already holds as its old root.
        var known = true
        while oldSize != end {
            let middle = start + TreeShape.split(end - start)
            if oldSize <= middle {
                path.append(try TreeShape.root(middle, end, nodes: nodes))
                end = middle
            } else {
                path.append(try TreeShape.root(start, middle, nodes: nodes))
                start = middle
                known = false
            }
        }
        if !known { path.append(try TreeShape.root(start, end, nodes: nodes)) }
        return ConsistencyProof(oldSize: oldSize, newSize: newSize, path: path.reversed())
    }

    /// RFC 9162 section 2.1.4.2, and the trivial cases: an empty old tree is a beginning of everything, an equal one needs an equal root.
    package func verifies(oldRoot: TreeHash, newRoot: TreeHash) -> Bool {
        if oldSize == newSize { return path.isEmpty && oldRoot == newRoot }
        if oldSize == 0 { return path.isEmpty && oldRoot == .empty }
        guard oldSize < newSize else { return false }

        var hashes = path[...]
        if oldSize & (oldSize - 1) == 0 { hashes = ([oldRoot] + path)[...] }
        guard let first = hashes.popFirst() else { return false }

        var place = oldSize - 1
        var last = newSize - 1
        while place & 1 == 1 {
            place >>= 1
            last >>= 1
        }
        var old = first
        var new = first
        for hash in hashes {
            if last == 0 { return false }
            if place & 1 == 1 || place == last {
                old = .node(hash, old)
                new = .node(hash, new)
                while place & 1 == 0, place != 0 {
                    place >>= 1
                    last >>= 1
                }
            } else {
                new = .node(new, hash)
            }
            place >>= 1
            last >>= 1
        }
        return last == 0 && old == oldRoot && new == newRoot
    }
}
