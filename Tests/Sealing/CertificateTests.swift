import Crypto
import CryptoExtras
import Foundation
import SwiftASN1
import TestSupport
import Testing
import Vocabulary
@_spi(FixedExpiryValidationTime) import X509

@testable import Sealing

struct CertificateTests {
    private let home: TemporaryDirectory
    private let clock = ManualClock()
    private let apex = "holdfast.localhost"

    init() throws { home = try TemporaryDirectory() }

    private var authority: DevelopmentAuthority {
        DevelopmentAuthority(directory: home.path + "/tls", clock: clock, entropy: SeededEntropy(seed: 3))
    }

    private func certificates(_ path: String) throws -> [Certificate] {
        try PEMDocument.parseMultiple(pemString: String(contentsOfFile: path, encoding: .utf8)).map { try Certificate(pemDocument: $0) }
    }

    private func verifies(_ files: DevelopmentAuthority.Files, _ host: String, at moment: Instant? = nil) async throws -> Bool {
        var verifier = Verifier(rootCertificates: CertificateStore(try certificates(files.authority))) {
            RFC5280Policy(fixedExpiryValidationTime: Date(moment ?? clock.now()))
            ServerIdentityPolicy(serverHostname: host, serverIP: nil)
        }
        let chain = try certificates(files.certificate)
        let result = await verifier.validate(leaf: chain[0], intermediates: CertificateStore(chain.dropFirst()))
        if case .validCertificate = result { return true }
        return false
    }

    @Test func `the apex, what is below it and localhost are vouched for, nothing else`() async throws {
        let files = try authority.files(apex: apex)
        for host in [apex, "acme.\(apex)", "acme-sandbox.\(apex)", "localhost"] { #expect(try await verifies(files, host), "\(host)") }
        for host in ["example.com", "a.b.\(apex)", "localhost.example.com"] { #expect(try await !verifies(files, host), "\(host)") }
        #expect(try certificates(files.certificate).count == 2)
    }

    @Test func `keys are for our eyes, belong to their certificates, and are kept`() throws {
        let files = try authority.files(apex: apex)
        #expect(try mode(files.key) == 0o600)
        #expect(try mode(home.path + "/tls/ca-key.pem") == 0o600)
        let key = try P256.Signing.PrivateKey(pemRepresentation: String(contentsOfFile: files.key, encoding: .utf8))
        #expect(try certificates(files.certificate)[0].publicKey == .init(key.publicKey))
        let before = try String(contentsOfFile: files.certificate, encoding: .utf8)
        clock.advance(by: .days(59))
        #expect(try authority.files(apex: apex) == files)
        #expect(try String(contentsOfFile: files.certificate, encoding: .utf8) == before)
    }

    @Test func `a leaf is renewed 30 days before its end, under the same authority`() async throws {
        let first = try authority.files(apex: apex)
        let root = try String(contentsOfFile: first.authority, encoding: .utf8)
        clock.advance(by: .days(61))
        let second = try authority.files(apex: apex)
        #expect(second.notAfter > first.notAfter)
        #expect(try String(contentsOfFile: first.authority, encoding: .utf8) == root)
        #expect(try await verifies(second, apex))
        clock.advance(by: .days(3600))
        #expect(try await verifies(authority.files(apex: apex), apex))
        #expect(try String(contentsOfFile: first.authority, encoding: .utf8) != root)
    }

    @Test func `a clock that went back does not leave a certificate of the future`() async throws {
        clock.advance(by: .days(400))
        _ = try authority.files(apex: apex)
        clock.advance(by: .zero - .days(400))
        #expect(try await verifies(authority.files(apex: apex), apex))
    }

    @Test func `another apex gets another authority: the old one may not speak for it`() async throws {
        let first = try authority.files(apex: apex)
        let root = try certificates(first.authority)
        let second = try authority.files(apex: "holdfast.test")
        #expect(try certificates(second.authority) != root)
        #expect(try await verifies(second, "acme.holdfast.test"))
        #expect(try await !verifies(second, "acme.\(apex)"))
    }

    @Test(arguments: ["ca.pem", "ca-key.pem", "certificate.pem", "certificate-key.pem"]) func `a damaged or missing file is made anew`(
        name: String
    ) async throws {
        let files = try authority.files(apex: apex)
        try Data("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8).write(
            to: URL(fileURLWithPath: "\(home.path)/tls/\(name)"))
        #expect(try await verifies(authority.files(apex: apex), apex))
        try FileManager.default.removeItem(atPath: "\(home.path)/tls/\(name)")
        #expect(try await verifies(authority.files(apex: apex), apex))
        let key = try P256.Signing.PrivateKey(pemRepresentation: String(contentsOfFile: files.key, encoding: .utf8))
        #expect(try certificates(files.certificate)[0].publicKey == .init(key.publicKey))
    }

    @Test(arguments: [
        "", "a b", "-x.test", "x..test", "*.test", "x.test\nDNS:evil", "ü.test", String(repeating: "a", count: 250) + ".test",
    ])
    func `an apex that is no host name is refused`(apex: String) {
        #expect(throws: SealingFault.self) { try authority.files(apex: apex) }
    }

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"))) func `OpenSSL agrees`() throws {
        let files = try authority.files(apex: apex)
        let moment = String(clock.now().seconds)
        func verify(_ host: String) throws -> Bool {
            let openssl = try ChildProcess(
                "/usr/bin/openssl",
                [
                    "verify", "-attime", moment, "-purpose", "sslserver", "-verify_hostname", host, "-CAfile", files.authority,
                    files.certificate,
                ])
            _ = openssl.readToEnd()
            return openssl.wait() == .exited(0)
        }
        #expect(try verify("acme.\(apex)"))
        #expect(try verify("localhost"))
        #expect(try !verify("example.com"))
    }

    @Test func `a signing certificate carries its key, its time and its own signature`() throws {
        let (start, life) = (clock.now(), Duration.days(400))
        let p256 = P256.Signing.PrivateKey()
        let rsa = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        for (key, publicKey) in [
            (SigningCertificate.Key.p256(p256), Certificate.PublicKey(p256.publicKey)), (.rsa(rsa), .init(rsa.publicKey)),
        ] {
            let made = try SigningCertificate.selfSigned(
                key, commonName: "Holdfast token signing", from: start, for: life, entropy: SeededEntropy(seed: 1))
            let read = try Certificate(derEncoded: made.der)
            #expect(read.publicKey == publicKey)
            #expect(publicKey.isValidSignature(read.signature, for: read))
            #expect(made.notBefore == start && made.notAfter == start + life)
            #expect(made.thumbprint == Array(SHA256.hash(data: made.der)))
            #expect(read.issuer == read.subject && read.serialNumber.bytes.count <= 20)
        }
    }

    @Test func `a short RSA key and an empty life are refused`() throws {
        let short = try _RSA.Signing.PrivateKey(unsafeKeySize: .init(bitCount: 1024))
        #expect(throws: SealingFault.self) {
            try SigningCertificate.selfSigned(
                .rsa(short), commonName: "x", from: clock.now(), for: .days(1), entropy: SeededEntropy(seed: 1))
        }
        #expect(throws: SealingFault.self) {
            try SigningCertificate.selfSigned(
                .p256(P256.Signing.PrivateKey()), commonName: "x", from: clock.now(), for: .zero, entropy: SeededEntropy(seed: 1))
        }
    }
}
