import Crypto
import Vocabulary

/// Time-based one-time passwords, RFC 6238: SHA-1, six digits, thirty seconds, one step of tolerance either way.
package enum TOTP {
    package static let period: Int64 = 30
    package static let digits = 6

    /// The code of one time step (RFC 4226 section 5.3).
    package static func code(secret: Secret, step: Int64) -> String {
        let counter = withUnsafeBytes(of: step.bigEndian) { Array($0) }
        let key = secret.withBytes { SymmetricKey(data: $0) }
        let hash = Array(HMAC<Insecure.SHA1>.authenticationCode(for: counter, using: key))
        let offset = Int(hash[19] & 0x0F)
        let number =
            UInt32(hash[offset] & 0x7F) << 24 | UInt32(hash[offset + 1]) << 16 | UInt32(hash[offset + 2]) << 8 | UInt32(hash[offset + 3])
        let text = String(number % 1_000_000)
        return String(repeating: "0", count: digits - text.count) + text
    }

    package static func step(at instant: Instant) -> Int64 {
        let seconds = instant.seconds
        return seconds >= 0 ? seconds / period : (seconds - period + 1) / period
    }

    /// The step that `code` belongs to, if it is right now, or was or will be one step away. Spaces are forgiven.
    ///
    /// The caller must use each step once only: a code that was seen over a shoulder is worth nothing.
    package static func step(matching code: String, secret: Secret, at instant: Instant) -> Int64? {
        let typed = Array(code.utf8.filter { $0 != UInt8(ascii: " ") })
        guard typed.count == digits, typed.allSatisfy({ (48...57).contains($0) }) else { return nil }
        let offered = Secret(typed)
        let now = step(at: instant)
        var found: Int64?
        for candidate in [now - 1, now, now + 1] where Secret(Self.code(secret: secret, step: candidate)) == offered { found = candidate }
        return found
    }

    /// What an authenticator application scans (Google's Key URI format).
    package static func uri(secret: Secret, account: String, issuer: String) -> String {
        "otpauth://totp/\(escape(issuer)):\(escape(account))?secret=\(Base32.encode(secret))&issuer=\(escape(issuer))&algorithm=SHA1&digits=6&period=30"
    }

    private static func escape(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                escaped += "%" + Hex.encode([byte]).uppercased()
            }
        }
        return escaped
    }
}

/// RFC 4648 section 6, without padding.
package enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    package static func encode(_ secret: Secret) -> String { secret.withBytes { encode($0) } }

    package static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        var window: UInt32 = 0
        var bits = 0
        for byte in bytes {
            window = window << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(window >> UInt32(bits) & 31)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(window << UInt32(5 - bits) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
