import Crypto
import CryptoExtras

/// The algorithms that registrations are offered, best known first (IANA COSE Algorithms).
package enum SignatureAlgorithm: Int64, Sendable, Hashable, CaseIterable {
    case es256 = -7
    case edDSA = -8
    case rs256 = -257
}

/// A credential's public key, as COSE_Key (RFC 9052 section 7, RFC 9053) in the restricted form of WebAuthn section 5.8.5.
package struct CredentialPublicKey: Sendable, Hashable {
    private enum Key: Sendable, Hashable {
        case es256([UInt8])
        case edDSA([UInt8])
        case rs256(modulus: [UInt8], exponent: [UInt8])
    }

    /// As the authenticator wrote it: what is stored.
    package let cose: [UInt8]
    private let key: Key

    package var algorithm: SignatureAlgorithm {
        switch key {
        case .es256: .es256
        case .edDSA: .edDSA
        case .rs256: .rs256
        }
    }

    package init(cose: [UInt8]) throws(WebAuthnRefusal) {
        guard let value = try? CBORReader.read(cose) else { throw .malformedKey }
        try self.init(value, cose: cose)
    }

    init(_ value: CBORValue, cose: [UInt8]) throws(WebAuthnRefusal) {
        guard let entries = value.map, let type = value[1]?.integer, let algorithm = value[3]?.integer else { throw .malformedKey }
        guard let known = SignatureAlgorithm(rawValue: algorithm) else { throw .unsupportedKey }
        // "MUST NOT contain any other OPTIONAL parameters": what we don't understand may change what the key means.
        let count: Int
        switch known {
        case .es256:
            guard type == 2, value[-1]?.integer == 1, let x = value[-2]?.bytes, let y = value[-3]?.bytes, x.count == 32, y.count == 32
            else { throw .malformedKey }
            // Refuses points that are not on the curve.
            guard (try? P256.Signing.PublicKey(rawRepresentation: x + y)) != nil else { throw .malformedKey }
            (key, count) = (.es256(x + y), 5)
        case .edDSA:
            guard type == 1, value[-1]?.integer == 6, let x = value[-2]?.bytes, x.count == 32,
                (try? Curve25519.Signing.PublicKey(rawRepresentation: x)) != nil
            else { throw .malformedKey }
            (key, count) = (.edDSA(x), 4)
        case .rs256:
            guard type == 3, let modulus = value[-1]?.bytes, let exponent = value[-2]?.bytes, (256...512).contains(modulus.count),
                modulus.first != 0, (1...4).contains(exponent.count), exponent.first != 0, let last = exponent.last, last & 1 == 1,
                exponent != [1], (try? _RSA.Signing.PublicKey(n: modulus, e: exponent)) != nil
            else { throw .malformedKey }
            (key, count) = (.rs256(modulus: modulus, exponent: exponent), 4)
        }
        guard entries.count == count else { throw .unsupportedKey }
        self.cose = cose
    }

    package func isValid(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        switch key {
        case .es256(let point):
            guard let key = try? P256.Signing.PublicKey(rawRepresentation: point),
                let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature)
            else { return false }
            return key.isValidSignature(signature, for: message)
        case .edDSA(let point):
            guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: point) else { return false }
            return key.isValidSignature(signature, for: message)
        case .rs256(let modulus, let exponent):
            guard let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent) else { return false }
            return key.isValidSignature(_RSA.Signing.RSASignature(rawRepresentation: signature), for: message, padding: .insecurePKCS1v1_5)
        }
    }
}
