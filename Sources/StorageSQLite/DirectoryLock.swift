import Glibc
import Storage

/// Held by the one engine that may use a data directory. The kernel takes it back when the process ends, however it ends.
final class DirectoryLock: Sendable {
    private let descriptor: CInt

    init(directory: String) throws {
        descriptor = open("\(directory)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SQLiteFailure.system(errno, "can't open \(directory)/lock") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            // `deinit` closes: it runs for a throw from here on too, and a second close could hit another's descriptor.
            let code = errno
            throw code == EWOULDBLOCK ? StorageError.inUse : SQLiteFailure.system(code, "can't lock \(directory)/lock")
        }
    }

    deinit { close(descriptor) }
}
