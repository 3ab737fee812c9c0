import Synchronization
import Vocabulary

/// A clock that moves only when told to.
package final class ManualClock: Clock {
    private let instant: Mutex<Instant>

    package init(_ start: Instant = Instant(seconds: 1_800_000_000)) { instant = Mutex(start) }

    package func now() -> Instant { instant.withLock { $0 } }
    package func advance(by duration: Duration) { instant.withLock { $0 = $0 + duration } }
    package func set(_ moment: Instant) { instant.withLock { $0 = moment } }
}
