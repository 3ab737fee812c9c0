import Crypto
import Foundation
import Vocabulary

/// The file's key, locked for one recipient.
package struct AgeStanza: Sendable, Hashable {
    package let arguments: [String]
    package let body: [UInt8]

    /// Characters in a line of a body; a shorter line ends it.
    private static let column = 64

    var lines: String {
        var text = "-> \(arguments.joined(separator: " "))\n"
        var rest = Substring(Self.text(body))
        while rest.utf8.count >= Self.column {
            text += rest.prefix(Self.column) + "\n"
            rest = rest.dropFirst(Self.column)
        }
        return text + rest + "\n"
    }

    /// Takes a stanza off the lines of a header.
    init(_ lines: inout ArraySlice<String>) throws {
        guard let first = lines.popFirst(), first.hasPrefix("-> ") else { throw AgeFault.malformed }
        arguments = first.dropFirst(3).split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard arguments.allSatisfy({ word in !word.isEmpty && word.utf8.allSatisfy { (33...126).contains($0) } }) else {
            throw AgeFault.malformed
        }
        var text = ""
        while let line = lines.popFirst() {
            guard line.utf8.count <= Self.column else { throw AgeFault.malformed }
            text += line
            if line.utf8.count < Self.column { break }
        }
        guard let body = Self.bytes(text) else { throw AgeFault.malformed }
        self.body = body
    }

    init(arguments: [String], body: [UInt8]) { (self.arguments, self.body) = (arguments, body) }

    /// Base64 without padding (RFC 4648, section 4).
    static func text(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString().filter { $0 != "=" } }

    /// Only in the one form that ``text(_:)`` makes.
    static func bytes(_ text: String) -> [UInt8]? {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard !text.contains("="), let data = Data(base64Encoded: text + padding), Self.text(Array(data)) == text else { return nil }
        return Array(data)
    }

    /// The nonce may be fixed: each key wraps once.
    static func wrap(_ fileKey: Secret, with key: SymmetricKey) throws -> [UInt8] {
        let box = try fileKey.withBytes { try ChaChaPoly.seal($0, using: key, nonce: .init(data: [UInt8](repeating: 0, count: 12))) }
        return Array(box.ciphertext) + Array(box.tag)
    }

    static func unwrap(_ body: [UInt8], with key: SymmetricKey) -> Secret? {
        guard body.count == 32, let box = try? ChaChaPoly.SealedBox(combined: [UInt8](repeating: 0, count: 12) + body),
            let opened = try? ChaChaPoly.open(box, using: key)
        else { return nil }
        return Secret(opened)
    }
}
