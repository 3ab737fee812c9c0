/// Up to 256 neighbouring hashes of one level: the unit in which a tree is stored and served (C2SP tlog-tiles).
///
/// A tile at level L holds roots of subtrees with 256^L leaves each; its own root is one hash of a tile at level L + 1.
package struct Tile: Hashable, Sendable {
    package static let width = 256
    /// Levels of the tree between two levels of tiles.
    package static let height = 8

    /// Where a tile stands. `width` is 256 unless it is the last of its level and not full.
    package struct Place: Hashable, Sendable {
        package let level: Int
        package let index: UInt64
        package let width: Int

        package init(level: Int, index: UInt64, width: Int = Tile.width) {
            self.level = level
            self.index = index
            self.width = width
        }

        /// The path under which tlog-tiles serves it: `tile/0/x001/234`, partial ones `tile/0/x001/234.p/17`.
        package var path: String {
            var groups: [String] = []
            var rest = index
            repeat {
                let digits = String(rest % 1000)
                groups.append((groups.isEmpty ? "" : "x") + String(repeating: "0", count: 3 - digits.count) + digits)
                rest /= 1000
            } while rest > 0
            let partial = width == Tile.width ? "" : ".p/\(width)"
            return "tile/\(level)/" + groups.reversed().joined(separator: "/") + partial
        }
    }

    package let place: Place
    package let hashes: [TreeHash]

    /// Nil where the count of hashes is not the place's width.
    package init?(_ place: Place, hashes: [TreeHash]) {
        guard hashes.count == place.width, (1...Self.width).contains(place.width), (0...7).contains(place.level) else { return nil }
        self.place = place
        self.hashes = hashes
    }

    package init?(_ place: Place, bytes: [UInt8]) {
        guard bytes.count == place.width * TreeHash.byteCount else { return nil }
        self.init(
            place,
            hashes: stride(from: 0, to: bytes.count, by: TreeHash.byteCount).compactMap { TreeHash(bytes[$0..<$0 + TreeHash.byteCount]) })
    }

    package var bytes: [UInt8] { hashes.flatMap(\.bytes) }

    /// The root of 2^`height` hashes of this tile, the group number `index`. Nil where the tile does not hold them all.
    package func node(height: Int, index: Int) -> TreeHash? {
        guard (0...Self.height).contains(height), index >= 0, (index + 1) << height <= hashes.count else { return nil }
        var layer = Array(hashes[index << height..<(index + 1) << height])
        while layer.count > 1 {
            layer = stride(from: 0, to: layer.count, by: 2).map { .node(layer[$0], layer[$0 + 1]) }
        }
        return layer.first
    }

    /// The full tiles that a tree gains by growing from `oldSize` to `newSize`, lowest level first.
    package static func completed(from oldSize: UInt64, to newSize: UInt64) -> [Place] {
        var places: [Place] = []
        for level in 0...7 {
            let leaves = UInt64(Self.height * (level + 1))
            guard leaves < 64, newSize >> leaves > 0 else { break }
            for index in (oldSize >> leaves)..<max(oldSize >> leaves, newSize >> leaves) {
                places.append(Place(level: level, index: index))
            }
        }
        return places
    }

    /// The last tile of each level that is not full in a tree of `size` leaves, lowest level first.
    package static func partial(of size: UInt64) -> [Place] {
        (0...7).compactMap { level in
            let count = size >> UInt64(Self.height * level)
            let width = Int(count % UInt64(Self.width))
            return width > 0 ? Place(level: level, index: count / UInt64(Self.width), width: width) : nil
        }
    }

    /// Every tile of one level in a tree of `size` leaves, left to right.
    package static func all(level: Int, size: UInt64) -> [Place] {
        let full = size >> UInt64(Self.height * level) / UInt64(Self.width)
        return (0..<full).map { Place(level: level, index: $0) } + partial(of: size).filter { $0.level == level }
    }

    /// The tile that holds the root of subtree `index` at `level`, and which node of the tile it is.
    package static func holding(level: Int, index: UInt64) -> (level: Int, index: UInt64, height: Int, offset: Int) {
        // A complete subtree of 256 is kept as one hash of the tile above, save at a level's own bottom.
        let tileLevel = level / height
        let within = level % height
        let bottom = index << UInt64(within)
        return (tileLevel, bottom / UInt64(width), within, Int(bottom % UInt64(width)) >> within)
    }
}
