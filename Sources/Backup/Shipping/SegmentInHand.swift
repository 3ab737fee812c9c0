import Storage
import StorageSQLite
import Vocabulary

/// A segment made of frames that still are in the log, and where the archive ends when it is stored.
struct SegmentInHand: Sendable {
    /// In frames; bounds what one segment holds in memory to some 8 MiB.
    private static let framesMax = 2 * Entry.framesMax

    let bytes: [UInt8]
    let after: ArchivePosition
    let newest: ArchivePosition
    let time: Instant
    let salts: [UInt8]
    let nextFrame: UInt32
    let isWithinCommit: Bool
    let logStart: UInt64
    /// The last commit that is whole with it.
    let finished: UInt64?
    /// The database's position with that commit; 0 where it isn't known.
    let finishedSequence: UInt64
    /// When the first of its commits was made.
    let oldest: Instant

    /// The log isn't what it was said to be; nothing can be proved any more.
    struct LogLost: Error {}

    /// Nil where there is nothing to ship.
    init?(_ chain: Line.Chain, _ notes: [Line.Note]) throws {
        guard let oldest = notes.first?.at else { return nil }
        guard let log = try WriteAheadLog(chain.files.log), let header = try log.header(), header.pageSize == chain.pageSize else {
            throw LogLost()
        }
        var (first, start, isWithin) = (chain.nextFrame, chain.logStart, chain.isWithinCommit)
        if header.salts != chain.salts {
            // It started over. That is only allowed when everything before was stored.
            guard !isWithin, notes.first?.salts == nil || notes.first?.salts == header.salts else { throw LogLost() }
            (first, start) = (1, chain.position.ordinal + 1)
        }
        var drafts: [Segment.Draft] = []
        var (count, time, finished, finishedSequence) = (0, chain.time, UInt64?.none, UInt64(0))
        notes: for note in notes {
            guard note.frame >= first else { throw LogLost() }
            while first <= note.frame {
                guard count < Self.framesMax else { break notes }
                let frames = min(Entry.framesMax, Int(note.frame - first) + 1)
                let ends = first + UInt32(frames) - 1 == note.frame
                time = max(time, note.at)
                drafts.append(
                    Segment.Draft(
                        time: time, sequence: note.sequence, frameCount: frames, firstFrame: first, endsCommit: ends,
                        continuesCommit: isWithin))
                isWithin = !ends
                first += UInt32(frames)
                count += frames
            }
            (finished, finishedSequence) = (note.serial, note.sequence)
        }
        let stride = WriteAheadLog.frameHeaderBytes + chain.pageSize
        let made = try Segment.bytes(drafts, pageSize: chain.pageSize, logStart: start, after: chain.position) { draft, frames in
            try log.read(draft.firstFrame, pageSize: chain.pageSize, into: frames)
            let read = UnsafeRawBufferPointer(frames)
            for index in 0..<draft.frameCount {
                guard read[index * stride + 8..<index * stride + 16].elementsEqual(header.salts) else { throw LogLost() }
            }
            let pagesAfter: UInt32 = read.integer(at: (draft.frameCount - 1) * stride + 4)
            guard !draft.endsCommit || pagesAfter > 0 else { throw LogLost() }
        }
        // A log that starts over gets its header first: what was read before that is what was committed.
        guard try log.header() == header else { throw LogLost() }
        (bytes, newest, self.time, self.finished, self.oldest) = (made.bytes, made.newest, time, finished, oldest)
        (after, self.finishedSequence) = (chain.position, finishedSequence)
        (salts, nextFrame, isWithinCommit, logStart) = (header.salts, first, isWithin, start)
    }
}
