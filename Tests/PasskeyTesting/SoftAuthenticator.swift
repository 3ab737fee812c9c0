import Crypto
import CryptoExtras
import Foundation
import Vocabulary
import WebAuthn

/// A passkey made of software, with the browser around it: answers as both would, and lies where a test asks it to.
package struct SoftAuthenticator: Sendable {
    package enum Algorithm: Sendable, CaseIterable {
        case es256
        case edDSA
        case rs256
    }

    private enum PrivateKey: Sendable {
        case es256(P256.Signing.PrivateKey)
        case edDSA(Curve25519.Signing.PrivateKey)
        case rs256(_RSA.Signing.PrivateKey)
    }

    /// What a browser and an authenticator say beside the key.
    package struct Circumstances: Sendable {
        package var origin = "https://holdfast.localhost:8443"
        package var relyingParty = "holdfast.localhost"
        package var type: String?
        package var crossOrigin: Bool?
        package var topOrigin: String?
        /// UP and UV, or with what a test wants.
        package var flags: AuthenticatorData.Flags = [.userPresent, .userVerified]
        package var extraBytes: [UInt8] = []

        package init() {}
    }

    private let key: PrivateKey
    package let id: [UInt8]
    package var userHandle: [UInt8]?
    package var signCount: UInt32
    package var aaguid = [UInt8](repeating: 0, count: 16)
    package var circumstances = Circumstances()

    package init(_ algorithm: Algorithm = .es256, id: [UInt8]? = nil, signCount: UInt32 = 0) throws {
        key =
            switch algorithm {
            case .es256: .es256(P256.Signing.PrivateKey())
            case .edDSA: .edDSA(Curve25519.Signing.PrivateKey())
            case .rs256: .rs256(try _RSA.Signing.PrivateKey(keySize: .bits2048))
            }
        self.id = id ?? SystemEntropy().bytes(32)
        self.signCount = signCount
    }

    // MARK: Answers

    /// To `PublicKeyCredentialCreationOptionsJSON`, as `toJSON()` of the new credential.
    package mutating func register(_ options: JSONValue, attestation: Attestation = .none) throws -> String {
        userHandle = options["user"]?["id"]?.string.flatMap { Base64URL.decode($0) }
        return try registration(challenge: options["challenge"]?.string ?? "", attestation: attestation).text
    }

    /// To `PublicKeyCredentialRequestOptionsJSON`.
    package mutating func authenticate(_ options: JSONValue) throws -> String {
        if signCount > 0 { signCount += 1 }
        return try assertion(challenge: options["challenge"]?.string ?? "").text
    }

    package enum Attestation: Sendable {
        case none
        case packedSelf
    }

    package func registration(challenge: String, attestation: Attestation = .none) throws -> JSONValue {
        let clientData = clientData("webauthn.create", challenge)
        let data = authenticatorData(with: true)
        let statement: [UInt8]
        switch attestation {
        case .none: statement = CBORText.text("fmt") + CBORText.text("none") + CBORText.text("attStmt") + [0xA0]
        case .packedSelf:
            let signature = try sign(data + SHA256.hash(data: clientData))
            statement =
                CBORText.text("fmt") + CBORText.text("packed") + CBORText.text("attStmt") + [0xA2] + CBORText.text("alg")
                + CBORText.negative(algorithm) + CBORText.text("sig") + CBORText.bytes(signature)
        }
        let object = [0xA3] + statement + CBORText.text("authData") + CBORText.bytes(data)
        return answer([
            "clientDataJSON": .string(Base64URL.encode(clientData)), "attestationObject": .string(Base64URL.encode(object)),
            "transports": ["internal", "hybrid", "pigeon"],
        ])
    }

    package func assertion(challenge: String) throws -> JSONValue {
        let clientData = clientData("webauthn.get", challenge)
        let data = authenticatorData(with: false)
        return answer([
            "clientDataJSON": .string(Base64URL.encode(clientData)), "authenticatorData": .string(Base64URL.encode(data)),
            "signature": .string(Base64URL.encode(try sign(data + SHA256.hash(data: clientData)))),
            "userHandle": userHandle.map { .string(Base64URL.encode($0)) } ?? .null,
        ])
    }

    private func answer(_ response: JSONObject) -> JSONValue {
        let name = JSONValue.string(Base64URL.encode(id))
        return [
            "id": name, "rawId": name, "type": "public-key", "authenticatorAttachment": "platform",
            "clientExtensionResults": ["credProps": ["rk": true]], "response": .object(response),
        ]
    }

    // MARK: Parts

    private func clientData(_ type: String, _ challenge: String) -> [UInt8] {
        var members: JSONObject = [
            "type": .string(circumstances.type ?? type), "challenge": .string(challenge), "origin": .string(circumstances.origin),
            "crossOrigin": .bool(circumstances.crossOrigin ?? false),
        ]
        if let top = circumstances.topOrigin { members["topOrigin"] = .string(top) }
        return JSONValue.object(members).bytes
    }

    private func authenticatorData(with credential: Bool) -> [UInt8] {
        var flags = circumstances.flags
        if credential { flags.insert(.attestedCredential) }
        var data = Array(SHA256.hash(data: Array(circumstances.relyingParty.utf8))) + [flags.rawValue]
        data += withUnsafeBytes(of: signCount.bigEndian) { Array($0) }
        if credential { data += aaguid + [UInt8(id.count >> 8), UInt8(id.count & 0xFF)] + id + cose }
        return data + circumstances.extraBytes
    }

    private var algorithm: UInt64 {
        switch key {
        case .es256: 6
        case .edDSA: 7
        case .rs256: 256
        }
    }

    package var cose: [UInt8] {
        switch key {
        case .es256(let key):
            let point = Array(key.publicKey.rawRepresentation)
            return [0xA5, 1, 2, 3, 0x26, 0x20, 1, 0x21] + CBORText.bytes(Array(point[..<32])) + [0x22] + CBORText.bytes(Array(point[32...]))
        case .edDSA(let key): return [0xA4, 1, 1, 3, 0x27, 0x20, 6, 0x21] + CBORText.bytes(Array(key.publicKey.rawRepresentation))
        case .rs256(let key):
            guard let parts = try? key.publicKey.getKeyPrimitives() else { return [] }
            return [0xA4, 1, 3, 3, 0x39, 1, 0, 0x20] + CBORText.bytes(Array(parts.modulus)) + [0x21]
                + CBORText.bytes(Array(parts.publicExponent))
        }
    }

    /// As a program reads it that doesn't speak COSE (RFC 5280 and RFC 8410).
    package var pem: String {
        switch key {
        case .es256(let key): key.publicKey.pemRepresentation
        case .rs256(let key): key.publicKey.pemRepresentation
        case .edDSA(let key):
            "-----BEGIN PUBLIC KEY-----\n"
                + Data([0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00] + key.publicKey.rawRepresentation)
                .base64EncodedString()
                + "\n-----END PUBLIC KEY-----\n"
        }
    }

    private func sign(_ message: [UInt8]) throws -> [UInt8] {
        switch key {
        case .es256(let key): Array(try key.signature(for: message).derRepresentation)
        case .edDSA(let key): Array(try key.signature(for: message))
        case .rs256(let key): Array(try key.signature(for: message, padding: .insecurePKCS1v1_5).rawRepresentation)
        }
    }
}

/// The little that writing takes.
package enum CBORText {
    package static func text(_ text: String) -> [UInt8] { head(3, UInt64(text.utf8.count)) + Array(text.utf8) }
    package static func bytes(_ bytes: [UInt8]) -> [UInt8] { head(2, UInt64(bytes.count)) + bytes }
    package static func negative(_ value: UInt64) -> [UInt8] { head(1, value) }

    package static func head(_ major: UInt8, _ value: UInt64) -> [UInt8] {
        switch value {
        case 0..<24: [major << 5 | UInt8(value)]
        case 24..<0x100: [major << 5 | 24, UInt8(value)]
        case 0x100..<0x1_0000: [major << 5 | 25, UInt8(value >> 8), UInt8(value & 0xFF)]
        default: [major << 5 | 26] + withUnsafeBytes(of: UInt32(truncatingIfNeeded: value).bigEndian) { Array($0) }
        }
    }
}
