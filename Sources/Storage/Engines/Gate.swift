import Synchronization

/// Counts who is inside, and lets somebody wait until all have left.
package final class Gate: Sendable {
    private struct State {
        var inside = 0
        var refusal: StorageError?
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    package init() {}

    package func enter() throws {
        try state.withLock {
            if let refusal = $0.refusal { throw refusal }
            $0.inside += 1
        }
    }

    package func leave() {
        let waiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.inside -= 1
            guard state.inside == 0 else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// What newcomers are told; nil while it is open.
    package var refusal: StorageError? { state.withLock { $0.refusal } }

    /// Everybody who comes later gets `refusal`. False where the gate was closed before.
    @discardableResult
    package func close(_ refusal: StorageError) -> Bool {
        state.withLock {
            guard $0.refusal == nil else { return false }
            $0.refusal = refusal
            return true
        }
    }

    /// Returns when nobody is inside.
    package func drained() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock {
                if $0.inside > 0 { $0.waiting.append(continuation) }
                return $0.inside == 0
            }
            if isEmpty { continuation.resume() }
        }
    }
}
