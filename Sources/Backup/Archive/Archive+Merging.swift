import ObjectStores

/// Segments become few: a busy database makes twenty a second, and each costs its place in a listing and a request when it is restored.
///
/// Entries and their chain stay as they are; only the objects around them change. What was merged is deleted a round later, so that whoever is
/// reading it has the time to finish, and only after all of the merged object was read again.
extension Archive {
    package struct MergePolicy: Sendable {
        /// Plain segments at the end of a generation that are left alone.
        package var reserve = 4
        /// So many plain segments in a row are worth merging, and
        package var plainAtLeast = 8
        /// so many merged ones.
        package var mergedAtLeast = 24
        /// What is larger is not merged again, in bytes.
        package var smallBytes: UInt64 = 64 << 20
        /// No merged segment gets larger than this by another one, in bytes.
        package var mostBytes: UInt64 = 256 << 20

        package init() {}
    }

    package struct Merged: Sendable, Hashable {
        /// Segments.
        package var from = 0
        /// What they became.
        package var to = 0
        /// Entries of the newest generation that are missing and needed: the store lost what it said it had.
        package var missing: ClosedRange<UInt64>?
    }

    /// Merges what there is to merge now.
    @discardableResult
    package func merge(_ policy: MergePolicy = MergePolicy()) async throws -> Merged {
        var merged = Merged()
        let catalogue = try await catalogue()
        let newest = catalogue.newest?.opening.generation
        for generation in catalogue.generations {
            for run in Self.runs(generation.segments.dropLast(policy.reserve), policy) {
                let pieces = try await unbroken(run, of: generation.opening)
                for (before, after) in zip(pieces, pieces.dropFirst()) {
                    guard let end = before.last?.header.last, let start = after.first?.header.first, start > end + 1 else { continue }
                    if !generation.canDoWithout(end + 1...start - 1) { merged.missing = end + 1...start - 1 }
                }
                for piece in pieces where piece.count > 1 {
                    try await merge(piece, of: generation.opening)
                    (merged.from, merged.to) = (merged.from + piece.count, merged.to + 1)
                }
            }
            // A generation that ended can't be mended any more.
            if generation.opening.generation != newest { merged.missing = nil }
        }
        return merged
    }

    /// Neighbours of one kind, as many as go into one object.
    static func runs(_ segments: ArraySlice<SegmentObject>, _ policy: MergePolicy) -> [[SegmentObject]] {
        var runs: [[SegmentObject]] = []
        var run: [SegmentObject] = []
        var size: UInt64 = 0
        func close() {
            let least = run.first?.last == nil ? policy.plainAtLeast : policy.mergedAtLeast
            if run.count >= max(2, least) { runs.append(run) }
            (run, size) = ([], 0)
        }
        for segment in segments {
            if let first = run.first, (first.last == nil) != (segment.last == nil) || size + segment.size > policy.mostBytes { close() }
            guard segment.size < policy.smallBytes else {
                close()
                continue
            }
            run.append(segment)
            size += segment.size
        }
        close()
        return runs
    }

    /// A run, taken apart where entries are missing: what was pruned between two weekly bases is gone for good.
    private func unbroken(
        _ run: [SegmentObject], of opening: Opening
    ) async throws -> [[(segment: SegmentObject, header: Segment.Header)]] {
        var pieces: [[(segment: SegmentObject, header: Segment.Header)]] = []
        for segment in run {
            let header = try await SegmentReading(segment, in: store, opening: opening).header
            if let last = pieces.last?.last?.header.last, header.first == last + 1 {
                pieces[pieces.count - 1].append((segment, header))
            } else {
                pieces.append([(segment, header)])
            }
        }
        return pieces
    }

    private func merge(_ run: [(segment: SegmentObject, header: Segment.Header)], of opening: Opening) async throws {
        guard let first = run.first?.header, let newest = run.last?.header else { return }
        let entries = run.reduce(0) { $0 + $1.header.count }
        let size = run.reduce(UInt64(Segment.headerBytes)) { $0 + $1.header.size - UInt64(Segment.headerBytes) }
        let before = ArchivePosition(generation: opening.generation, ordinal: first.first - 1, hash: first.before)
        let header = Segment.header(pageSize: first.pageSize, entries: entries, size: size, logStart: newest.logStart, after: before)
        let content = MergedEntries(store: store, opening: opening, segments: run.map(\.segment), header: header, before: before)
        do {
            try await store.put(content, at: try keys.merged(opening.generation, first: first.first, last: newest.last), ifAbsent: true)
        } catch ObjectFault.exists {
            // Left whole by a round that was broken off.
        }
    }

    /// Whether a merged segment is what it should be, read from its beginning to its end.
    func isWhole(_ segment: SegmentObject, of opening: Opening) async throws -> Bool {
        do {
            var reading = try await SegmentReading(segment, in: store, opening: opening)
            while try await reading.next() != nil {}
            return true
        } catch is ArchiveFault {
            return false
        }
    }
}

/// A new header, and the entries of several segments one after the other, each compared with the chain.
private struct MergedEntries: AsyncSequence, Sendable {
    let store: any ObjectStore
    let opening: Opening
    let segments: [SegmentObject]
    let header: [UInt8]
    let before: ArchivePosition

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: self, piece: header, position: before) }

    struct AsyncIterator: AsyncIteratorProtocol {
        /// In bytes: what is given away at a time.
        private static let pieceBytes = 1 << 20

        let source: MergedEntries
        var piece: [UInt8]
        var position: ArchivePosition
        var next = 0
        var reading: SegmentReading?

        mutating func next() async throws -> [UInt8]? {
            while piece.count < Self.pieceBytes {
                if reading == nil {
                    guard next < source.segments.count else { break }
                    let opened = try await SegmentReading(source.segments[next], in: source.store, opening: source.opening)
                    guard opened.position == position else { throw ArchiveFault.misplaced(source.segments[next].key) }
                    reading = opened
                    next += 1
                }
                guard let entry = try await reading?.next() else {
                    position = reading?.position ?? position
                    reading = nil
                    continue
                }
                piece += entry.header
                piece += entry.frames
            }
            defer { piece = [] }
            return piece.isEmpty ? nil : piece
        }
    }
}
