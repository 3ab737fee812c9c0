import Storage
import Synchronization

/// How reads of a database use its statements. Learned anew by each process; being wrong costs time and nothing else.
final class Habits: Sendable {
    private let known = Mutex<[StatementText: Habit]>([:])
    private static let max = 1024

    func of(_ text: StatementText) -> Habit {
        known.withLock { known in
            if let habit = known[text] { return habit }
            if known.count >= Self.max { known.removeAll() }
            let habit = Habit()
            known[text.withoutValues] = habit
            return habit
        }
    }

    /// Nil for one that was never used.
    func known(_ text: StatementText) -> Habit? { known.withLock { $0[text] } }
}

/// How reads use one statement: it decides how the next use is sent.
final class Habit: Sendable {
    private let solo = Atomic(0)
    private let apart = Atomic(0)
    private let share = Atomic(0)
    private let size = Atomic(0)

    // MARK: Whether it needs a transaction around it

    /// Where a read asked for this one alone before, in a transaction that permits no writing, it probably will again: it is its own snapshot then.
    var standsAlone: Bool { solo.load(ordering: .relaxed) > 0 }

    func wasAlone() { if !standsAlone { solo.add(1, ordering: .relaxed) } }

    /// One that is sometimes followed by another goes without a transaction only after it has been alone for a while: being wrong costs a round trip.
    func wasFollowed() { solo.store(-16, ordering: .relaxed) }

    // MARK: Whether it may share a connection

    /// For so many uses it goes alone after it was a burden to others.
    private static let apartMax = 1024
    private static let shareMax = 1000
    private static let sharedBytesMax = 8 << 10

    var mayShare: Bool { apart.load(ordering: .relaxed) <= 0 && bytes <= Self.sharedBytesMax }

    /// What it was with took too long, and nobody knows whose fault it was: who is quick when alone may soon come back.
    func heldUp() { apart.store(Self.apartMax, ordering: .relaxed) }

    /// Those behind it have to be asked for again.
    func failed() { apart.store(Self.apartMax / 16, ordering: .relaxed) }

    /// Microseconds of a shared connection's time that it usually takes; those with which it went count alike.
    var time: Int { share.load(ordering: .relaxed) }

    func wasShared(time sample: Int) {
        let usual = time + (sample - time) / 8
        if usual > Self.shareMax { heldUp() }
        share.store(usual > Self.shareMax ? 0 : usual, ordering: .relaxed)
    }

    func wentAlone(quickly: Bool) { if !mayShare { apart.subtract(quickly ? Self.apartMax / 16 : 1, ordering: .relaxed) } }

    // MARK: How large its answers are

    /// Of its last answer, in memory.
    var bytes: Int { size.load(ordering: .relaxed) }

    func answered(bytes count: Int) {
        // Nearly always the same: nobody has to be told.
        let rounded = (count + 1023) & ~1023
        if bytes != rounded { size.store(rounded, ordering: .relaxed) }
    }
}
