import ObjectStores
import Vocabulary

/// Where an archive ends: what a database has to agree with before anything is added.
struct ArchiveTail: Sendable {
    let generation: Catalogue.Generation
    let position: ArchivePosition
    let time: Instant
    /// The first entry of the log that the last entry was in.
    let logStart: UInt64
    /// In that log.
    let lastFrame: UInt32
    /// Of the last frame; nil where there is no entry.
    let mark: [UInt8]?
    /// Whether the last commit goes on in an entry that isn't there.
    let isWithinCommit: Bool
    /// Of the last commit; 0 where that isn't known.
    let sequence: UInt64
}

extension Archive {
    /// Nil where there is no archive yet.
    func tail() async throws -> ArchiveTail? {
        guard let generation = try await catalogue().newest else { return nil }
        guard let segment = generation.segments.last else {
            return ArchiveTail(
                generation: generation, position: generation.opening.start, time: generation.opening.openedAt, logStart: 1, lastFrame: 0,
                mark: nil,
                isWithinCommit: false, sequence: 0)
        }
        var reading = try await SegmentReading(segment, in: store, opening: generation.opening)
        var last: Entry?
        while let entry = try await reading.next() { last = entry }
        guard let last else { throw ArchiveFault.altered(segment.key) }
        return ArchiveTail(
            generation: generation, position: reading.position, time: last.time, logStart: reading.header.logStart,
            lastFrame: last.lastFrame,
            mark: last.lastFrameMark, isWithinCommit: !last.endsCommit, sequence: last.sequence)
    }
}
