import Vocabulary

/// The pieces of JSON text, for writers that build documents without building values first.
package enum JSONText {
    package static func write(_ text: String, to bytes: inout [UInt8]) {
        var text = text
        text.withUTF8 { write(utf8: $0, to: &bytes) }
    }

    /// `utf8` must be valid UTF-8.
    package static func write(utf8: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var start = 0
        for index in 0..<utf8.count {
            let byte = utf8[index]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<index]))
            start = index + 1
            escape(byte, to: &bytes)
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start...]))
        bytes.append(UInt8(ascii: "\""))
    }

    package static func write(_ value: Int64, to bytes: inout [UInt8]) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var magnitude = value.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude % 10))
            magnitude /= 10
        } while magnitude > 0
        bytes[start...].reverse()
    }

    private static func escape(_ byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\n"): bytes.append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): bytes.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): bytes.append(UInt8(ascii: "t"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        default:
            bytes.append(contentsOf: "u00".utf8)
            for nibble in [byte >> 4, byte & 0xF] {
                bytes.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
            }
        }
    }
}

extension Record {
    /// The record as the API gives it, with the stored body copied in as it is.
    ///
    /// `{"id": …, "version": …, "created_at": …, "created_by": …, "updated_at": …, "updated_by": …, "values": {…}}`, and `deleted_at` if it is.
    package func write(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: #"{"id":""#.utf8)
        bytes.append(contentsOf: id.description.utf8)
        bytes.append(contentsOf: #"","version":"#.utf8)
        JSONText.write(Int64(version), to: &bytes)
        let (at, by) = (createdAt.description, createdBy.text)
        member(#","created_at":"#, at, to: &bytes)
        member(#","created_by":"#, by, to: &bytes)
        member(#","updated_at":"#, updatedAt == createdAt ? at : updatedAt.description, to: &bytes)
        member(#","updated_by":"#, updatedBy == createdBy ? by : updatedBy.text, to: &bytes)
        if let deletedAt { member(#","deleted_at":"#, deletedAt.description, to: &bytes) }
        bytes.append(contentsOf: #","values":"#.utf8)
        bytes.append(contentsOf: body.utf8)
        bytes.append(UInt8(ascii: "}"))
    }

    private func member(_ name: StaticString, _ value: String, to bytes: inout [UInt8]) {
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        JSONText.write(value, to: &bytes)
    }
}
