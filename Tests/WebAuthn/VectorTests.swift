import Testing
import Vocabulary
import WebAuthn

@Suite("The specification's own test vectors")
struct VectorTests {
    private let party = RelyingParty(origin: "https://example.org", name: "Example")

    private func registration(_ vector: SpecificationVector) throws -> RegistrationResponse {
        let id = Base64URL.encode(try bytes(vector.registration.credentialID))
        return try RegistrationResponse(
            json: JSONValue.object([
                "id": .string(id), "rawId": .string(id), "type": "public-key",
                "response": [
                    "clientDataJSON": .string(try base64(vector.registration.clientData)),
                    "attestationObject": .string(try base64(vector.registration.attestationObject)),
                ],
            ]).text)
    }

    private func assertion(_ vector: SpecificationVector) throws -> AuthenticationResponse {
        let id = Base64URL.encode(try bytes(vector.registration.credentialID))
        return try AuthenticationResponse(
            json: JSONValue.object([
                "id": .string(id), "rawId": .string(id), "type": "public-key",
                "response": [
                    "clientDataJSON": .string(try base64(vector.authentication.clientData)),
                    "authenticatorData": .string(try base64(vector.authentication.authenticatorData)),
                    "signature": .string(try base64(vector.authentication.signature)),
                ],
            ]).text)
    }

    private func verify(_ vector: SpecificationVector) throws -> (RegisteredCredential, Assertion) {
        let party = try #require(party)
        let credential = try party.verify(try registration(vector), challenge: try base64(vector.registration.challenge))
        let record = CredentialRecord(
            id: credential.id, publicKey: try CredentialPublicKey(cose: credential.publicKey.cose), signCount: credential.signCount,
            backupEligible: credential.backupEligible, userHandle: [])
        let assertion = try party.verify(
            try assertion(vector), against: record, challenge: try base64(vector.authentication.challenge), requiresUserVerification: false,
            identifiesUser: false)
        return (credential, assertion)
    }

    @Test(arguments: SpecificationVector.all)
    func `every vector is accepted, or refused for the reason that it has`(vector: SpecificationVector) throws {
        let expected: WebAuthnRefusal? =
            switch vector.description {
            case "packed-es384", "packed-es512", "packed-ed448": .unsupportedKey
            case "none-es256-crossOrigin", "none-es256-topOrigin": .embedded
            default: nil
            }
        if let expected {
            #expect(throws: expected) { try verify(vector) }
        } else {
            let (credential, assertion) = try verify(vector)
            #expect(credential.id == (try bytes(vector.registration.credentialID)))
            #expect(credential.aaguid.bytes == (try bytes(vector.registration.aaguid)))
            #expect(!assertion.countWentBack)
        }
    }

    @Test func `all fifteen are there`() { #expect(SpecificationVector.all.count == 15) }

    private func bytes(_ hex: String) throws -> [UInt8] { try #require(Hexadecimal.decode(hex)) }
    private func base64(_ hex: String) throws -> String { Base64URL.encode(try bytes(hex)) }
}

enum Hexadecimal {
    static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}
