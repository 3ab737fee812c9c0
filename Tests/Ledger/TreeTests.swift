import Ledger
import Testing

/// The leaves and roots of the reference tests of RFC 6962's implementations.
enum Reference {
    static let leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"].map(bytes)
    static let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    static func bytes(_ hex: String) -> [UInt8] {
        stride(from: 0, to: hex.count, by: 2).compactMap { UInt8(hex.dropFirst($0).prefix(2), radix: 16) }
    }

    /// The definition of RFC 9162 section 2.1.1, word by word and slowly.
    static func root(_ leaves: ArraySlice<TreeHash>) -> TreeHash {
        guard leaves.count > 1 else { return leaves.first ?? .empty }
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        return .node(root(leaves.prefix(split)), root(leaves.dropFirst(split)))
    }

    static func tree(_ count: Int) -> [TreeHash] { (0..<count).map { .leaf("entry \($0)") } }
}

@Suite struct TreeTests {
    @Test func `no leaf hashes as RFC 9162 says`() {
        #expect(TreeHash.empty.description == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(Frontier().root == .empty)
        #expect(Tree().root == .empty)
    }

    @Test func `the reference leaves give the reference roots, in a frontier and in a tree`() {
        var frontier = Frontier()
        var tree = Tree()
        for (leaf, root) in zip(Reference.leaves, Reference.roots) {
            frontier.append(.leaf(leaf))
            tree.append(.leaf(leaf))
            #expect(frontier.root.description == root)
            #expect(tree.root.description == root)
        }
    }

    @Test func `a frontier has the root of the definition at every size, and survives being stored`() throws {
        let leaves = Reference.tree(300)
        var frontier = Frontier()
        for (index, leaf) in leaves.enumerated() {
            frontier.append(leaf)
            #expect(frontier.root == Reference.root(leaves.prefix(index + 1)))
            frontier = try #require(Frontier(size: frontier.size, bytes: frontier.bytes))
        }
        #expect(Frontier(size: 300, bytes: Array(frontier.bytes.dropLast())) == nil)
        #expect(Frontier(size: 301, bytes: frontier.bytes) == nil)
    }

    @Test func `inclusion is provable for every leaf of every size, and for nothing else`() throws {
        let leaves = Reference.tree(40)
        let tree = Tree(leaves)
        for size in 1...40 {
            let root = try #require(tree.root(at: UInt64(size)))
            for index in 0..<size {
                let proof = try #require(tree.inclusion(of: UInt64(index), in: UInt64(size)))
                #expect(proof.verifies(leaf: leaves[index], root: root))
                #expect(!proof.verifies(leaf: leaves[(index + 1) % 40], root: root))
                #expect(!proof.verifies(leaf: leaves[index], root: .empty))
                #expect(
                    !InclusionProof(index: proof.index, size: proof.size, path: proof.path + [.empty]).verifies(
                        leaf: leaves[index], root: root))
                if !proof.path.isEmpty {
                    #expect(
                        !InclusionProof(index: proof.index, size: proof.size, path: Array(proof.path.dropLast())).verifies(
                            leaf: leaves[index], root: root))
                    let moved = InclusionProof(index: UInt64((index + 1) % size), size: proof.size, path: proof.path)
                    #expect(!moved.verifies(leaf: leaves[index], root: root))
                }
            }
            #expect(tree.inclusion(of: UInt64(size), in: UInt64(size)) == nil)
        }
        #expect(tree.inclusion(of: 0, in: 41) == nil)
        #expect(!InclusionProof(index: .max, size: .max, path: []).verifies(leaf: leaves[0], root: leaves[0]))
    }

    @Test func `consistency is provable between any two sizes, and a changed past is not`() throws {
        let leaves = Reference.tree(40)
        let tree = Tree(leaves)
        var altered = leaves
        altered[3] = .leaf("another")
        let other = Tree(altered)
        for old in 0...40 {
            let oldRoot = try #require(tree.root(at: UInt64(old)))
            for new in old...40 {
                let proof = try #require(tree.consistency(from: UInt64(old), to: UInt64(new)))
                let newRoot = try #require(tree.root(at: UInt64(new)))
                #expect(proof.verifies(oldRoot: oldRoot, newRoot: newRoot))
                #expect(
                    !ConsistencyProof(oldSize: proof.oldSize, newSize: proof.newSize, path: proof.path + [.empty]).verifies(
                        oldRoot: oldRoot, newRoot: newRoot))
                if old > 3, let alteredRoot = other.root(at: UInt64(new)),
                    let forged = other.consistency(from: UInt64(old), to: UInt64(new))
                {
                    #expect(!forged.verifies(oldRoot: oldRoot, newRoot: alteredRoot))
                }
                if old > 0, old < new { #expect(!proof.verifies(oldRoot: newRoot, newRoot: oldRoot)) }
            }
        }
        #expect(tree.consistency(from: 5, to: 4) == nil)
        #expect(!ConsistencyProof(oldSize: 5, newSize: 4, path: []).verifies(oldRoot: .empty, newRoot: .empty))
        #expect(!ConsistencyProof(oldSize: 4, newSize: 5, path: []).verifies(oldRoot: .empty, newRoot: .empty))
    }

    @Test func `tiles hold every node of the tree above them`() throws {
        let leaves = Reference.tree(700)
        let tree = Tree(leaves)
        #expect(Tile.completed(from: 0, to: 700).map(\.index) == [0, 1])
        #expect(Tile.completed(from: 256, to: 700).map(\.index) == [1])
        #expect(Tile.completed(from: 65_535, to: 65_536).map(\.level) == [0, 1])
        #expect(Tile.completed(from: 700, to: 700).isEmpty)

        let tiles = Dictionary(
            uniqueKeysWithValues: (0..<3).compactMap { index in
                let part = Array(leaves[index * 256..<min(700, (index + 1) * 256)])
                return Tile(.init(level: 0, index: UInt64(index), width: part.count), hashes: part).map { (UInt64(index), $0) }
            })
        let upper = Tile(.init(level: 1, index: 0, width: 2), hashes: [0, 1].compactMap { tiles[$0]?.node(height: 8, index: 0) })
        let root = try TreeShape.root(0, 700) { level, index in
            let place = Tile.holding(level: level, index: index)
            let tile = place.level == 1 ? upper : tiles[place.index]
            return try #require(tile?.node(height: place.height, index: place.offset))
        }
        #expect(root == tree.root)
        let tile = try #require(tiles[2])
        #expect(Tile(tile.place, bytes: tile.bytes) == tile)
        #expect(Tile(tile.place, bytes: tile.bytes.dropLast()) == nil)
        #expect(tile.node(height: 8, index: 0) == nil)
    }

    @Test func `tiles are served under the paths of the format`() {
        #expect(Tile.Place(level: 0, index: 1_234_067).path == "tile/0/x001/x234/067")
        #expect(Tile.Place(level: 3, index: 0).path == "tile/3/000")
        #expect(Tile.Place(level: 1, index: 999, width: 8).path == "tile/1/999.p/8")
    }
}
