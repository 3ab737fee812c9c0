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

enum Hex {
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
