import Crypto
import Storage
import Vocabulary

/// A random token's SHA-256, in hexadecimal: the only thing of it that is stored.
///
/// No salt and no slow hash: the tokens have 256 random bits, nothing can be guessed.
package struct TokenDigest: Hashable, Sendable, ColumnValue {
    package let text: String

    package init(of token: String) { text = Hex.encode(SHA256.hash(data: Array(token.utf8))) }

    package var columnValue: Value { .text(text) }
    package init?(columnValue: Value) {
        guard case .text(let text) = columnValue else { return nil }
        self.text = text
    }
}

/// A bearer token as it goes to its owner: 43 characters of base64url, 256 random bits.
package struct Token: Sendable {
    package let secret: Secret
    package let digest: TokenDigest

    package init(entropy: some Entropy) {
        let text = Base64URL.encode(entropy.bytes(32))
        secret = Secret(text)
        digest = TokenDigest(of: text)
    }

    /// The text, for the one place that hands it out: a cookie, a link, a token response.
    package var text: String { secret.spelledOut }
}

extension Secret {
    /// The secret as text, for the one place that hands it to its owner. Never for logs.
    package var spelledOut: String { withBytes { String(decoding: $0, as: UTF8.self) } }
}

package enum Hex {
    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// RFC 4648 section 5, without padding.
package enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let values: [Int8] = {
        var values = [Int8](repeating: -1, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = Int8(value) }
        return values
    }()

    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        var window: UInt32 = 0
        var bits = 0
        for byte in bytes {
            window = window << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet[Int(window >> UInt32(bits) & 63)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(window << UInt32(6 - bits) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil for anything but the one canonical spelling of some bytes.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count * 3 / 4)
        var window: UInt32 = 0
        var bits = 0
        for character in text.utf8 {
            let value = values[Int(character)]
            guard value >= 0 else { return nil }
            window = window << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: window >> UInt32(bits)))
            }
        }
        guard bits < 6, window & ((1 << UInt32(bits)) - 1) == 0 else { return nil }
        return bytes
    }
}
