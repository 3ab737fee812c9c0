import Crypto
import Foundation
import Vocabulary

/// Where a sealed value belongs. It can be opened only with the same context, so a value moved to another environment,
/// object or version is refused.
package struct SealingContext: Sendable, Hashable {
    package let owner: KeyOwner
    /// Names the thing and the field, such as `totp/<account id>`.
    package let object: String
    package let version: Int

    package init(_ owner: KeyOwner, object: String, version: Int = 1) {
        self.owner = owner
        self.object = object
        self.version = version
    }

    /// Each part after its length, so that no two contexts read the same.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for part in [owner.description, object, String(version)] {
            withUnsafeBytes(of: UInt32(clamping: part.utf8.count).bigEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: part.utf8)
        }
        return bytes
    }
}

/// Seals small values with AES-256-GCM.
///
/// Form: format (1), key version (1), nonce (12, random), ciphertext, tag (16); so ``overhead`` bytes more than the plaintext.
/// Random nonces hold for 2³² values per key (NIST SP 800-38D, 8.3), far more than one environment seals.
package struct Sealer: Sendable {
    package static let overhead = 30
    private static let format: UInt8 = 1

    private let key: Secret
    private let keyVersion: UInt8
    private let entropy: any Entropy

    /// `key` has 32 bytes and comes from ``Keyring/subkey(for:purpose:)``.
    package init(key: Secret, keyVersion: UInt8 = 1, entropy: any Entropy = SystemEntropy()) {
        self.key = key
        self.keyVersion = keyVersion
        self.entropy = entropy
    }

    package func seal(_ plaintext: Secret, context: SealingContext) throws -> [UInt8] {
        let header = [Self.format, keyVersion]
        do {
            let nonce = try AES.GCM.Nonce(data: entropy.bytes(12))
            let box = try key.withBytes { key in
                try plaintext.withBytes { plaintext in
                    try AES.GCM.seal(plaintext, using: SymmetricKey(data: key), nonce: nonce, authenticating: header + context.bytes)
                }
            }
            return header + Array(nonce) + Array(box.ciphertext) + Array(box.tag)
        } catch {
            throw SealingFault.notAuthentic
        }
    }

    /// - Throws: ``SealingFault`` `.notAuthentic` for whatever was not sealed with this key and context.
    package func open(_ sealed: [UInt8], context: SealingContext) throws -> Secret {
        guard sealed.count >= Self.overhead, sealed[0] == Self.format, sealed[1] == keyVersion else { throw SealingFault.notAuthentic }
        do {
            let box = try AES.GCM.SealedBox(combined: sealed[2...])
            var opened = try key.withBytes { key in
                try AES.GCM.open(box, using: SymmetricKey(data: key), authenticating: Array(sealed[..<2]) + context.bytes)
            }
            defer { opened.resetBytes(in: opened.startIndex..<opened.endIndex) }
            return Secret(opened)
        } catch {
            throw SealingFault.notAuthentic
        }
    }
}
