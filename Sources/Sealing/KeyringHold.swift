#if canImport(Glibc)
import Glibc
#endif

/// A process's hold on a keyring directory: shared by all who read keys, exclusive while the master key is rotated, so that nobody
/// keeps an old master key in memory while the files move on to a new one.
final class KeyringHold: KeyHold {
    private let descriptor: Int32
    private let path: String

    /// Makes the directory where there is none, and refuses one that others can reach.
    init(_ directory: String) throws {
        path = directory
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw KeyFile.fault("create", directory) }
        descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            if errno == ENOTDIR || errno == ELOOP { throw SealingFault.keyringForeign(path: directory) }
            throw KeyFile.fault("open", directory)
        }
        // Nothing is closed here: `deinit` runs for a throw too, and a second close could hit another's descriptor.
        let status = try KeyFile.status(of: descriptor, directory)
        guard status.owner == geteuid() else { throw SealingFault.keyringForeign(path: directory) }
        guard status.mode & 0o077 == 0 else { throw SealingFault.keyringExposed(path: directory, mode: status.mode) }
        guard Self.take(LOCK_SH, of: descriptor) else { throw SealingFault.keyringInUse(path: directory) }
    }

    /// A child that is just being spawned holds a copy of every descriptor, locks included, until it is replaced: that moment is waited for.
    private static func take(_ lock: Int32, of descriptor: Int32) -> Bool {
        for attempt in 0..<50 {
            if attempt > 0 { usleep(10_000) }
            if flock(descriptor, lock | LOCK_NB) == 0 { return true }
            guard errno == EWOULDBLOCK else { return false }
        }
        return false
    }

    func alone<T>(_ body: () throws -> T) throws -> T {
        guard Self.take(LOCK_EX, of: descriptor) else {
            // A conversion that fails may have let go of the shared hold.
            flock(descriptor, LOCK_SH | LOCK_NB)
            throw SealingFault.keyringInUse(path: path)
        }
        defer { flock(descriptor, LOCK_SH | LOCK_NB) }
        return try body()
    }

    deinit { close(descriptor) }
}
