import Crypto
import CryptoExtras
import Sealing
import Vocabulary

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The two algorithms we sign with (RFC 7518 section 3.1). There is no `none`, and nothing symmetric.
package enum SigningAlgorithm: String, Sendable, Hashable, CaseIterable {
    case es256 = "ES256"
    case rs256 = "RS256"
}

/// A key that signs tokens, with its certificate.
package struct SigningKey: Sendable {
    package let id: String
    package let certificate: [UInt8]
    /// From when on new tokens are signed with it. It is published before, so that nobody meets a key they don't know.
    package let signsFrom: Instant
    /// From when on another key signs.
    package let signsUntil: Instant?
    /// How long it stays published after that: longer than any token that it signed.
    static let published = Duration.days(2)

    enum Material: Sendable {
        case p256(P256.Signing.PrivateKey)
        case rsa(_RSA.Signing.PrivateKey)
    }

    let material: Material

    package var algorithm: SigningAlgorithm {
        switch material {
        case .p256: .es256
        case .rsa: .rs256
        }
    }

    func signs(at now: Instant) -> Bool { signsFrom <= now && signsUntil.map { now < $0 } ?? true }
    func isPublished(at now: Instant) -> Bool { signsUntil.map { now < $0 + Self.published } ?? true }

    func signature(over bytes: [UInt8]) throws -> [UInt8] {
        switch material {
        case .p256(let key): Array(try key.signature(for: bytes).rawRepresentation)
        case .rsa(let key): Array(try key.signature(for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5).rawRepresentation)
        }
    }

    func isValid(_ signature: [UInt8], over bytes: [UInt8]) -> Bool {
        switch material {
        case .p256(let key):
            guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature) else { return false }
            return key.publicKey.isValidSignature(signature, for: bytes)
        case .rsa(let key):
            let signature = _RSA.Signing.RSASignature(rawRepresentation: signature)
            return key.publicKey.isValidSignature(signature, for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5)
        }
    }

    /// RFC 7517, with the chain (4.7) and its thumbprint (4.9).
    var publicKey: JSONValue {
        get throws {
            var members: JSONObject = [
                "kid": .string(id), "use": "sig", "alg": .string(algorithm.rawValue),
                "x5c": .array([.string(Data(certificate).base64EncodedString())]),
                "x5t#S256": .string(Base64URL.encode(SHA256.hash(data: certificate))),
            ]
            switch material {
            case .p256(let key):
                let point = Array(key.publicKey.rawRepresentation)
                members["kty"] = "EC"
                members["crv"] = "P-256"
                members["x"] = .string(Base64URL.encode(point.prefix(32)))
                members["y"] = .string(Base64URL.encode(point.suffix(32)))
            case .rsa(let key):
                let primitives = try key.publicKey.getKeyPrimitives()
                members["kty"] = "RSA"
                members["n"] = .string(Base64URL.encode(primitives.modulus))
                members["e"] = .string(Base64URL.encode(primitives.publicExponent))
            }
            return .object(members)
        }
    }
}
