#if canImport(Glibc)
import Glibc
#endif

/// Where a component learns what time it is. Passed in, so that a test can live through two years in a second.
package protocol Clock: Sendable {
    func now() -> Instant
}

/// The machine's wall clock.
package struct SystemClock: Clock {
    package init() {}

    package func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }
}
