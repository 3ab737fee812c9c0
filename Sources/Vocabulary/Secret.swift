#if canImport(Glibc)
import Glibc
#endif

/// Bytes that must not leak: prints as `•••`, compares in constant time, is zeroed when the last reference goes.
///
/// A class, so that copies share one buffer and there is one place to zero. The buffer is immutable.
package final class Secret: Sendable {
    private let buffer: SecretBuffer

    package var count: Int { buffer.count }

    package init(_ bytes: some Collection<UInt8>) {
        buffer = SecretBuffer(bytes)
    }

    package convenience init(_ text: String) { self.init(Array(text.utf8)) }

    /// Lends the bytes. Don't keep them.
    package func withBytes<T, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> T) throws(E) -> T {
        try body(UnsafeRawBufferPointer(buffer.pointer))
    }
}

extension Secret: Equatable {
    package static func == (left: Secret, right: Secret) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in 0..<left.count { difference |= left.buffer.pointer[index] ^ right.buffer.pointer[index] }
        return difference == 0
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "•••" }
    package var debugDescription: String { "•••" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Safe to share because nothing writes to it between `init` and `deinit`.
private final class SecretBuffer: @unchecked Sendable {
    let pointer: UnsafeMutableBufferPointer<UInt8>
    var count: Int { pointer.count }

    init(_ bytes: some Collection<UInt8>) {
        pointer = .allocate(capacity: bytes.count)
        _ = pointer.initialize(from: bytes)
    }

    deinit {
        if let base = pointer.baseAddress { explicit_bzero(base, pointer.count) }
        pointer.deallocate()
    }
}
