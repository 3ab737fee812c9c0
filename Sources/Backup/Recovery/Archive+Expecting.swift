import ObjectStores
import Vocabulary

extension Archive {
    /// Where it ends now; nil where there is nothing.
    package func newestPosition() async throws -> (position: ArchivePosition, time: Instant)? {
        try await tail().map { ($0.position, $0.time) }
    }

    /// Sees whether the archive still has what it had when `known` was its end. Looks at one segment.
    /// - Throws: ``ArchiveFault`` `.stale`, `.rewritten`
    package func expect(_ known: ArchivePosition) async throws {
        let catalogue = try await catalogue()
        guard let newest = catalogue.newest, newest.opening.generation >= known.generation else {
            throw ArchiveFault.stale(expected: known, newest: 0)
        }
        guard let generation = catalogue.generations.first(where: { $0.opening.generation == known.generation }) else { return }
        guard known.ordinal > 0 else {
            guard generation.opening.start == known else { throw ArchiveFault.rewritten(known) }
            return
        }
        guard let segment = generation.segments(from: known.ordinal).first else {
            // Everything of a generation but its bases may have been deleted by age, never of the newest.
            if newest.opening.generation == known.generation { throw ArchiveFault.stale(expected: known, newest: 0) }
            return
        }
        guard segment.first <= known.ordinal else { return }
        var reading = try await SegmentReading(segment, in: store, opening: generation.opening)
        while let entry = try await reading.next() {
            guard entry.ordinal == known.ordinal else { continue }
            guard entry.hash == known.hash else { throw ArchiveFault.rewritten(known) }
            return
        }
        // Behind the last entry of that segment: pruned where others follow, and else never there.
        if generation.segments.last == segment { throw ArchiveFault.stale(expected: known, newest: reading.position.ordinal) }
    }
}
