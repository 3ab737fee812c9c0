import Dispatch
import Synchronization
import Vocabulary

/// Waits for servers happen here. A queue of its own: one that stands still must keep nothing else from running.
private let waiting = DispatchQueue(label: "cluster.turns", attributes: .concurrent)

extension Turns {
    /// ``take(_:)``, on a thread that may wait.
    package func taking(_ name: String) async throws -> (any Turn)? {
        try await withCheckedThrowingContinuation { continuation in
            waiting.async { continuation.resume(with: Result { try take(name) }) }
        }
    }

    /// Whether somebody has it now.
    package func isTaken(_ name: String) async throws -> Bool {
        guard let turn = try await taking(name) else { return true }
        await turn.givingBack()
        return false
    }
}

extension Turn {
    /// ``isHeld()``; false too where nobody answers within a second.
    package func holds() async -> Bool {
        let answer = Once()
        return await withCheckedContinuation { continuation in
            answer.await(continuation)
            waiting.async { answer.give(isHeld()) }
            waiting.asyncAfter(deadline: .now() + .seconds(1)) { answer.give(false) }
        }
    }

    package func givingBack() async {
        await withCheckedContinuation { continuation in
            waiting.async {
                giveBack()
                continuation.resume()
            }
        }
    }
}

/// Resumes a continuation by the first answer.
private final class Once: Sendable {
    private let continuation = Mutex<CheckedContinuation<Bool, Never>?>(nil)

    func await(_ continuation: CheckedContinuation<Bool, Never>) { self.continuation.withLock { $0 = continuation } }

    func give(_ answer: Bool) {
        let waiting = continuation.withLock { held in
            defer { held = nil }
            return held
        }
        waiting?.resume(returning: answer)
    }
}
