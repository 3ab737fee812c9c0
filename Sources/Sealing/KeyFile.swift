#if canImport(Glibc)
import Glibc
#endif

/// glibc's, which its headers show to GNU sources only: Swift's import doesn't see it.
@_silgen_name("syncfs") private func syncfs(_ descriptor: Int32) -> Int32

/// Small files that are whole or absent: read without following links, replaced by rename after fsync.
enum KeyFile {
    struct Status {
        let isRegular: Bool
        let isDirectory: Bool
        let owner: UInt32
        let mode: UInt32
    }

    /// Reads at most `limit` bytes through one descriptor, so that what `check` saw is what is read. Nil if there is no such file.
    static func read(_ path: String, limit: Int = 16_384, check: (Status) throws -> Void = { _ in }) throws -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT: return nil
            case ELOOP:
                try check(Status(isRegular: false, isDirectory: false, owner: 0, mode: 0))
                throw fault("open", path, ELOOP)
            default: throw fault("open", path)
            }
        }
        defer { close(descriptor) }
        try check(status(of: descriptor, path))
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        var length = 0
        while length < bytes.count {
            let got = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress?.advanced(by: length), $0.count - length) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw fault("read", path) }
            if got == 0 { break }
            length += got
        }
        guard length <= limit else { throw fault("read", path, EFBIG) }
        bytes.removeLast(bytes.count - length)
        return bytes
    }

    /// Puts `bytes` at `path`, durable when it returns. At any moment the old or the new content is there, never a mixture.
    static func replace(_ path: String, with bytes: [UInt8]) throws {
        let draft = draft(of: path)
        guard unlink(draft) == 0 || errno == ENOENT else { throw fault("replace", path) }
        try write(bytes, toNew: draft)
        guard rename(draft, path) == 0 else {
            let code = errno
            unlink(draft)
            throw fault("replace", path, code)
        }
        try syncDirectory(of: path)
    }

    /// ``replace(_:with:)`` for many files of one directory, which share their waits for the disk. Interrupted, each is old or new.
    static func replaceAll(_ files: [(path: String, bytes: [UInt8])], in directory: String) throws {
        guard !files.isEmpty else { return }
        let drafts = files.map { draft(of: $0.path) }
        do {
            for (file, draft) in zip(files, drafts) {
                guard unlink(draft) == 0 || errno == ENOENT else { throw fault("replace", file.path) }
                try write(file.bytes, toNew: draft, isDurable: false)
            }
            let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard descriptor >= 0 else { throw fault("open", directory) }
            defer { close(descriptor) }
            // One journal commit for all drafts; reports write errors too (Linux 5.8).
            guard syncfs(descriptor) == 0 else { throw fault("write", directory) }
            for (file, draft) in zip(files, drafts) {
                guard rename(draft, file.path) == 0 else { throw fault("replace", file.path) }
            }
            guard fsync(descriptor) == 0 else { throw fault("write", directory) }
        } catch {
            for draft in drafts { unlink(draft) }
            throw error
        }
    }

    /// Makes a file that must not exist yet, durable when it returns. False if something is there.
    static func create(_ path: String, with bytes: [UInt8]) throws -> Bool {
        let draft = draft(of: path)
        guard unlink(draft) == 0 || errno == ENOENT else { throw fault("create", path) }
        try write(bytes, toNew: draft)
        defer { unlink(draft) }
        // A link fails where a rename would overwrite.
        guard link(draft, path) == 0 else {
            if errno == EEXIST { return false }
            throw fault("create", path)
        }
        try syncDirectory(of: path)
        return true
    }

    static func remove(_ path: String) throws -> Bool {
        guard unlink(path) == 0 else {
            if errno == ENOENT { return false }
            throw fault("remove", path)
        }
        try syncDirectory(of: path)
        return true
    }

    static func exists(_ path: String) -> Bool {
        var found = stat()
        return lstat(path, &found) == 0
    }

    static func status(of descriptor: Int32, _ path: String) throws -> Status {
        var found = stat()
        guard fstat(descriptor, &found) == 0 else { throw fault("examine", path) }
        let type = found.st_mode & S_IFMT
        return Status(isRegular: type == S_IFREG, isDirectory: type == S_IFDIR, owner: found.st_uid, mode: found.st_mode & 0o7777)
    }

    static func fault(_ action: String, _ path: String, _ code: Int32 = errno) -> SealingFault {
        let reason =
            switch code {
            case ENOSPC, EDQUOT: "the disk is full; free some space and try again"
            case EROFS: "the file system is read-only"
            case EACCES, EPERM: "permission denied"
            default: String(cString: strerror(code))
            }
        return .file(action: action, path: path, errno: code, reason: reason)
    }

    /// Each process has its own, so that two never write the same one.
    private static func draft(of path: String) -> String { "\(path).\(getpid()).draft" }

    private static func write(_ bytes: [UInt8], toNew path: String, isDurable: Bool = true) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw fault("create", path) }
        do {
            var written = 0
            while written < bytes.count {
                let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw fault("write", path) }
                written += count
            }
            guard !isDurable || fsync(descriptor) == 0 else { throw fault("write", path) }
            close(descriptor)
        } catch {
            close(descriptor)
            unlink(path)
            throw error
        }
    }

    private static func syncDirectory(of path: String) throws {
        let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault("open", parent) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw fault("write", parent) }
    }
}
