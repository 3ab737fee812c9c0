import Vocabulary

/// How a browser reaches an authenticator (WebAuthn section 5.8.4). Others than these are forgotten.
package enum AuthenticatorTransport: String, Sendable, Hashable, CaseIterable {
    case usb
    case nfc
    case ble
    case smartCard = "smart-card"
    case hybrid
    case `internal`
}

/// `RegistrationResponseJSON` (WebAuthn section 5.1): what `toJSON()` of a new credential gives. Not verified.
package struct RegistrationResponse: Sendable, Hashable {
    package let id: [UInt8]
    package let clientData: [UInt8]
    package let attestationObject: [UInt8]
    package let transports: [AuthenticatorTransport]
    package let isDiscoverable: Bool?

    package init(json text: String) throws(WebAuthnRefusal) {
        let json = try ResponseJSON(text)
        id = json.id
        clientData = try json.bytes("clientDataJSON")
        attestationObject = try json.bytes("attestationObject")
        let names = json.response["transports"]?.array ?? []
        guard names.count <= 16 else { throw .malformedResponse }
        transports = AuthenticatorTransport.allCases.filter { names.contains(.string($0.rawValue)) }
        isDiscoverable = json.whole["clientExtensionResults"]?["credProps"]?["rk"]?.bool
    }

    /// The challenge that it claims to answer, to look it up by. Nil where it can't be told.
    package var claimedChallenge: String? { try? ClientData(clientData).challenge }
}

/// `AuthenticationResponseJSON` (WebAuthn section 5.1). Not verified.
package struct AuthenticationResponse: Sendable, Hashable {
    package let id: [UInt8]
    package let clientData: [UInt8]
    package let authenticatorData: [UInt8]
    package let signature: [UInt8]
    package let userHandle: [UInt8]?

    package init(json text: String) throws(WebAuthnRefusal) {
        let json = try ResponseJSON(text)
        id = json.id
        clientData = try json.bytes("clientDataJSON")
        authenticatorData = try json.bytes("authenticatorData")
        signature = try json.bytes("signature")
        let handle = json.response["userHandle"] ?? .null
        userHandle = handle.isNull ? nil : try json.bytes("userHandle")
        guard signature.count <= 1024, (userHandle?.count ?? 0) <= 64 else { throw .tooLong }
    }

    package var claimedChallenge: String? { try? ClientData(clientData).challenge }
}

private struct ResponseJSON {
    static let longest = 32_768

    let whole: JSONValue
    let response: JSONValue
    let id: [UInt8]

    init(_ text: String) throws(WebAuthnRefusal) {
        guard text.utf8.count <= Self.longest else { throw .tooLong }
        guard let whole = try? JSONReader.read(Array(text.utf8), limits: JSONReader.Limits(depth: 8, values: 200)),
            whole["type"]?.string == "public-key", let response = whole["response"], response.object != nil,
            let id = whole["rawId"]?.string, whole["id"]?.string == id, let bytes = Base64URL.decode(id)
        else { throw .malformedResponse }
        guard (1...CredentialID.longest).contains(bytes.count) else { throw .tooLong }
        self.whole = whole
        self.response = response
        self.id = bytes
    }

    func bytes(_ name: String) throws(WebAuthnRefusal) -> [UInt8] {
        guard let text = response[name]?.string, let bytes = Base64URL.decode(text) else { throw .malformedResponse }
        return bytes
    }
}
