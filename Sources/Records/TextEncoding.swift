/// How the characters of an imported file are written.
package enum TextEncoding: String, Sendable, Hashable {
    case utf8 = "utf-8"
    case utf16LittleEndian = "utf-16le"
    case utf16BigEndian = "utf-16be"
    /// Windows-1252, which is what programs that say ISO 8859-1 mean (WHATWG Encoding, section 4.2).
    case latin1 = "latin-1"

    /// Looks at a byte order mark, then at zero bytes, then at whether the whole file is UTF-8.
    static func detect(_ sample: ArraySlice<UInt8>, isUTF8: Bool) -> (encoding: TextEncoding, markLength: Int) {
        if sample.starts(with: [0xEF, 0xBB, 0xBF]) { return (.utf8, 3) }
        if sample.starts(with: [0xFF, 0xFE]) { return (.utf16LittleEndian, 2) }
        if sample.starts(with: [0xFE, 0xFF]) { return (.utf16BigEndian, 2) }
        let head = sample.prefix(4096)
        var zeros = (even: 0, odd: 0)
        for (index, byte) in head.enumerated() where byte == 0 {
            if index % 2 == 0 { zeros.even += 1 } else { zeros.odd += 1 }
        }
        // Text in a Latin script has a zero in nearly every second byte.
        if zeros.odd * 4 > head.count, zeros.even * 8 < head.count { return (.utf16LittleEndian, 0) }
        if zeros.even * 4 > head.count, zeros.odd * 8 < head.count { return (.utf16BigEndian, 0) }
        return (isUTF8 ? .utf8 : .latin1, 0)
    }
}

/// Turns a stream of bytes into UTF-8, piece by piece. What can't be read becomes U+FFFD.
struct Transcoder {
    private let encoding: TextEncoding
    private var skip: Int
    private var odd: UInt8?
    private var high: UInt16?

    init(_ encoding: TextEncoding, markLength: Int) {
        self.encoding = encoding
        skip = markLength
    }

    mutating func utf8(_ bytes: [UInt8], isLast: Bool) -> [UInt8] {
        let content = bytes.dropFirst(skip)
        skip -= min(skip, bytes.count)
        switch encoding {
        case .utf8: return content.count == bytes.count ? bytes : Array(content)
        case .latin1: return Self.fromLatin1(content)
        case .utf16LittleEndian, .utf16BigEndian: return fromUTF16(content, isLast: isLast)
        }
    }

    private static func fromLatin1(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count + bytes.count / 8)
        for byte in bytes {
            if byte < 0x80 { output.append(byte) } else { append(byte < 0xA0 ? windows[Int(byte - 0x80)] : UInt32(byte), to: &output) }
        }
        return output
    }

    private mutating func fromUTF16(_ bytes: ArraySlice<UInt8>, isLast: Bool) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        for byte in bytes {
            guard let first = odd else {
                odd = byte
                continue
            }
            odd = nil
            let unit = encoding == .utf16LittleEndian ? UInt16(byte) << 8 | UInt16(first) : UInt16(first) << 8 | UInt16(byte)
            if let lead = high {
                high = nil
                if (0xDC00..<0xE000).contains(unit) {
                    Self.append(0x10000 + UInt32(lead - 0xD800) << 10 + UInt32(unit - 0xDC00), to: &output)
                    continue
                }
                Self.append(0xFFFD, to: &output)
            }
            if (0xD800..<0xDC00).contains(unit) { high = unit } else { Self.append(UInt32(unit), to: &output) }
        }
        if isLast, odd != nil || high != nil { Self.append(0xFFFD, to: &output) }
        return output
    }

    private static func append(_ code: UInt32, to output: inout [UInt8]) {
        output.append(contentsOf: String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
    }

    private static let windows: [UInt32] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F, 0x90,
        0x2018,
        0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
    ]
}

/// Tells whether a stream of bytes is UTF-8, without keeping it (RFC 3629).
struct UTF8Check {
    private(set) var isValid = true
    private var missing = 0
    private var low: UInt8 = 0x80
    private var high: UInt8 = 0xBF

    /// Ends in the middle of a character: not valid if nothing follows.
    var isComplete: Bool { missing == 0 }

    mutating func read(_ bytes: [UInt8]) {
        guard isValid else { return }
        bytes.withUnsafeBufferPointer { buffer in
            for byte in buffer {
                if missing == 0, byte < 0x80 { continue }
                step(byte)
                if !isValid { return }
            }
        }
    }

    private mutating func step(_ byte: UInt8) {
        if missing > 0 {
            guard low...high ~= byte else { return isValid = false }
            missing -= 1
            (low, high) = (0x80, 0xBF)
            return
        }
        switch byte {
        case 0xC2...0xDF: missing = 1
        case 0xE0...0xEF:
            missing = 2
            if byte == 0xE0 { low = 0xA0 }
            if byte == 0xED { high = 0x9F }
        case 0xF0...0xF4:
            missing = 3
            if byte == 0xF0 { low = 0x90 }
            if byte == 0xF4 { high = 0x8F }
        default: isValid = false
        }
    }
}
