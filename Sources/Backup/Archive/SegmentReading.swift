import ObjectStores

/// A segment's entries, one after the other, each compared with the chain before it is given away. Holds a piece and an entry in memory.
struct SegmentReading {
    let header: Segment.Header
    private(set) var position: ArchivePosition
    private let key: ObjectKey
    private var bytes: ObjectBytes

    /// - Parameter opening: of the generation in which the segment was found.
    init(_ segment: SegmentObject, in store: any ObjectStore, opening: Opening) async throws {
        key = segment.key
        bytes = ObjectBytes(store.read(segment.key))
        guard let start = try await Self.take(Segment.headerBytes, &bytes, key) else { throw ArchiveFault.torn(key) }
        header = try Segment.Header(start, key: key)
        guard header.generation == opening.generation, header.pageSize == opening.pageSize, header.first == segment.first,
            segment.last == nil || segment.last == header.last
        else {
            throw ArchiveFault.misplaced(key)
        }
        guard header.size <= segment.size else { throw ArchiveFault.torn(key) }
        position = ArchivePosition(generation: header.generation, ordinal: header.first - 1, hash: header.before)
    }

    /// The next entry; nil after the last.
    mutating func next() async throws -> Entry? {
        guard position.ordinal < header.last else {
            guard bytes.taken == header.size, try await take(1) == nil else { throw ArchiveFault.altered(key) }
            return nil
        }
        guard let start = try await take(Entry.headerBytes) else { throw ArchiveFault.torn(key) }
        guard let count = Entry.frameBytes(start, pageSize: header.pageSize) else { throw ArchiveFault.altered(key) }
        guard let frames = try await take(count) else { throw ArchiveFault.torn(key) }
        guard let entry = Entry(header: start, frames: frames, pageSize: header.pageSize, after: position) else {
            throw ArchiveFault.altered(key)
        }
        position = ArchivePosition(generation: position.generation, ordinal: entry.ordinal, hash: entry.hash)
        return entry
    }

    private mutating func take(_ count: Int) async throws -> ArraySlice<UInt8>? { try await Self.take(count, &bytes, key) }

    private static func take(_ count: Int, _ bytes: inout ObjectBytes, _ key: ObjectKey) async throws -> ArraySlice<UInt8>? {
        do {
            return try await bytes.take(count)
        } catch ObjectFault.missing {
            throw ArchiveFault.missing(key)
        }
    }
}

/// An object's bytes, as many at a time as are wanted, without a copy where they came in one piece.
struct ObjectBytes {
    private var pieces: ObjectReading.Iterator
    private var piece: [UInt8] = []
    private var start = 0
    private(set) var taken: UInt64 = 0

    init(_ reading: ObjectReading) { pieces = reading.makeAsyncIterator() }

    /// Nil where fewer are left.
    mutating func take(_ count: Int) async throws -> ArraySlice<UInt8>? {
        if piece.count - start < count {
            var joined = Array(piece[start...])
            while joined.count < count {
                guard let next = try await pieces.next() else { return nil }
                if joined.isEmpty { joined = next } else { joined += next }
            }
            (piece, start) = (joined, 0)
        }
        defer {
            start += count
            taken += UInt64(count)
        }
        return piece[start..<start + count]
    }
}
