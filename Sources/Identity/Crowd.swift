import Synchronization
import Vocabulary

/// How many sign-ins may be under way at once. Who comes on top is turned away before anything is looked up or written, so that a flood of
/// them leaves the rest of the server its time; they are counted, and the log says how many.
final class Crowd: Sendable {
    private let state = Mutex((inside: 0, turnedAway: 0))
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Whoever enters must ``leave()``.
    /// - Throws: ``Refusal`` `busy`
    func enter() throws(Refusal) {
        let isLet = state.withLock { state in
            guard state.inside < limit else {
                state.turnedAway += 1
                return false
            }
            state.inside += 1
            return true
        }
        guard isLet else {
            throw Refusal(
                .unavailable(retryAfter: .seconds(2)), "busy", "Too many people are signing in at this moment. Try again in a few seconds.")
        }
    }

    func leave() { state.withLock { $0.inside -= 1 } }

    /// How many were turned away since somebody asked last.
    func takeTurnedAway() -> Int {
        state.withLock { state in
            defer { state.turnedAway = 0 }
            return state.turnedAway
        }
    }

    /// They could not be put down after all.
    func giveBack(_ count: Int) { state.withLock { $0.turnedAway += count } }
}
