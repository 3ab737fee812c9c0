import Crypto
import CSodium
import Foundation
import Vocabulary

/// Who may open a file: locks the file's key in a stanza of its own.
package protocol AgeLock: Sendable {
    func lock(_ fileKey: Secret, entropy: any Entropy) throws -> AgeStanza
}

/// What opens a file: finds its stanza among a header's.
package protocol AgeOpener: Sendable {
    /// Nil where none of `stanzas` is for it.
    func fileKey(from stanzas: [AgeStanza]) throws -> Secret?
}

/// The public half of a key: `age1…`.
package struct AgeRecipient: AgeLock, Hashable, LosslessStringConvertible {
    let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    package init?(_ text: String) {
        guard let bytes = Bech32.bytes(text, prefix: "age"), bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    package var description: String { Bech32.text(bytes, prefix: "age") }

    package func lock(_ fileKey: Secret, entropy: any Entropy) throws -> AgeStanza {
        let passing = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: entropy.bytes(32))
        let recipient = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: bytes)
        let share = Array(passing.publicKey.rawRepresentation)
        let key = AgeIdentity.wrapKey(try passing.sharedSecretFromKeyAgreement(with: recipient), share: share, recipient: bytes)
        return AgeStanza(arguments: ["X25519", AgeStanza.text(share)], body: try AgeStanza.wrap(fileKey, with: key))
    }
}

/// The secret half of a key: `AGE-SECRET-KEY-1…`.
package struct AgeIdentity: AgeOpener {
    package let secret: Secret
    package let recipient: AgeRecipient

    /// - Parameter secret: 32 bytes.
    package init(secret: Secret) throws {
        do {
            let key = try secret.withBytes { try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: $0) }
            recipient = AgeRecipient(bytes: Array(key.publicKey.rawRepresentation))
        } catch {
            throw AgeFault.identity
        }
        self.secret = secret
    }

    /// The first identity in a file as `age-keygen` writes it: lines that begin with # are comments.
    package init(file: String) throws {
        let lines = file.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
        guard let line = lines.first(where: { !$0.isEmpty && !$0.hasPrefix("#") }), line.hasPrefix("AGE-SECRET-KEY-1"),
            let bytes = Bech32.bytes(line, prefix: "age-secret-key-"), bytes.count == 32
        else { throw AgeFault.identity }
        try self.init(secret: Secret(bytes))
    }

    package func fileKey(from stanzas: [AgeStanza]) throws -> Secret? {
        let own = try secret.withBytes { try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: $0) }
        for stanza in stanzas where stanza.arguments.first == "X25519" {
            guard stanza.arguments.count == 2, let share = AgeStanza.bytes(stanza.arguments[1]), share.count == 32, stanza.body.count == 32
            else { throw AgeFault.malformed }
            // Refuses a share of low order, which would make the secret known to everybody.
            guard let other = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: share),
                let shared = try? own.sharedSecretFromKeyAgreement(with: other)
            else { throw AgeFault.malformed }
            if let key = AgeStanza.unwrap(stanza.body, with: Self.wrapKey(shared, share: share, recipient: recipient.bytes)) { return key }
        }
        return nil
    }

    static func wrapKey(_ shared: SharedSecret, share: [UInt8], recipient: [UInt8]) -> SymmetricKey {
        shared.hkdfDerivedSymmetricKey(
            using: SHA256.self, salt: share + recipient, sharedInfo: Array("age-encryption.org/v1/X25519".utf8), outputByteCount: 32)
    }
}

/// A passphrase, stretched by scrypt. It is the only one that a file can be sealed to.
package struct AgePassphrase: AgeLock, AgeOpener {
    private let passphrase: Secret
    private let work: Int

    /// More would let a file decide how much memory is taken: 2^20 takes 1 GiB.
    private static let mostWork = 20

    /// - Parameter work: the logarithm of scrypt's N. 15 takes 32 MiB and about 0.1 s, each more twice that.
    package init(_ passphrase: Secret, work: Int = 15) {
        self.passphrase = passphrase
        self.work = min(max(10, work), Self.mostWork)
    }

    package func lock(_ fileKey: Secret, entropy: any Entropy) throws -> AgeStanza {
        let salt = entropy.bytes(16)
        return AgeStanza(
            arguments: ["scrypt", AgeStanza.text(salt), "\(work)"], body: try AgeStanza.wrap(fileKey, with: try key(salt, work)))
    }

    package func fileKey(from stanzas: [AgeStanza]) throws -> Secret? {
        guard let stanza = stanzas.first(where: { $0.arguments.first == "scrypt" }) else { return nil }
        guard stanzas.count == 1, stanza.arguments.count == 3, let salt = AgeStanza.bytes(stanza.arguments[1]), salt.count == 16,
            let work = Int(stanza.arguments[2]), (1...Self.mostWork).contains(work), "\(work)" == stanza.arguments[2],
            stanza.body.count == 32
        else { throw AgeFault.malformed }
        return AgeStanza.unwrap(stanza.body, with: try key(salt, work))
    }

    private func key(_ salt: [UInt8], _ work: Int) throws -> SymmetricKey {
        let salt = Array("age-encryption.org/v1/scrypt".utf8) + salt
        var key = [UInt8](repeating: 0, count: 32)
        defer { sodium_memzero(&key, key.count) }
        let code: Int32 = passphrase.withBytes { passphrase in
            guard let start = passphrase.bindMemory(to: UInt8.self).baseAddress else { return -1 }
            return crypto_pwhash_scryptsalsa208sha256_ll(
                start, passphrase.count, salt, salt.count, 1 << UInt64(work), 8, 1, &key, 32)
        }
        guard code == 0 else { throw SealingFault.passwordHashingFailed }
        return SymmetricKey(data: key)
    }
}
