import Synchronization
import Vocabulary

/// What a crowd of people who sign in at once has to put up with, so that others notice as little of it as possible.
package struct Crowding: Sendable {
    /// How many sign-ins are let in at once.
    package var inside: Int
    /// How many more may wait, and how many may be held back.
    package var room: Int
    /// For how long somebody waits.
    package var patience: Duration
    /// How long who tried too often is held back before hearing so.
    package var pause: Duration

    package init(inside: Int = 64, room: Int = 10_000, patience: Duration = .seconds(4), pause: Duration = .seconds(2)) {
        (self.inside, self.room, self.patience, self.pause) = (inside, room, patience, pause)
    }
}

/// Lets in as many sign-ins at once as there are places, and more of them as places become free: first come, first served.
///
/// Who finds no room to wait, or waited too long, is turned away before anything is looked up or written, so that a flood of them leaves the
/// rest of the server its time. They are counted, and the log says how many. Waiting also slows down who asks again with each answer.
final class Crowd: Sendable {
    private struct Waiting {
        let since: ContinuousClock.Instant
        let continuation: CheckedContinuation<Bool, Never>
    }

    private struct State {
        var inside = 0
        var heldBack = 0
        var turnedAway = 0
        var waiting: [Waiting] = []
        /// Somebody sees to it that nobody waits for too long.
        var isWatched = false
    }

    private let state = Mutex(State())
    private let rules: Crowding

    init(_ rules: Crowding) { self.rules = rules }

    /// Whether so many come that answers have to be cheap.
    var isDense: Bool { state.withLock { !$0.waiting.isEmpty || $0.heldBack > rules.inside } }

    var inside: Int { state.withLock { $0.inside } }
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Whoever enters must ``leave()``.
    /// - Throws: ``Refusal`` `busy`
    func enter() async throws(Refusal) {
        let isLet = await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
            let (answer, mustWatch): (Bool?, Bool) = state.withLock { state in
                if state.inside < rules.inside {
                    state.inside += 1
                    return (true, false)
                }
                guard rules.patience > .zero, state.waiting.count < rules.room else {
                    state.turnedAway += 1
                    return (false, false)
                }
                state.waiting.append(Waiting(since: .now, continuation: continuation))
                defer { state.isWatched = true }
                return (nil, !state.isWatched)
            }
            if let answer { continuation.resume(returning: answer) }
            if mustWatch { Task { await watch() } }
        }
        guard isLet else { throw Self.refusal }
    }

    /// The place goes to who waits longest, if anybody does.
    func leave() {
        let next: Waiting? = state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.inside -= 1
            return nil
        }
        next?.continuation.resume(returning: true)
    }

    /// Lets somebody wait who is refused anyway: tools that guess ask again as soon as they hear. Takes no place.
    func holdBack() async {
        let isHeld = state.withLock { state in
            guard rules.pause > .zero, state.heldBack < rules.room else { return false }
            state.heldBack += 1
            return true
        }
        guard isHeld else { return }
        // Who goes away meanwhile has waited long enough.
        try? await Task.sleep(for: rules.pause)
        state.withLock { $0.heldBack -= 1 }
    }

    private func watch() async {
        while let first = state.withLock({ $0.waiting.first?.since }) ?? endWatch() {
            // Nobody cancels this.
            try? await Task.sleep(until: first + rules.patience, clock: .continuous)
            let late = state.withLock { state in
                let border = ContinuousClock.now - rules.patience
                let count = state.waiting.firstIndex { $0.since > border } ?? state.waiting.count
                defer { state.waiting.removeFirst(count) }
                state.turnedAway += count
                return state.waiting.prefix(count).map(\.continuation)
            }
            for continuation in late { continuation.resume(returning: false) }
        }
    }

    /// Nil where nobody waits; somebody who began to since is watched on.
    private func endWatch() -> ContinuousClock.Instant? {
        state.withLock { state in
            state.isWatched = !state.waiting.isEmpty
            return state.waiting.first?.since
        }
    }

    /// How many were turned away since somebody asked last.
    func takeTurnedAway() -> Int {
        state.withLock { state in
            defer { state.turnedAway = 0 }
            return state.turnedAway
        }
    }

    /// They could not be put down after all.
    func giveBack(_ count: Int) { state.withLock { $0.turnedAway += count } }

    static let refusal = Refusal(
        .unavailable(retryAfter: .seconds(2)), "busy", "Too many people are signing in at this moment. Try again in a few seconds.")
}
