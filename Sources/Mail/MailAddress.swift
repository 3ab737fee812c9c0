import Vocabulary

/// Where mail goes: `local@domain`, without anything that could be read as more than one address or as another header.
package struct MailAddress: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// - Throws: ``Refusal`` `mail-address` for control characters, spaces, `<>`, quotes, commas, comments, more than one `@`, or no domain.
    package init(_ text: String) throws(Refusal) {
        // Looked at before anything is trimmed or folded: what was typed is what the mail server gets.
        guard text.utf8.count <= 254, text.unicodeScalars.allSatisfy(Self.isPlain), text.utf8.first != UInt8(ascii: "-"),
            Text.identifier(text) != nil
        else {
            throw .invalid("mail-address", "This is not an e-mail address. Write it as name@example.com.", field: "address")
        }
        description = text
    }

    package var isASCII: Bool { description.utf8.allSatisfy { $0 < 0x80 } }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "@", ".", "-", "_", "+", "!", "#", "$", "%", "&", "'", "*", "/", "=", "?", "^", "`", "{", "|",
            "}", "~":
            true
        default:
            scalar.value >= 0x80 && !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
                && scalar.properties.generalCategory != .format
        }
    }
}
