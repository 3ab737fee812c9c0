import ObjectStores
import Vocabulary

/// One or more entries in one object.
package enum Segment {
    static let magic = Array("HFSEGMT1".utf8)
    static let headerBytes = 128
    private static let hashedBytes = 96

    /// What an entry is to be made of.
    package struct Draft: Sendable {
        package let time: Instant
        /// Of the commit in the database's own count; 0 where that isn't known.
        package let sequence: UInt64
        package let frameCount: Int
        /// In the log, from 1.
        package let firstFrame: UInt32
        package let endsCommit: Bool
        /// Whether the commit began in an entry before this.
        package let continuesCommit: Bool

        package init(
            time: Instant, sequence: UInt64 = 0, frameCount: Int, firstFrame: UInt32, endsCommit: Bool, continuesCommit: Bool = false
        ) {
            self.time = time
            self.sequence = sequence
            self.frameCount = frameCount
            self.firstFrame = firstFrame
            self.endsCommit = endsCommit
            self.continuesCommit = continuesCommit
        }
    }

    struct Header {
        let generation: UInt32
        let pageSize: Int
        let first: UInt64
        let count: Int
        let size: UInt64
        /// The first entry of the log that the last entry here was in: a base that is begun now has all entries before it.
        let logStart: UInt64
        /// Of the chain before the first entry.
        let before: ChainHash

        var last: UInt64 { first + UInt64(count) - 1 }

        init(_ bytes: ArraySlice<UInt8>, key: ObjectKey) throws(ArchiveFault) {
            guard bytes.starts(with: Segment.magic) else {
                throw bytes.starts(with: Segment.magic.dropLast()) ? .newerFormat(key) : .altered(key)
            }
            let hash = bytes.withUnsafeBytes { ChainHash.of($0.slice(0..<Segment.hashedBytes)) }
            guard bytes.suffix(ChainHash.byteCount).elementsEqual(hash.bytes),
                let before = ChainHash(bytes: bytes.dropFirst(64).prefix(ChainHash.byteCount))
            else { throw .altered(key) }
            self.before = before
            let (sizeOfPages, entries): (UInt32, UInt32)
            (generation, sizeOfPages, first, entries) = bytes.withUnsafeBytes {
                ($0.integer(at: 8), $0.integer(at: 12), $0.integer(at: 16), $0.integer(at: 24))
            }
            (size, logStart) = bytes.withUnsafeBytes { ($0.integer(at: 32), $0.integer(at: 40)) }
            (pageSize, count) = (Int(sizeOfPages), Int(entries))
            guard count > 0 else { throw .altered(key) }
        }
    }

    /// Makes a segment in one piece of memory.
    ///
    /// - Parameters:
    ///   - position: what the first entry follows.
    ///   - fill: reads the frames of a draft into the bytes that are theirs.
    package static func bytes(
        _ drafts: [Draft], pageSize: Int, logStart: UInt64, after position: ArchivePosition,
        fill: (Draft, UnsafeMutableRawBufferPointer) throws -> Void
    ) throws -> (bytes: [UInt8], newest: ArchivePosition) {
        let size = drafts.reduce(headerBytes) { $0 + Entry.bytes(frames: $1.frameCount, pageSize: pageSize) }
        var hash = position.hash
        var ordinal = position.ordinal
        let bytes = try [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
            let all = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: size)
            var start = headerBytes
            for draft in drafts {
                let end = start + Entry.bytes(frames: draft.frameCount, pageSize: pageSize)
                let entry = all.slice(start..<end)
                try fill(draft, entry.slice(Entry.headerBytes..<entry.count))
                ordinal += 1
                hash = Entry.seal(entry, draft, ordinal: ordinal, pageSize: pageSize, after: hash)
                start = end
            }
            putHeader(
                all.slice(0..<headerBytes), pageSize: pageSize, entries: drafts.count, size: UInt64(size), logStart: logStart,
                after: position)
            initialized = size
        }
        return (bytes, ArchivePosition(generation: position.generation, ordinal: ordinal, hash: hash))
    }

    /// What is before the entries of a segment.
    static func header(pageSize: Int, entries: Int, size: UInt64, logStart: UInt64, after position: ArchivePosition) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: headerBytes) { buffer, initialized in
            putHeader(
                UnsafeMutableRawBufferPointer(buffer), pageSize: pageSize, entries: entries, size: size, logStart: logStart, after: position
            )
            initialized = headerBytes
        }
    }

    private static func putHeader(
        _ header: UnsafeMutableRawBufferPointer, pageSize: Int, entries: Int, size: UInt64, logStart: UInt64,
        after position: ArchivePosition
    ) {
        header.initializeMemory(as: UInt8.self, repeating: 0)
        header.put(magic, at: 0)
        header.put(position.generation, at: 8)
        header.put(UInt32(clamping: pageSize), at: 12)
        header.put(position.ordinal + 1, at: 16)
        header.put(UInt32(clamping: entries), at: 24)
        header.put(size, at: 32)
        header.put(logStart, at: 40)
        header.put(position.hash.bytes, at: 64)
        header.put(ChainHash.of(UnsafeRawBufferPointer(header.slice(0..<hashedBytes))).bytes, at: hashedBytes)
    }
}
