import Crypto

/// The SHA-256 of everything in a generation up to an entry: whoever kept one of them finds every change to what lies before it.
package struct ChainHash: Hashable, Sendable, CustomStringConvertible {
    package static let byteCount = SHA256.byteCount

    package let bytes: [UInt8]

    private init(_ digest: SHA256.Digest) { bytes = Array(digest) }

    /// Nil unless exactly 32 bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = Array(bytes)
    }

    /// Nil unless exactly 64 lower-case hexadecimal digits.
    package init?(_ text: some StringProtocol) {
        let digits = Array(text.utf8)
        guard digits.count == 2 * Self.byteCount else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Self.value(digits[index]), let low = Self.value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    /// Of `bytes` alone: what a generation begins with.
    static func of(_ bytes: UnsafeRawBufferPointer) -> ChainHash {
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        return ChainHash(hash.finalize())
    }

    func following(_ header: UnsafeRawBufferPointer, _ frames: UnsafeRawBufferPointer) -> ChainHash {
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        hash.update(bufferPointer: header)
        hash.update(bufferPointer: frames)
        return ChainHash(hash.finalize())
    }

    /// 64 lower-case hexadecimal digits.
    package var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
