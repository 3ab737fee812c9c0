import Glibc
import Storage

/// A database's write-ahead log as a file (https://www.sqlite.org/fileformat2.html#the_write_ahead_log), read without a key: pages are
/// encrypted before frames are made of them.
///
/// SQLite keeps its locks on other files, so this one may be opened and closed freely.
package final class WriteAheadLog: Sendable {
    package static let headerBytes = 32
    package static let frameHeaderBytes = 24

    package struct Header: Sendable, Hashable {
        /// In bytes.
        package let pageSize: Int
        /// Drawn anew each time that the log starts over.
        package let salts: [UInt8]
        let sums: Sums
    }

    /// The end of a commit.
    package struct Commit: Sendable, Hashable {
        /// From 1.
        package let lastFrame: UInt32
    }

    private let descriptor: Int32

    /// Nil where there is no log.
    package init?(_ path: String) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw SQLiteFailure.system(errno, "can't open \(path)")
        }
    }

    deinit { close(descriptor) }

    /// Nil where the log is empty.
    package func header() throws -> Header? {
        var bytes = [UInt8](repeating: 0, count: Self.headerBytes)
        guard try bytes.withUnsafeMutableBytes({ try fill($0, at: 0) }) == Self.headerBytes else { return nil }
        return bytes.withUnsafeBytes { bytes in
            let magic = bytes.number(0)
            guard magic & ~1 == 0x377F_0682, bytes.number(4) == 3_007_000 else { return nil }
            var sums = Sums(isBigEndian: magic & 1 == 1)
            sums.add(UnsafeRawBufferPointer(rebasing: bytes[0..<24]))
            guard sums.first == bytes.number(24), sums.second == bytes.number(28) else { return nil }
            return Header(pageSize: Int(bytes.number(8)), salts: Array(bytes[16..<24]), sums: sums)
        }
    }

    /// Reads whole frames, the first of them `first`. They must have been committed and not left the log since.
    package func read(_ first: UInt32, pageSize: Int, into frames: UnsafeMutableRawBufferPointer) throws {
        guard try fill(frames, at: Self.offset(of: first, pageSize)) == frames.count else { throw StorageError.unreadable }
    }

    /// Salts and checksums of a frame: 16 bytes that no other frame has. Nil where the log doesn't go so far.
    package func mark(of frame: UInt32, pageSize: Int) throws -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = try bytes.withUnsafeMutableBytes { try fill($0, at: Self.offset(of: frame, pageSize) + 8) }
        return count == 16 ? bytes : nil
    }

    /// The commits that are in the log, found as SQLite finds them after a crash: as far as salts and checksums are right. Nobody may write meanwhile.
    package func commits(_ header: Header) throws -> [Commit] {
        let frameBytes = Self.frameHeaderBytes + header.pageSize
        let together = max(1, (1 << 20) / frameBytes)
        let frames = UnsafeMutableRawBufferPointer.allocate(byteCount: together * frameBytes, alignment: 8)
        defer { frames.deallocate() }
        var commits: [Commit] = []
        var sums = header.sums
        var number: UInt32 = 0
        while true {
            let count = try fill(frames, at: Self.offset(of: number + 1, header.pageSize)) / frameBytes
            for index in 0..<count {
                let frame = UnsafeRawBufferPointer(rebasing: frames[index * frameBytes..<(index + 1) * frameBytes])
                guard frame[8..<16].elementsEqual(header.salts), frame.number(0) > 0 else { return commits }
                sums.add(UnsafeRawBufferPointer(rebasing: frame[0..<8]))
                sums.add(UnsafeRawBufferPointer(rebasing: frame[Self.frameHeaderBytes...]))
                guard sums.first == frame.number(16), sums.second == frame.number(20) else { return commits }
                number += 1
                if frame.number(4) > 0 { commits.append(Commit(lastFrame: number)) }
            }
            if count < together { return commits }
        }
    }

    /// In microseconds since 1970: nothing in the log was committed later.
    package func changedAt() -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return 0 }
        return Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1000
    }

    private static func offset(of frame: UInt32, _ pageSize: Int) -> Int { headerBytes + Int(frame - 1) * (frameHeaderBytes + pageSize) }

    /// Returns how many bytes there were.
    private func fill(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
        var done = 0
        while done < buffer.count {
            let count = pread(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw SQLiteFailure.system(errno, "can't read the log") }
            guard count > 0 else { break }
            done += count
        }
        return done
    }

    /// The running checksum of a log.
    struct Sums: Sendable, Hashable {
        let isBigEndian: Bool
        private(set) var first: UInt32 = 0
        private(set) var second: UInt32 = 0

        init(isBigEndian: Bool) { self.isBigEndian = isBigEndian }

        /// - Parameter bytes: a multiple of eight.
        mutating func add(_ bytes: UnsafeRawBufferPointer) {
            var (one, two) = (first, second)
            for offset in stride(from: 0, to: bytes.count, by: 8) {
                let words = (
                    bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self),
                    bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self)
                )
                one = one &+ (isBigEndian ? words.0.bigEndian : words.0.littleEndian) &+ two
                two = two &+ (isBigEndian ? words.1.bigEndian : words.1.littleEndian) &+ one
            }
            (first, second) = (one, two)
        }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func number(_ offset: Int) -> UInt32 { UInt32(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self)) }
}
