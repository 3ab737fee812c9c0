import Crypto
import Vocabulary

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The public half of a key that signs notes: Ed25519 (C2SP signed-note, algorithm 1).
package struct NoteKey: Hashable, Sendable {
    package let name: String
    /// The raw Ed25519 public key.
    package let publicKey: [UInt8]
    /// First four bytes of `SHA-256(name || 0x0A || 0x01 || public key)`.
    package let hash: [UInt8]

    /// Nil where the name is unfit (see ``isName(_:)``) or the key is not one of Ed25519.
    package init?(name: String, publicKey: [UInt8]) {
        guard Self.isName(name), publicKey.count == 32, (try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)) != nil else {
            return nil
        }
        self.name = name
        self.publicKey = publicKey
        hash = Array(SHA256.hash(data: Array(name.utf8) + [0x0A, 0x01] + publicKey).prefix(4))
    }

    /// Reads the verifier key's text form, `name+hash+base64`.
    package init?(_ text: String) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let bytes = Base64.bytes(parts[2]), bytes.count == 33, bytes[0] == 1 else { return nil }
        self.init(name: parts[0], publicKey: Array(bytes.dropFirst()))
        guard Hexadecimal.text(hash) == parts[1] else { return nil }
    }

    /// A key's name is not empty and holds no white space, `+` or control character.
    package static func isName(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0 != "+" && $0.properties.generalCategory != .control }
    }

    func verifies(_ signature: [UInt8], of text: String) -> Bool {
        guard signature.count == 64, let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
        return key.isValidSignature(signature, for: Array(text.utf8))
    }
}

extension NoteKey: CustomStringConvertible {
    package var description: String { "\(name)+\(Hexadecimal.text(hash))+\(Base64.text([1] + publicKey))" }
}

/// The private half: signs notes under one name.
package struct NoteSigner: Sendable {
    package let key: NoteKey
    private let seed: Secret

    /// Nil where the name is unfit or the seed is not 32 bytes.
    package init?(name: String, seed: Secret) {
        guard let pair = Self.pair(seed), let key = NoteKey(name: name, publicKey: Array(pair.publicKey.rawRepresentation)) else {
            return nil
        }
        self.key = key
        self.seed = seed
    }

    /// Adds this key's signature to a text that ends with a newline.
    package func sign(_ text: String) throws -> SignedNote {
        guard let pair = Self.pair(seed) else { throw CryptoKitError.incorrectKeySize }
        let signature = try pair.signature(for: Array(text.utf8))
        return SignedNote(text: text, signatures: [.init(name: key.name, bytes: key.hash + Array(signature))])
    }

    private static func pair(_ seed: Secret) -> Curve25519.Signing.PrivateKey? {
        seed.withBytes { try? Curve25519.Signing.PrivateKey(rawRepresentation: $0) }
    }
}
