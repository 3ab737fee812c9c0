/// A time-ordered identifier (UUID version 7, RFC 9562 section 5.7) that knows what it names.
///
/// Text form: 36 lower-case characters with hyphens. `ID<Kinds.Account>` and `ID<Kinds.Record>`
/// are different types, so one can't be passed for the other.
package struct ID<Kind>: Hashable, Sendable, Comparable {
    private let high: UInt64
    private let low: UInt64

    /// A fresh identifier: 48 bits of milliseconds, then 74 random bits.
    package init(at instant: Instant, entropy: some Entropy) {
        let random = entropy.words()
        let milliseconds = UInt64(clamping: instant.microseconds / 1000) & 0xFFFF_FFFF_FFFF
        high = milliseconds << 16 | 0x7000 | (random.0 & 0x0FFF)
        low = 0x8000_0000_0000_0000 | (random.1 & 0x3FFF_FFFF_FFFF_FFFF)
    }

    /// Reads the text form; any case. Nil for everything that is not a UUID.
    package init?(_ text: String) {
        var text = text
        guard let words = text.withUTF8({ UUIDText.words($0) }) else { return nil }
        (high, low) = words
    }

    package init?(_ text: Substring) {
        var text = text
        guard let words = text.withUTF8({ UUIDText.words($0) }) else { return nil }
        (high, low) = words
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension ID: LosslessStringConvertible {
    package var description: String {
        let hex: StaticString = "0123456789abcdef"
        return String(unsafeUninitializedCapacity: 36) { buffer in
            var written = 0
            for nibble in 0..<32 {
                if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 {
                    buffer[written] = UInt8(ascii: "-")
                    written += 1
                }
                let word = nibble < 16 ? high : low
                let digit = Int(word >> UInt64(60 - 4 * (nibble & 15)) & 0xF)
                buffer[written] = hex.utf8Start[digit]
                written += 1
            }
            return written
        }
    }
}

extension ID: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let id = ID(text) else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not an identifier"))
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Not generic, so that it is compiled once and well: lists read thousands of identifiers.
private enum UUIDText {
    /// The 128 bits of 36 characters with hyphens in their places.
    static func words(_ text: UnsafeBufferPointer<UInt8>) -> (UInt64, UInt64)? {
        guard text.count == 36 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for (position, byte) in text.enumerated() {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            if digits < 16 { words.0 = words.0 << 4 | UInt64(digit) } else { words.1 = words.1 << 4 | UInt64(digit) }
            digits += 1
        }
        return words
    }
}
