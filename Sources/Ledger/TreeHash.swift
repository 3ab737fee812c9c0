import Crypto
import Vocabulary

/// A SHA-256 value in the tree: of a leaf, of two subtrees, or of the whole.
package struct TreeHash: Hashable, Sendable {
    package static let byteCount = 32

    /// Kept inline, so that a million of them are one allocation.
    private let words: SIMD4<UInt64>

    private init(words: SIMD4<UInt64>) { self.words = words }

    /// Nil unless exactly 32 bytes.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var words = SIMD4<UInt64>()
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
        self.words = words
    }

    package var bytes: [UInt8] { withBytes { Array($0) } }

    package func withBytes<T, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> T) throws(E) -> T {
        try Swift.withUnsafeBytes(of: words, body)
    }

    /// The hash of no leaves at all (RFC 9162 section 2.1.1).
    package static let empty = hash { _ in }

    /// RFC 9162 section 2.1.1: `SHA-256(0x00 || entry)`.
    package static func leaf(_ entry: UnsafeRawBufferPointer) -> TreeHash {
        hash { hasher in
            withUnsafeBytes(of: UInt8(0)) { hasher.update(bufferPointer: $0) }
            hasher.update(bufferPointer: entry)
        }
    }

    package static func leaf(_ entry: [UInt8]) -> TreeHash { entry.withUnsafeBytes { leaf($0) } }

    package static func leaf(_ entry: String) -> TreeHash {
        var entry = entry
        return entry.withUTF8 { leaf(UnsafeRawBufferPointer($0)) }
    }

    /// RFC 9162 section 2.1.1: `SHA-256(0x01 || left || right)`.
    package static func node(_ left: TreeHash, _ right: TreeHash) -> TreeHash {
        withUnsafeTemporaryAllocation(byteCount: 1 + 2 * byteCount, alignment: 8) { buffer in
            buffer[0] = 1
            buffer.baseAddress?.storeBytes(of: left.words, toByteOffset: 1, as: SIMD4<UInt64>.self)
            buffer.baseAddress?.storeBytes(of: right.words, toByteOffset: 1 + byteCount, as: SIMD4<UInt64>.self)
            return hash { $0.update(bufferPointer: UnsafeRawBufferPointer(buffer)) }
        }
    }

    private static func hash(_ feed: (inout SHA256) -> Void) -> TreeHash {
        var hasher = SHA256()
        feed(&hasher)
        return hasher.finalize().withUnsafeBytes { TreeHash(words: $0.loadUnaligned(as: SIMD4<UInt64>.self)) }
    }
}

extension TreeHash: CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    package var description: String { Hexadecimal.text(bytes) }
}
