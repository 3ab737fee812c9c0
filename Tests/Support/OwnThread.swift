import Foundation
import Synchronization

/// Blocking work on a thread of its own. On two cores the tasks of all tests share two threads: two that block, each until another task does something,
/// keep everything from going on for ever.
package final class OwnThread<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiting: [UnsafeContinuation<Value, Never>] = []
    }

    private let state = Mutex(State())

    package init(_ work: @escaping @Sendable () -> Value) {
        Thread.detachNewThread { [self] in
            let value = work()
            let waiting = state.withLock { state in
                defer { state.waiting = [] }
                state.value = value
                return state.waiting
            }
            for continuation in waiting { continuation.resume(returning: value) }
        }
    }

    /// What came of it, when it is done.
    package var value: Value {
        get async {
            await withUnsafeContinuation { continuation in
                let value = state.withLock { state in
                    if state.value == nil { state.waiting.append(continuation) }
                    return state.value
                }
                if let value { continuation.resume(returning: value) }
            }
        }
    }
}
