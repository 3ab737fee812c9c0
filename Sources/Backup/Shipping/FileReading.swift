import Storage
import Threads

#if canImport(Glibc)
import Glibc
#endif

/// A file's bytes as they were when each piece was read, up to the size that it had at first.
struct FileReading: AsyncSequence, Sendable {
    /// In bytes: what stores write at a time, so that nothing is put together anew.
    private static let pieceBytes = 1 << 20

    private let file: OpenFile
    private let threads: BoundedThreads
    private let size: Int

    /// A slice of a file that is being changed: who reads it must know what to make of it.
    init(_ path: String, threads: BoundedThreads) async throws {
        let file = try await threads.run { try OpenFile(path) }
        self.file = file
        self.threads = threads
        size = try file.size()
    }

    func makeAsyncIterator() -> Iterator { Iterator(file: file, threads: threads, size: size) }

    struct Iterator: AsyncIteratorProtocol {
        let file: OpenFile
        let threads: BoundedThreads
        let size: Int
        var offset = 0

        mutating func next() async throws -> [UInt8]? {
            let (start, count) = (offset, Swift.min(FileReading.pieceBytes, size - offset))
            guard count > 0 else { return nil }
            offset += count
            return try await threads.run { [file] in try file.read(start, count) }
        }
    }
}

/// A file that is open for reading.
final class OpenFile: Sendable {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? StorageError.missing : StorageError.failed("can't open \(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    /// In bytes.
    func size() throws -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw StorageError.failed("can't read: \(String(cString: strerror(errno)))") }
        return Int(status.st_size)
    }

    /// What is beyond the end, because the file was cut meanwhile, is zeros.
    func read(_ offset: Int, _ count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            while initialized < count {
                let got = pread(descriptor, buffer.baseAddress?.advanced(by: initialized), count - initialized, off_t(offset + initialized))
                if got < 0, errno == EINTR { continue }
                guard got >= 0 else { throw StorageError.failed("can't read: \(String(cString: strerror(errno)))") }
                if got == 0 {
                    UnsafeMutableBufferPointer(rebasing: buffer[initialized..<count]).initialize(repeating: 0)
                    initialized = count
                }
                initialized += got
            }
        }
    }
}
