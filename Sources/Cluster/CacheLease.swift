import Synchronization
import Vocabulary

/// Until when a node may believe what it remembers.
///
/// A look at the database that began at S has seen every change that was committed before S. A lease renewed by it ends at S + ``length``: so
/// no change is unknown here longer than that, although the look itself may have taken long, and although nobody may have told us of the change.
/// When the lease has ended every cache counts as empty, and the database is asked. See decision 15.
package final class CacheLease: Sendable {
    package static let length = Duration.seconds(1)

    /// The beginning of the newest look that renewed it, and the earliest beginning that counts.
    private let renewed = Atomic<UInt64>(0)
    private let needed = Atomic<UInt64>(1)
    private let life: UInt64?
    private let clock: any SteadyClock

    private init(life: UInt64?, clock: any SteadyClock) {
        self.life = life
        self.clock = clock
    }

    /// For a node among others. Ended at first.
    package convenience init(clock: any SteadyClock = BootClock()) {
        self.init(life: UInt64(Self.length.microseconds) * 1000, clock: clock)
    }

    /// For a process that nobody else changes a database behind the back of. Holds until it is doubted.
    package static func alone(clock: any SteadyClock = BootClock()) -> CacheLease {
        let lease = CacheLease(life: nil, clock: clock)
        lease.renew(fromLookBegunAt: clock.nanoseconds())
        return lease
    }

    package var isValid: Bool {
        let began = renewed.load(ordering: .acquiring)
        guard began >= needed.load(ordering: .acquiring) else { return false }
        guard let life else { return true }
        let now = clock.nanoseconds()
        return now < began || now - began < life
    }

    /// What is known now; pass it to ``renew(fromLookBegunAt:)`` after the look.
    func begin() -> UInt64 { clock.nanoseconds() }

    func renew(fromLookBegunAt moment: UInt64) { renewed.max(moment, ordering: .acquiringAndReleasing) }

    /// Something was changed that no look has seen yet: only one that begins from now on counts.
    func doubt() { needed.max(clock.nanoseconds(), ordering: .acquiringAndReleasing) }
}
