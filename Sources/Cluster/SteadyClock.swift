import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// Time that only goes forwards: the wall clock may be set back or on, this one counts. It also counts while the machine is suspended.
package protocol SteadyClock: Sendable {
    /// Nanoseconds since some moment in the past, never 0.
    func nanoseconds() -> UInt64
}

/// The machine's own.
package struct BootClock: SteadyClock {
    package init() {}

    package func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
