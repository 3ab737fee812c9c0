/// Bytes as text that notices a slip of the pen (BIP 173, without its limit on the length).
enum Bech32 {
    private static let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
    private static let checkDigits = 6

    /// Lower case.
    static func text(_ bytes: [UInt8], prefix: String) -> String {
        let digits = regroup(bytes, from: 8, to: 5, padded: true) ?? []
        var sum = polynomial(spread(prefix) + digits + [UInt8](repeating: 0, count: checkDigits)) ^ 1
        var check = [UInt8](repeating: 0, count: checkDigits)
        for index in check.indices.reversed() {
            check[index] = UInt8(sum & 31)
            sum >>= 5
        }
        return prefix + "1" + String(decoding: (digits + check).map { alphabet[Int($0)] }, as: UTF8.self)
    }

    /// Nil for what isn't of this form, or has another prefix. All in upper case is read as well.
    static func bytes(_ text: String, prefix: String) -> [UInt8]? {
        let lower = text.lowercased()
        guard text == lower || text == text.uppercased(), lower.hasPrefix(prefix + "1") else { return nil }
        var digits: [UInt8] = []
        for byte in lower.utf8.dropFirst(prefix.utf8.count + 1) {
            guard let digit = alphabet.firstIndex(of: byte) else { return nil }
            digits.append(UInt8(digit))
        }
        guard digits.count >= checkDigits, polynomial(spread(prefix) + digits) == 1 else { return nil }
        return regroup(Array(digits.dropLast(checkDigits)), from: 5, to: 8, padded: false)
    }

    private static func spread(_ prefix: String) -> [UInt8] { prefix.utf8.map { $0 >> 5 } + [0] + prefix.utf8.map { $0 & 31 } }

    private static func polynomial(_ digits: [UInt8]) -> UInt32 {
        let generator: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
        var sum: UInt32 = 1
        for digit in digits {
            let top = sum >> 25
            sum = (sum & 0x1ff_ffff) << 5 ^ UInt32(digit)
            for (bit, value) in generator.enumerated() where top >> UInt32(bit) & 1 == 1 { sum ^= value }
        }
        return sum
    }

    private static func regroup(_ values: [UInt8], from: Int, to: Int, padded: Bool) -> [UInt8]? {
        var (held, bits) = (UInt32(0), 0)
        var result: [UInt8] = []
        for value in values {
            held = held << UInt32(from) | UInt32(value)
            bits += from
            while bits >= to {
                bits -= to
                result.append(UInt8(held >> UInt32(bits) & ((1 << UInt32(to)) - 1)))
            }
            held &= (1 << UInt32(bits)) - 1
        }
        if padded {
            if bits > 0 { result.append(UInt8(held << UInt32(to - bits) & ((1 << UInt32(to)) - 1))) }
        } else if bits >= from || held != 0 {
            return nil
        }
        return result
    }
}
