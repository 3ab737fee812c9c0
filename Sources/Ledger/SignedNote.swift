#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Text with signature lines below it (C2SP signed-note).
///
/// Reading checks the form, not the signatures: ``verified(by:)`` does that.
package struct SignedNote: Hashable, Sendable {
    package struct Signature: Hashable, Sendable {
        package let name: String
        /// First four bytes: the key's hash. Then the signature proper.
        package let bytes: [UInt8]

        package init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }
    }

    /// Why a text is no note, or not one to believe.
    package enum Refusal: Error, Equatable {
        case tooLong
        case malformed(String)
        /// None of the known keys signed it.
        case unsigned
        /// A line claims to be of a known key and is not.
        case forged(name: String)
    }

    static let longest = 1_000_000
    static let signaturesAtMost = 16

    /// Ends with a newline.
    package let text: String
    package let signatures: [Signature]

    package init(text: String, signatures: [Signature]) {
        self.text = text
        self.signatures = signatures
    }

    package init(parsing note: String) throws(Refusal) {
        guard note.utf8.count <= Self.longest else { throw .tooLong }
        guard !note.utf8.contains(where: { $0 < 0x20 && $0 != 0x0A || $0 == 0x7F }) else { throw .malformed("control character") }
        let bytes = Array(note.utf8)
        guard bytes.last == 0x0A else { throw .malformed("no newline at the end") }
        guard let blank = bytes.indices.dropFirst().last(where: { bytes[$0] == 0x0A && bytes[$0 - 1] == 0x0A }) else {
            throw .malformed("no blank line before the signatures")
        }
        text = String(decoding: bytes[..<blank], as: UTF8.self)
        guard text.utf8.count > 1 else { throw .malformed("no text") }
        var signatures: [Signature] = []
        for line in bytes[(blank + 1)...].dropLast().split(separator: 0x0A, omittingEmptySubsequences: false) {
            guard signatures.count < Self.signaturesAtMost else { throw .malformed("too many signatures") }
            signatures.append(try Self.signature(String(decoding: line, as: UTF8.self)))
        }
        guard !signatures.isEmpty else { throw .malformed("no signature") }
        self.signatures = signatures
    }

    private static func signature(_ line: String) throws(Refusal) -> Signature {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[0] == "\u{2014}", NoteKey.isName(parts[1]) else { throw .malformed("signature line") }
        guard let bytes = Base64.bytes(parts[2]), bytes.count > 4 else { throw .malformed("signature's base64") }
        return Signature(name: parts[1], bytes: bytes)
    }

    /// The whole note as it is stored and sent.
    package var description: String {
        text + "\n" + signatures.map { "\u{2014} \($0.name) \(Base64.text($0.bytes))\n" }.joined()
    }

    /// Returns the keys that signed. Lines of unknown keys are passed over, as the format asks.
    /// - Throws: ``Refusal`` `.forged` if a known key's line does not verify, `.unsigned` if no known key signed.
    @discardableResult
    package func verified(by keys: [NoteKey]) throws(Refusal) -> [NoteKey] {
        var signers: [NoteKey] = []
        for signature in signatures {
            guard let key = keys.first(where: { $0.name == signature.name && signature.bytes.starts(with: $0.hash) }) else { continue }
            guard key.verifies(Array(signature.bytes.dropFirst(4)), of: text) else { throw .forged(name: key.name) }
            if !signers.contains(key) { signers.append(key) }
        }
        guard !signers.isEmpty else { throw .unsigned }
        return signers
    }
}

/// Standard base64 with padding, one spelling for each value.
enum Base64 {
    static func text(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    static func bytes(_ text: String) -> [UInt8]? {
        guard let data = Data(base64Encoded: text), data.base64EncodedString() == text else { return nil }
        return Array(data)
    }
}
