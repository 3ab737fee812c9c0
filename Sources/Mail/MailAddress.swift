import Vocabulary

/// Where mail goes: `local@domain`, without anything that could be read as more than one address or as another header.
package struct MailAddress: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// - Throws: ``Refusal`` `mail-address` for control characters, spaces, `<>`, quotes, commas, comments, more than one `@`, or no domain.
    package init(_ text: String) throws(Refusal) {
        guard let address = Text.identifier(text), address.unicodeScalars.allSatisfy(Self.isPlain), address.utf8.first != UInt8(ascii: "-")
        else {
            throw .invalid("mail-address", "This is not an e-mail address. Write it as name@example.com.", field: "address")
        }
        // The identifier's spelling folds case; what was typed is what the mail server gets, once it is known to be the same address.
        description = text.unicodeScalars.allSatisfy(Self.isPlain) && text.utf8.count == address.utf8.count ? text : address
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
