import Crypto
import Foundation
import SwiftASN1
import Vocabulary
import X509

#if canImport(Glibc)
import Glibc
#endif

/// A certificate authority of this machine's own, for development: a CA that may speak for nothing but the apex and `localhost`,
/// and a leaf for the apex, `*.apex` and `localhost`.
///
/// The directory holds `ca.pem`, `ca-key.pem`, `certificate.pem` (leaf, then CA) and `certificate-key.pem`, keys with mode `0600`.
package struct DevelopmentAuthority: Sendable {
    package struct Files: Sendable, Hashable {
        /// What a browser or `curl --cacert` has to trust.
        package let authority: String
        package let certificate: String
        package let key: String
        /// When the leaf ends; call ``DevelopmentAuthority/files(apex:)`` before.
        package let notAfter: Instant
    }

    /// Browsers refuse longer ones.
    package static let leafLife = Duration.days(90)
    package static let renewal = Duration.days(30)
    private static let authorityLife = Duration.days(3650)

    private let directory: String
    private let clock: any Clock
    private let entropy: any Entropy

    package init(directory: String, clock: any Clock = SystemClock(), entropy: any Entropy = SystemEntropy()) {
        self.directory = directory
        self.clock = clock
        self.entropy = entropy
    }

    /// Makes what is missing, renews what ends within 30 days, and leaves alone what is good.
    /// - Throws: ``SealingFault`` `.certificate`, `.file`.
    package func files(apex: String) throws -> Files {
        guard Self.isHostName(apex) else { throw SealingFault.certificate("'\(apex.prefix(80))' is no host name") }
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw KeyFile.fault("create", directory) }
        return try CertificateDraft.wrapping {
            let now = clock.now()
            let authority: Pair
            if let kept = try load("ca"), isGood(kept.certificate, for: Self.renewal + Self.leafLife, at: now),
                Self.permits(kept.certificate, apex)
            {
                authority = kept
            } else {
                authority = try makeAuthority(apex, at: now)
                try store(authority, "ca", chain: [])
            }
            if let leaf = try load("certificate"), isGood(leaf.certificate, for: Self.renewal, at: now),
                leaf.certificate.issuer == authority.certificate.subject,
                authority.certificate.publicKey.isValidSignature(leaf.certificate.signature, for: leaf.certificate),
                names(of: leaf.certificate) == Self.names(apex)
            {
                return files(leaf.certificate)
            }
            let leaf = try makeLeaf(apex, authority, at: now)
            try store(leaf, "certificate", chain: [authority.certificate])
            return files(leaf.certificate)
        }
    }

    private struct Pair {
        let certificate: Certificate
        let key: P256.Signing.PrivateKey
    }

    private func files(_ leaf: Certificate) -> Files {
        Files(
            authority: directory + "/ca.pem", certificate: directory + "/certificate.pem", key: directory + "/certificate-key.pem",
            notAfter: Instant(leaf.notValidAfter))
    }

    private static func isHostName(_ text: String) -> Bool {
        guard (1...240).contains(text.utf8.count) else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
        }
    }

    private static func names(_ apex: String) -> [String] { [apex, "*." + apex, "localhost"] }

    private func names(of certificate: Certificate) -> [String]? {
        guard let names = try? certificate.extensions.subjectAlternativeNames else { return nil }
        return names.compactMap { if case .dnsName(let name) = $0 { name } else { nil } }
    }

    private static func permits(_ authority: Certificate, _ apex: String) -> Bool {
        guard let constraints = try? authority.extensions.nameConstraints else { return false }
        return constraints.permittedDNSDomains.contains(apex)
    }

    private func isGood(_ certificate: Certificate, for remaining: Duration, at now: Instant) -> Bool {
        Instant(certificate.notValidBefore) <= now && now + remaining < Instant(certificate.notValidAfter)
    }

    private func makeAuthority(_ apex: String, at now: Instant) throws -> Pair {
        let key = P256.Signing.PrivateKey()
        // A name of its own for each, so that a browser that still trusts an older one is not confused.
        let name = try DistinguishedName { CommonName("Holdfast development authority \(Hex.text(entropy.bytes(4)))") }
        let certificate = try Certificate(
            version: .v3, serialNumber: CertificateDraft.serialNumber(entropy), publicKey: .init(key.publicKey),
            notValidBefore: Date(now - .days(1)),
            notValidAfter: Date(now + Self.authorityLife), issuer: name, subject: name,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                Critical(NameConstraints(permittedDNSDomains: [apex, "localhost"]))
                SubjectKeyIdentifier(hash: Certificate.PublicKey(key.publicKey))
            },
            issuerPrivateKey: .init(key))
        return Pair(certificate: certificate, key: key)
    }

    private func makeLeaf(_ apex: String, _ authority: Pair, at now: Instant) throws -> Pair {
        let key = P256.Signing.PrivateKey()
        let addresses: [[UInt8]] = [[127, 0, 0, 1], [UInt8](repeating: 0, count: 15) + [1]]
        let names = Self.names(apex).map { GeneralName.dnsName($0) } + addresses.map { .ipAddress(ASN1OctetString(contentBytes: $0[...])) }
        let certificate = try Certificate(
            version: .v3, serialNumber: CertificateDraft.serialNumber(entropy), publicKey: .init(key.publicKey),
            notValidBefore: Date(now - .days(1)),
            notValidAfter: Date(now + Self.leafLife), issuer: authority.certificate.subject,
            subject: try DistinguishedName { CommonName(apex) },
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(names)
                SubjectKeyIdentifier(hash: Certificate.PublicKey(key.publicKey))
                AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: authority.certificate.publicKey).keyIdentifier)
            },
            issuerPrivateKey: .init(authority.key))
        return Pair(certificate: certificate, key: key)
    }

    /// Nil unless both files are there and belong together: then they are made anew.
    private func load(_ name: String) throws -> Pair? {
        guard let chain = try KeyFile.read("\(directory)/\(name).pem", limit: 65_536),
            let keyText = try KeyFile.read("\(directory)/\(name)-key.pem")
        else { return nil }
        guard let first = try? PEMDocument.parseMultiple(pemString: String(decoding: chain, as: UTF8.self)).first,
            let certificate = try? Certificate(pemDocument: first),
            let key = try? P256.Signing.PrivateKey(pemRepresentation: String(decoding: keyText, as: UTF8.self)),
            certificate.publicKey == .init(key.publicKey)
        else { return nil }
        return Pair(certificate: certificate, key: key)
    }

    private func store(_ pair: Pair, _ name: String, chain: [Certificate]) throws {
        let text = try ([pair.certificate] + chain).map { try $0.serializeAsPEM().pemString + "\n" }.joined()
        // The key first: a certificate without its key is noticed and made anew.
        try KeyFile.replace("\(directory)/\(name)-key.pem", with: Array((pair.key.pemRepresentation + "\n").utf8))
        try KeyFile.replace("\(directory)/\(name).pem", with: Array(text.utf8))
    }
}
