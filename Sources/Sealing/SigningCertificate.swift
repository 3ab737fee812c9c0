import Crypto
import CryptoExtras
import Foundation
import SwiftASN1
import Vocabulary
import X509

/// An X.509 certificate over a token-signing key, for a JWKS' `x5c` and `x5t#S256`.
package struct SigningCertificate: Sendable, Hashable {
    package enum Key: Sendable {
        case p256(P256.Signing.PrivateKey)
        case rsa(_RSA.Signing.PrivateKey)
    }

    /// DER. In `x5c` it stands in base64, not base64url (RFC 7517, 4.7).
    package let der: [UInt8]
    package let notBefore: Instant
    package let notAfter: Instant

    /// SHA-256 of the DER form: `x5t#S256`, before base64url.
    package var thumbprint: [UInt8] { Array(SHA256.hash(data: der)) }

    /// Signed with the key itself.
    /// - Throws: ``SealingFault`` `.certificate` for an RSA key of less than 2048 bits, or an empty life.
    package static func selfSigned(
        _ key: Key, commonName: String, from start: Instant, for life: Duration, entropy: some Entropy
    ) throws -> SigningCertificate {
        let (publicKey, privateKey): (Certificate.PublicKey, Certificate.PrivateKey)
        switch key {
        case .p256(let key): (publicKey, privateKey) = (.init(key.publicKey), .init(key))
        case .rsa(let key):
            guard key.keySizeInBits >= 2048 else { throw SealingFault.certificate("an RSA key needs 2048 bits") }
            (publicKey, privateKey) = (.init(key.publicKey), .init(key))
        }
        guard life > .zero else { throw SealingFault.certificate("it would be valid at no time") }
        return try CertificateDraft.wrapping {
            let name = try DistinguishedName { CommonName(commonName) }
            let certificate = try Certificate(
                version: .v3, serialNumber: CertificateDraft.serialNumber(entropy), publicKey: publicKey, notValidBefore: Date(start),
                notValidAfter: Date(start + life), issuer: name, subject: name,
                extensions: Certificate.Extensions {
                    Critical(BasicConstraints.notCertificateAuthority)
                    Critical(KeyUsage(digitalSignature: true))
                    SubjectKeyIdentifier(hash: publicKey)
                },
                issuerPrivateKey: privateKey)
            var serializer = DER.Serializer()
            try serializer.serialize(certificate)
            return SigningCertificate(
                der: serializer.serializedBytes, notBefore: Instant(certificate.notValidBefore),
                notAfter: Instant(certificate.notValidAfter))
        }
    }
}

enum CertificateDraft {
    /// 127 random bits, positive (RFC 5280, 4.1.2.2).
    static func serialNumber(_ entropy: any Entropy) -> Certificate.SerialNumber {
        var bytes = entropy.bytes(16)
        bytes[0] = bytes[0] & 0x7F | 0x40
        return Certificate.SerialNumber(bytes: bytes)
    }

    static func wrapping<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let fault as SealingFault {
            throw fault
        } catch {
            throw SealingFault.certificate("\(error)")
        }
    }
}

extension Date {
    /// Whole seconds: certificates hold no fractions.
    init(_ instant: Instant) { self.init(timeIntervalSince1970: Double(instant.seconds)) }
}

extension Instant {
    init(_ date: Date) { self.init(seconds: Int64(date.timeIntervalSince1970)) }
}
