import Glibc
import Storage

/// Rows as `COPY … FROM STDIN` reads them in its text format (PostgreSQL's documentation of COPY, "File Formats").
enum CopyText {
    /// - Throws: ``StorageError`` where a text has a NUL.
    static func of(_ rows: [[Value]]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for row in rows {
            for (index, value) in row.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: "\t")) }
                try append(value, to: &bytes)
            }
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    private static func append(_ value: Value, to bytes: inout [UInt8]) throws {
        switch value {
        case .null: bytes.append(contentsOf: #"\N"#.utf8)
        case .integer(let integer): bytes.append(contentsOf: "\(integer)".utf8)
        case .real(let real):
            let text = real.isNaN ? "NaN" : real.isInfinite ? (real < 0 ? "-Infinity" : "Infinity") : "\(real)"
            bytes.append(contentsOf: text.utf8)
        case .text(var text): try text.withUTF8 { try append($0, to: &bytes) }
        case .blob(let blob):
            bytes.append(contentsOf: #"\\x"#.utf8)
            for byte in blob {
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            }
        }
    }

    private static func append(_ text: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) throws {
        var start = 0
        for (index, byte) in text.enumerated() where byte < 0x20 || byte == UInt8(ascii: "\\") {
            let letter: UInt8
            switch byte {
            case 0: throw StorageError.failed("text with NUL")
            case UInt8(ascii: "\n"): letter = UInt8(ascii: "n")
            case UInt8(ascii: "\r"): letter = UInt8(ascii: "r")
            case UInt8(ascii: "\t"): letter = UInt8(ascii: "t")
            case UInt8(ascii: "\\"): letter = byte
            default: continue
            }
            bytes.append(contentsOf: text[start..<index])
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(letter)
            start = index + 1
        }
        bytes.append(contentsOf: text[start...])
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
