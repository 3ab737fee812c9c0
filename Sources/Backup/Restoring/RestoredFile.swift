import ObjectStores
import Storage
import Threads

#if canImport(Glibc)
import Glibc
#endif

/// A database file that is being put together beside the name that it gets when it is whole.
final class RestoredFile: Sendable {
    private let path: String
    private let scratch: String
    private let descriptor: Int32
    private let threads: BoundedThreads

    /// - Throws: ``StorageError`` `.exists` where there is such a file; what is there is never replaced.
    init(_ path: String, threads: BoundedThreads) async throws {
        self.path = path
        self.threads = threads
        scratch = path + ".restoring"
        descriptor = try await threads.run { [scratch] in
            guard access(path, F_OK) != 0 else { throw StorageError.exists }
            // Left by a restoration that was broken off.
            unlink(scratch)
            let descriptor = Glibc.open(scratch, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { throw Self.failure("can't make \(scratch)") }
            return descriptor
        }
    }

    deinit {
        close(descriptor)
        unlink(scratch)
    }

    func write(_ bytes: [UInt8], at offset: UInt64) async throws {
        try await threads.run { [self] in try bytes.withUnsafeBytes { try put($0, at: offset) } }
    }

    /// Pages by their number, from 1; all are of one size.
    func write(_ pages: [(UInt32, ArraySlice<UInt8>)]) async throws {
        try await threads.run { [self] in
            for (number, page) in pages {
                guard number > 0 else { throw StorageError.unreadable }
                try page.withUnsafeBytes { try put($0, at: UInt64(number - 1) * UInt64(page.count)) }
            }
        }
    }

    func apply(_ entry: Entry) async throws {
        try await threads.run { [self] in
            try entry.eachPage { number, page in
                guard number > 0 else { throw StorageError.unreadable }
                try put(page, at: UInt64(number - 1) * UInt64(entry.pageSize))
            }
        }
    }

    /// Cuts the file, brings it to disk and gives it its name.
    func publish(size: UInt64) async throws {
        try await threads.run { [self] in
            guard ftruncate(descriptor, off_t(size)) == 0, fsync(descriptor) == 0 else { throw Self.failure("can't write \(scratch)") }
            guard link(scratch, path) == 0 else { throw Self.failure("can't publish \(path)") }
            let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
            let directory = Glibc.open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard directory >= 0 else { throw Self.failure("can't open \(folder)") }
            defer { close(directory) }
            guard fsync(directory) == 0 else { throw Self.failure("can't write \(folder)") }
        }
    }

    private func put(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws {
        var done = 0
        while done < bytes.count {
            let count = pwrite(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, off_t(offset) + off_t(done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure("can't write \(scratch)") }
            done += count
        }
    }

    private static func failure(_ what: String) -> StorageError {
        switch errno {
        case EROFS, EACCES, EPERM: .readOnly
        case ENOSPC, EDQUOT: .full
        case EEXIST: .exists
        default: .failed("\(what): \(String(cString: strerror(errno)))")
        }
    }
}
