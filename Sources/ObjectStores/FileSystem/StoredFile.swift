#if canImport(Glibc)
import Glibc
#endif

/// An object's file, looked at for one piece.
enum StoredFile {
    static func status(_ path: String, below root: String) throws -> (size: UInt64, version: ObjectVersion) {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw try fault(errno, root) }
        return try reading(status)
    }

    static func piece(
        _ path: String, below root: String, from offset: UInt64, count: Int, version wanted: ObjectVersion?
    ) throws -> ObjectPiece {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            let fault = try fault(errno, root)
            throw wanted != nil && fault == .missing ? ObjectFault.changed : fault
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileFault.of(errno) }
        let (size, version) = try reading(status)
        if let wanted, wanted != version { throw ObjectFault.changed }
        let expected = offset < size ? Int(min(UInt64(max(0, count)), size - offset)) : 0
        let bytes = try [UInt8](unsafeUninitializedCapacity: expected) { buffer, done in
            while done < expected {
                let count = pread(descriptor, buffer.baseAddress?.advanced(by: done), expected - done, off_t(offset) + off_t(done))
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw FileFault.of(errno) }
                guard count > 0 else { throw ObjectFault.corrupt(reason: "the file is shorter than its size") }
                done += count
            }
        }
        return ObjectPiece(bytes: bytes, size: size, version: version)
    }

    private static func reading(_ status: stat) throws -> (size: UInt64, version: ObjectVersion) {
        guard status.st_mode & S_IFMT == S_IFREG else { throw ObjectFault.missing }
        let text = "\(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
        return (UInt64(status.st_size), ObjectVersion(text: text))
    }

    private static func fault(_ code: Int32, _ root: String) throws -> ObjectFault {
        // ELOOP: a symbolic link, which is none of ours.
        guard [ENOENT, ENOTDIR, EISDIR, ELOOP].contains(code) else { return FileFault.of(code) }
        try FileFault.expectPlace(root)
        return .missing
    }
}
