import Glibc
import Storage

/// Held by the one engine that may use a data directory. The kernel takes it back when the process ends, however it ends.
final class DirectoryLock: Sendable {
    private let descriptor: CInt

    init(directory: String) throws {
        descriptor = open("\(directory)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SQLiteFailure.system(errno, "can't open \(directory)/lock") }
        // A child that is just being spawned holds a copy of every descriptor until it is replaced: wait for that moment to pass.
        var patience = 50
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK, patience > 0 {
            patience -= 1
            usleep(10_000)
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            // `deinit` closes: it runs for a throw from here on too, and a second close could hit another's descriptor.
            let code = errno
            throw code == EWOULDBLOCK ? StorageError.inUse : SQLiteFailure.system(code, "can't lock \(directory)/lock")
        }
    }

    deinit { close(descriptor) }
}
