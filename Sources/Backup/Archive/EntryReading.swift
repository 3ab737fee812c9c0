import ObjectStores

/// A generation's entries from an ordinal on, across its segments, each compared with the chain.
struct EntryReading {
    /// After the last entry that was read.
    private(set) var position: ArchivePosition
    private let store: any ObjectStore
    private let opening: Opening
    private let from: UInt64
    private var rest: ArraySlice<SegmentObject>
    private var reading: SegmentReading?
    private var isFirst = true

    init(_ generation: Catalogue.Generation, in store: any ObjectStore, from ordinal: UInt64) {
        self.store = store
        opening = generation.opening
        from = ordinal
        position = opening.start
        rest = generation.segments(from: ordinal)
    }

    /// The next entry; nil after the last.
    mutating func next() async throws -> Entry? {
        while true {
            if reading == nil {
                guard let segment = rest.popFirst() else { return nil }
                reading = try await open(segment)
            }
            if let entry = try await reading?.next() {
                position = reading?.position ?? position
                if entry.ordinal >= from { return entry }
            } else {
                position = reading?.position ?? position
                reading = nil
            }
        }
    }

    private mutating func open(_ segment: SegmentObject) async throws -> SegmentReading {
        let opened = try await SegmentReading(segment, in: store, opening: opening)
        defer { isFirst = false }
        if isFirst, opened.header.first > from {
            throw ArchiveFault.gap(generation: position.generation, after: from - 1, before: opened.header.first)
        }
        if isFirst, opened.header.first > 1 {
            position = opened.position
        } else if opened.position != position {
            throw opened.header.first > position.ordinal + 1
                ? ArchiveFault.gap(generation: position.generation, after: position.ordinal, before: opened.header.first)
                : ArchiveFault.misplaced(segment.key)
        }
        return opened
    }
}

/// A differential's pages, one after the other.
struct PageReading {
    private let differential: Differential
    private let pageSize: Int
    private var bytes: ObjectBytes
    private var count = 0

    init(_ differential: Differential, in store: any ObjectStore, pageSize: Int) {
        self.differential = differential
        self.pageSize = pageSize
        bytes = ObjectBytes(store.read(differential.data, expecting: differential.digest))
    }

    /// A page with its number before it, and the number; nil after the last. Throws where the digest is another one, after some were given away.
    mutating func next() async throws -> (number: UInt32, bytes: ArraySlice<UInt8>)? {
        do {
            guard let page = try await bytes.take(Differential.numberBytes + pageSize) else {
                guard count == differential.pages else { throw ArchiveFault.torn(differential.data) }
                return nil
            }
            count += 1
            return (page.withUnsafeBytes { $0.integer(at: 0) }, page)
        } catch ObjectFault.missing {
            throw ArchiveFault.missing(differential.data)
        } catch ObjectFault.corrupt {
            throw ArchiveFault.altered(differential.data)
        }
    }
}
