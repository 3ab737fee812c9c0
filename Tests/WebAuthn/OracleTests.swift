import Crypto
import Foundation
import PasskeyTesting
import TestSupport
import Testing
import Vocabulary
import WebAuthn

/// What libfido2, by Yubico, thinks of the same assertions.
@Suite("Assertions beside libfido2")
struct OracleTests {
    private let party: RelyingParty
    private let challenge = Base64URL.encode((0..<32).map { UInt8($0) })
    private let name = "holdfast.localhost"

    init() throws { party = try #require(RelyingParty(origin: "https://holdfast.localhost:8443", name: "Holdfast")) }

    /// An answer taken apart, as both are asked about it.
    private struct Answer {
        var clientData: [UInt8]
        var data: [UInt8]
        var signature: [UInt8]

        init(_ passkey: SoftAuthenticator, challenge: String) throws {
            let response = try passkey.assertion(challenge: challenge)["response"]
            func bytes(_ name: String) throws -> [UInt8] {
                try #require(response?[name]?.string.flatMap { Base64URL.decode($0) })
            }
            (clientData, data, signature) = (try bytes("clientDataJSON"), try bytes("authenticatorData"), try bytes("signature"))
        }
    }

    private func accepts(_ answer: Answer, of passkey: SoftAuthenticator) throws -> Bool {
        let id = JSONValue.string(Base64URL.encode(passkey.id))
        let json: JSONValue = [
            "id": id, "rawId": id, "type": "public-key", "clientExtensionResults": [:],
            "response": [
                "clientDataJSON": .string(Base64URL.encode(answer.clientData)),
                "authenticatorData": .string(Base64URL.encode(answer.data)), "signature": .string(Base64URL.encode(answer.signature)),
            ],
        ]
        let record = CredentialRecord(
            id: passkey.id, publicKey: try CredentialPublicKey(cose: passkey.cose), signCount: 0, backupEligible: false, userHandle: [7])
        do {
            _ = try party.verify(
                AuthenticationResponse(json: json.text), against: record, challenge: challenge, requiresUserVerification: true,
                identifiesUser: false)
            return true
        } catch { return false }
    }

    private func libraryAccepts(_ answer: Answer, of passkey: SoftAuthenticator, _ algorithm: SoftAuthenticator.Algorithm) throws -> Bool {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("holdfast-oracle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (key, input) = (folder.appendingPathComponent("key.pem"), folder.appendingPathComponent("assertion"))
        try Data(passkey.pem.utf8).write(to: key)
        let data = CBORText.bytes(answer.data)
        let lines = [
            Data(SHA256.hash(data: answer.clientData)).base64EncodedString(), name, Data(data).base64EncodedString(),
            Data(answer.signature).base64EncodedString(),
        ]
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: input)
        let type =
            switch algorithm {
            case .es256: "es256"
            case .edDSA: "eddsa"
            case .rs256: "rs256"
            }
        let process = try ChildProcess("/usr/bin/fido2-assert", ["-V", "-p", "-v", "-i", input.path, key.path, type])
        _ = process.readToEnd()
        return process.wait() == .exited(0)
    }

    @Test(arguments: SoftAuthenticator.Algorithm.allCases)
    func `what is right is right for both, and each changed bit wrong`(algorithm: SoftAuthenticator.Algorithm) throws {
        let passkey = try SoftAuthenticator(algorithm)
        let right = try Answer(passkey, challenge: challenge)
        #expect(try accepts(right, of: passkey) && libraryAccepts(right, of: passkey, algorithm))
        func expectRefused(_ what: String, _ change: (inout Answer) -> Void) throws {
            var wrong = right
            change(&wrong)
            #expect(try !accepts(wrong, of: passkey), "ours, \(what)")
            #expect(try !libraryAccepts(wrong, of: passkey, algorithm), "theirs, \(what)")
        }
        for index in stride(from: 0, to: right.data.count, by: 5) {
            try expectRefused("data, byte \(index)") { $0.data[index] ^= 1 << UInt8(index % 8) }
        }
        for index in stride(from: 0, to: right.signature.count, by: right.signature.count / 8) {
            try expectRefused("signature, byte \(index)") { $0.signature[index] ^= 1 << UInt8(index % 8) }
        }
        for count in [0, 1, 36, right.data.count - 1] {
            try expectRefused("data cut at \(count)") { $0.data.removeLast($0.data.count - count) }
        }
        try expectRefused("signature cut") { $0.signature.removeLast() }
    }

    @Test(arguments: [SoftAuthenticator.Algorithm.es256, .edDSA])
    func `nothing that was signed otherwise comes in here and not there`(algorithm: SoftAuthenticator.Algorithm) throws {
        var accepted = 0
        for raw in UInt8.min...UInt8.max {
            var passkey = try SoftAuthenticator(algorithm)
            passkey.circumstances.flags = .init(rawValue: raw)
            let answer = try Answer(passkey, challenge: challenge)
            guard try accepts(answer, of: passkey) else { continue }
            accepted += 1
            #expect(try libraryAccepts(answer, of: passkey, algorithm), "flags \(raw)")
        }
        #expect(accepted > 0)
        var elsewhere = try SoftAuthenticator(algorithm)
        elsewhere.circumstances.relyingParty = "holdfast.example"
        let answer = try Answer(elsewhere, challenge: challenge)
        #expect(try !accepts(answer, of: elsewhere) && !libraryAccepts(answer, of: elsewhere, algorithm))
        for flags in [[], .userPresent, .userVerified] as [AuthenticatorData.Flags] {
            var passkey = try SoftAuthenticator(algorithm)
            passkey.circumstances.flags = flags
            let answer = try Answer(passkey, challenge: challenge)
            #expect(try !accepts(answer, of: passkey) && !libraryAccepts(answer, of: passkey, algorithm), "flags \(flags.rawValue)")
        }
    }
}
