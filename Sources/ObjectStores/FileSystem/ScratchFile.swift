import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// An object that is being written: a file without a name that anybody looks for, locked by its writer.
///
/// The lock tells a living writer from the leftover of a crash, also between processes.
final class ScratchFile: Sendable {
    private let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
        while true {
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else { throw FileFault.of(errno) }
            var status = stat()
            if flock(descriptor, LOCK_EX) == 0, fstat(descriptor, &status) == 0, status.st_nlink > 0 {
                (self.path, self.descriptor) = (path, descriptor)
                return
            }
            // A sweep came between opening and locking and took it for a leftover.
            close(descriptor)
        }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { source in
            var done = 0
            while done < source.count {
                let count = Glibc.write(descriptor, source.baseAddress?.advanced(by: done), source.count - done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw FileFault.of(count == 0 ? EIO : errno) }
                done += count
            }
        }
    }

    /// Gives it its name once its bytes are on the disk. A failed sync is not tried again: the file is given up instead.
    func publish(as key: ObjectKey, below root: String, ifAbsent: Bool) throws {
        guard fsync(descriptor) == 0 else { throw FileFault.of(errno) }
        var folder = root
        for segment in key.segments.dropLast() {
            let parent = folder
            folder += "/\(segment)"
            if mkdir(folder, 0o700) == 0 { try FileFault.sync(directory: parent) } else if errno != EEXIST { throw FileFault.of(errno) }
        }
        let target = "\(root)/\(key)"
        if ifAbsent {
            guard link(path, target) == 0 else { throw FileFault.of(errno) }
        } else {
            guard rename(path, target) == 0 else { throw FileFault.of(errno) }
        }
        try FileFault.sync(directory: folder)
    }

    /// Removes files that no writer holds.
    static func sweep(_ folder: String) throws -> Int {
        var swept = 0
        for name in try FileListing.names(in: folder).map(\.name) {
            let path = "\(folder)/\(name)"
            let descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0, unlink(path) == 0 { swept += 1 }
        }
        return swept
    }
}
