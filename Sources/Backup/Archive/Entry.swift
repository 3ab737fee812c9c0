import Vocabulary

/// The frames of one commit, or a part of those of a large one, as they stood in the write-ahead log.
///
/// A frame is SQLite's: 24 bytes of header (page number, size of the database after a commit or 0, two salts, two checksums), then the page.
package struct Entry: Sendable {
    /// In bytes, before the frames.
    static let headerBytes = 80
    /// What the chain's hash covers of the header.
    static let hashedBytes = 48
    static let frameHeaderBytes = 24
    private static let commitFlag: UInt32 = 1
    private static let continuationFlag: UInt32 = 2
    /// A larger commit becomes several entries, so that nobody has to hold more than this in memory.
    package static let framesMax = 1024

    package let ordinal: UInt64
    /// Never earlier than the entry before: a clock that was put back stands still here.
    package let time: Instant
    /// Of the commit in the database's own count; 0 where that isn't known.
    package let sequence: UInt64
    package let frameCount: Int
    /// Of the database after this commit; 0 where the commit goes on in the next entry.
    package let pagesAfter: UInt32
    /// In the log, from 1.
    package let firstFrame: UInt32
    package let endsCommit: Bool
    /// Whether the commit began in an entry before this.
    package let continuesCommit: Bool
    /// Of the chain after this entry.
    package let hash: ChainHash
    package let pageSize: Int
    package let frames: ArraySlice<UInt8>
    /// What is before the frames.
    let header: ArraySlice<UInt8>

    static func bytes(frames: Int, pageSize: Int) -> Int { headerBytes + frames * (frameHeaderBytes + pageSize) }

    /// Fills the header before frames that are in place, and gives the chain's next hash.
    static func seal(
        _ entry: UnsafeMutableRawBufferPointer, _ draft: Segment.Draft, ordinal: UInt64, pageSize: Int, after hash: ChainHash
    ) -> ChainHash {
        let lastFrame = headerBytes + (draft.frameCount - 1) * (frameHeaderBytes + pageSize)
        entry.slice(0..<headerBytes).initializeMemory(as: UInt8.self, repeating: 0)
        entry.put(ordinal, at: 0)
        entry.put(draft.time.microseconds, at: 8)
        entry.put(draft.sequence, at: 16)
        entry.put(UInt32(clamping: draft.frameCount), at: 24)
        entry.put(draft.endsCommit ? UnsafeRawBufferPointer(entry).integer(UInt32.self, at: lastFrame + 4) : 0, at: 28)
        entry.put(draft.firstFrame, at: 32)
        entry.put((draft.endsCommit ? commitFlag : 0) | (draft.continuesCommit ? continuationFlag : 0), at: 36)
        let sealed = UnsafeRawBufferPointer(entry)
        let next = hash.following(sealed.slice(0..<hashedBytes), sealed.slice(headerBytes..<sealed.count))
        entry.put(next.bytes, at: hashedBytes)
        return next
    }

    /// How many bytes follow an entry's header. Nil for more than there can be.
    static func frameBytes(_ header: ArraySlice<UInt8>, pageSize: Int) -> Int? {
        let count = header.withUnsafeBytes { Int($0.integer(UInt32.self, at: 24)) }
        return (1...framesMax).contains(count) ? count * (frameHeaderBytes + pageSize) : nil
    }

    /// Nil where the bytes are not what was sealed after `previous`.
    init?(header: ArraySlice<UInt8>, frames: ArraySlice<UInt8>, pageSize: Int, after previous: ArchivePosition) {
        let hash = header.withUnsafeBytes { header in
            frames.withUnsafeBytes { previous.hash.following(header.slice(0..<Self.hashedBytes), $0) }
        }
        guard header.suffix(ChainHash.byteCount).elementsEqual(hash.bytes) else { return nil }
        self.hash = hash
        (self.header, self.frames) = (header, frames)
        self.pageSize = pageSize
        (ordinal, time, sequence) = header.withUnsafeBytes {
            ($0.integer(at: 0), Instant(microseconds: $0.integer(at: 8)), $0.integer(at: 16))
        }
        let flags: UInt32
        (frameCount, pagesAfter, firstFrame, flags) = header.withUnsafeBytes {
            (Int($0.integer(UInt32.self, at: 24)), $0.integer(at: 28), $0.integer(at: 32), $0.integer(at: 36))
        }
        endsCommit = flags & Self.commitFlag != 0
        continuesCommit = flags & Self.continuationFlag != 0
        guard ordinal == previous.ordinal + 1, endsCommit == (pagesAfter > 0) else { return nil }
    }

    /// In the log, from 1.
    package var lastFrame: UInt32 { firstFrame + UInt32(clamping: frameCount) - 1 }

    /// Calls `body` with each frame's page number, from 1, and the page.
    package func eachPage(_ body: (UInt32, UnsafeRawBufferPointer) throws -> Void) rethrows {
        try frames.withUnsafeBytes { bytes in
            for start in stride(from: 0, to: bytes.count, by: Self.frameHeaderBytes + pageSize) {
                let page = bytes.slice(start + Self.frameHeaderBytes..<start + Self.frameHeaderBytes + pageSize)
                try body(bytes.integer(at: start), page)
            }
        }
    }

    /// Salts and checksums in the header of the last frame: they tell it from every other one that stood at its place in a log.
    package var lastFrameMark: [UInt8] {
        let start = frames.endIndex - pageSize - Self.frameHeaderBytes + 8
        return Array(frames[start..<start + 16])
    }
}
