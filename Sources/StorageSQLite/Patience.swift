import GRDBSQLite
import Glibc

/// Breaks off a read that holds a caller's thread for too long, so that it can be begun again on a thread of the engine's own.
///
/// SQLite asks every thousand steps of its machine. Used by one thread at a time, like the connection that owns it.
final class Patience: @unchecked Sendable {
    /// Enough for a page of a hundred records; too short to starve the other tasks of a thread.
    private static let nanosecondsMax: UInt64 = 2_000_000

    private var deadline: UInt64 = 0
    private var isOver = false

    func begin() {
        isOver = false
        deadline = Self.now() + Self.nanosecondsMax
    }

    /// False where the read was broken off.
    func end() -> Bool {
        deadline = 0
        return !isOver
    }

    /// The connection that is watched owns this.
    func watch(_ pointer: OpaquePointer) {
        sqlite3_progress_handler(
            pointer, 1000,
            { context in
                guard let context else { return 0 }
                return Unmanaged<Patience>.fromOpaque(context).takeUnretainedValue().ask() ? 0 : 1
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func ask() -> Bool {
        guard deadline != 0, Self.now() > deadline else { return true }
        isOver = true
        return false
    }

    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
