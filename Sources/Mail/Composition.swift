import Foundation
import Vocabulary

/// A message as it goes over the wire (RFC 5322): ASCII lines that end with CRLF and have at most 76 characters.
enum Composition {
    static func bytes(_ posting: Posting, from sender: Sender) -> [UInt8] {
        let message = posting.message
        let headers = [
            "Date: \(date(posting.at))",
            "From: \(sender.header)",
            "To: <\(message.to)>",
            "Subject: \(unstructured(message.subject, after: "Subject: ".utf8.count))",
            "Message-ID: <\(posting.messageID)>",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
            // RFC 3834: keeps vacation notices from answering.
            "Auto-Submitted: auto-generated",
        ]
        return Array(headers.joined(separator: "\r\n").utf8) + Array("\r\n\r\n".utf8) + quotedPrintable(message.text)
    }

    /// RFC 5322, 3.3, in UTC.
    static func date(_ instant: Instant) -> String {
        let days = Int64((Double(instant.seconds) / 86_400).rounded(.down))
        let second = Int(instant.seconds - days * 86_400)
        let names = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        // Civil date from days since 1970 (Howard Hinnant).
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let weekday = names[Int(((days % 7) + 7) % 7)]
        return
            "\(weekday), \(two(Int(day))) \(months[Int(month) - 1]) \(year) \(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60)) +0000"
    }

    /// RFC 2047 encoded words where the text is not short printable ASCII, each at most 75 characters and whole characters of UTF-8.
    static func unstructured(_ text: String, after used: Int = 0) -> String {
        let isPlain = text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !text.contains("=?")
        return isPlain && used + text.utf8.count <= 76 ? text : encodedWords(text)
    }

    static func encodedWords(_ text: String) -> String {
        var words: [String] = []
        var chunk: [UInt8] = []
        for character in text.unicodeScalars {
            let bytes = Array(String(character).utf8)
            if chunk.count + bytes.count > 42 {
                words.append("=?utf-8?B?\(Data(chunk).base64EncodedString())?=")
                chunk = []
            }
            chunk += bytes
        }
        words.append("=?utf-8?B?\(Data(chunk).base64EncodedString())?=")
        return words.joined(separator: "\r\n ")
    }

    /// RFC 2045, 6.7. Dots at the start of a line are encoded, so that no relay can mistake them.
    static func quotedPrintable(_ text: String) -> [UInt8] {
        let hex = Array("0123456789ABCDEF".utf8)
        let source = Array(text.utf8)
        var output: [UInt8] = []
        output.reserveCapacity(source.count + source.count / 8)
        var column = 0
        var index = 0
        while index < source.count {
            let byte = source[index]
            let next = index + 1 < source.count ? source[index + 1] : UInt8(ascii: "\n")
            index += 1
            if byte == UInt8(ascii: "\r"), next == UInt8(ascii: "\n") { continue }
            if byte == UInt8(ascii: "\n") {
                output += [13, 10]
                column = 0
                continue
            }
            let isBeforeBreak = next == UInt8(ascii: "\n") || next == UInt8(ascii: "\r")
            let isLiteral =
                switch byte {
                case UInt8(ascii: "="): false
                case UInt8(ascii: "."): column > 0
                case 33...126: true
                case UInt8(ascii: " "), UInt8(ascii: "\t"): !isBeforeBreak
                default: false
                }
            let width = isLiteral ? 1 : 3
            if column + width > 75 {
                output += [UInt8(ascii: "="), 13, 10]
                column = 0
                // What was literal inside a line may now stand at its start.
                if byte == UInt8(ascii: ".") {
                    output += [UInt8(ascii: "="), hex[2], hex[14]]
                    column = 3
                    continue
                }
            }
            if isLiteral { output.append(byte) } else { output += [UInt8(ascii: "="), hex[Int(byte >> 4)], hex[Int(byte & 15)]] }
            column += width
        }
        if column > 0 { output += [13, 10] }
        return output
    }
}

/// Who the platform's mail is from.
package struct Sender: Sendable, Hashable {
    package let address: MailAddress
    package let name: String?

    /// - Throws: ``Refusal`` `mail-address`, `mail-sender`.
    package init(_ address: String, name: String? = nil) throws(Refusal) {
        self.address = try MailAddress(address)
        if let name {
            guard let name = Text.name(name, limit: 60) else {
                throw .invalid("mail-sender", "A sender's name is one line of at most 60 characters.")
            }
            self.name = name
        } else {
            self.name = nil
        }
    }

    var domain: String { address.description.split(separator: "@").last.map(String.init) ?? "localhost" }

    var header: String {
        guard let name else { return "<\(address)>" }
        let isPlain = name.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x20 || $0 == 0x2D
        }
        return (isPlain ? "\"\(name)\"" : Composition.encodedWords(name)) + " <\(address)>"
    }
}
