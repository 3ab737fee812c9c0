import Foundation
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// Takes lines from any thread and writes them to a descriptor from one thread of its own, so that a slow reader of the
/// log never stops a request. Holds at most `capacity` bytes; lines beyond are counted and said so.
package final class LogSink: Sendable {
    private struct Waiting {
        var bytes: [UInt8] = []
        var dropped = 0
        var isWriting = false
    }

    /// Lines of a busy moment go out together: waking the writer for each costs more than the line.
    private static let gathering = DispatchTimeInterval.milliseconds(20)

    private let descriptor: Int32
    private let capacity: Int
    private let waiting = Mutex(Waiting())
    private let queue = DispatchQueue(label: "log")

    /// Writes to standard error unless told otherwise.
    package init(descriptor: Int32 = STDERR_FILENO, capacity: Int = 1 << 20) {
        self.descriptor = descriptor
        self.capacity = capacity
    }

    /// `now` waits until the line is out: for what is said shortly before the process may end.
    func write(_ line: [UInt8], now: Bool) {
        let starts = waiting.withLock { waiting in
            guard waiting.bytes.count + line.count <= capacity else {
                waiting.dropped += 1
                return false
            }
            waiting.bytes.append(contentsOf: line)
            defer { waiting.isWriting = true }
            return !waiting.isWriting
        }
        if now { queue.sync { drain() } } else if starts { queue.asyncAfter(deadline: .now() + Self.gathering) { self.drain() } }
    }

    /// Waits until everything so far is out.
    package func flush() { queue.sync { drain() } }

    private func drain() {
        while true {
            let batch: [UInt8]? = waiting.withLock { waiting in
                if waiting.bytes.isEmpty, waiting.dropped == 0 {
                    waiting.isWriting = false
                    return nil
                }
                var bytes: [UInt8] = []
                swap(&bytes, &waiting.bytes)
                if waiting.dropped > 0 {
                    let line = #"{"level":"warning","component":"log","message":"lines dropped","count":"# + "\(waiting.dropped)}\n"
                    bytes.append(contentsOf: line.utf8)
                    waiting.dropped = 0
                }
                return bytes
            }
            guard let batch else { return }
            batch.withUnsafeBytes { buffer in
                var rest = buffer
                while !rest.isEmpty {
                    let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
                    if written < 0 {
                        if errno == EINTR { continue }
                        return
                    }
                    rest = UnsafeRawBufferPointer(rebasing: rest[written...])
                }
            }
        }
    }
}
