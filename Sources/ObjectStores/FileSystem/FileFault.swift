#if canImport(Glibc)
import Glibc
#endif

/// What the operating system's refusals mean for a store.
enum FileFault {
    static func of(_ code: Int32) -> ObjectFault {
        switch code {
        case ENOENT: .placeMissing
        case ENOSPC, EDQUOT: .full
        case EACCES, EPERM, EROFS: .denied
        case EMFILE, ENFILE, ENOMEM: .overloaded
        // Another key's folder stands where this object should, or the other way round.
        case EEXIST, EISDIR, ENOTDIR, ENOTEMPTY: .exists
        default: .unavailable(reason: String(cString: strerror(code)))
        }
    }

    /// Tells an object that is missing from a disk that is: then the scratch folder is gone too.
    static func expectPlace(_ root: String) throws {
        guard access("\(root)/\(FileSystemStore.scratchFolder)", F_OK) == 0 else { throw ObjectFault.placeMissing }
    }

    /// Makes names in a directory durable.
    static func sync(directory: String) throws {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw of(errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw of(errno) }
    }
}
