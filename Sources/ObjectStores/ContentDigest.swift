import Crypto

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The SHA-256 of an object's bytes.
package struct ContentDigest: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    /// Nil unless exactly 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == SHA256.byteCount else { return nil }
        self.bytes = bytes
    }

    package init(of content: [UInt8]) { self.init(SHA256.hash(data: content)) }

    init(_ digest: SHA256.Digest) { bytes = Array(digest) }

    /// 64 lower-case hexadecimal digits.
    package var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    var base64: String { Data(bytes).base64EncodedString() }

    /// Where content of this digest lies: two digits, then the rest, so that no folder gets more than 256 folders.
    package var key: ObjectKey {
        let text = description
        return ObjectKey(unchecked: "\(text.prefix(2))/\(text.dropFirst(2))")
    }
}
