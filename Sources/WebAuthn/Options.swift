import Vocabulary

/// A credential that the browser shall offer, or not offer again (`PublicKeyCredentialDescriptorJSON`).
package struct CredentialDescriptor: Sendable, Hashable {
    package let id: [UInt8]
    package let transports: [AuthenticatorTransport]

    package init(id: [UInt8], transports: [AuthenticatorTransport]) {
        self.id = id
        self.transports = transports
    }

    var json: JSONValue {
        [
            "type": "public-key", "id": .string(Base64URL.encode(id)),
            "transports": .array(transports.map { .string($0.rawValue) }),
        ]
    }
}

package enum UserVerification: String, Sendable, Hashable {
    case required
    case preferred
    case discouraged
}

extension RelyingParty {
    /// `PublicKeyCredentialCreationOptionsJSON` (WebAuthn section 5.4): a passkey that signs in without a password where the authenticator
    /// can keep one, otherwise a second factor.
    package func creationOptions(
        challenge: String, userHandle: [UInt8], userName: String, displayName: String, excluding known: [CredentialDescriptor],
        life: Duration
    ) -> JSONValue {
        [
            "rp": ["id": .string(id), "name": .string(name)],
            "user": ["id": .string(Base64URL.encode(userHandle)), "name": .string(userName), "displayName": .string(displayName)],
            "challenge": .string(challenge),
            "pubKeyCredParams": .array(
                SignatureAlgorithm.allCases.map { ["type": "public-key", "alg": .integer($0.rawValue)] }),
            "timeout": .integer(life.components.seconds * 1000),
            "excludeCredentials": .array(known.map(\.json)),
            "authenticatorSelection": ["residentKey": "preferred", "requireResidentKey": false, "userVerification": "preferred"],
            "attestation": "none",
            "extensions": ["credProps": true],
        ]
    }

    /// `PublicKeyCredentialRequestOptionsJSON` (WebAuthn section 5.5). Without `allowed` the person chooses among all passkeys for this place.
    package func requestOptions(
        challenge: String, allowed: [CredentialDescriptor], userVerification: UserVerification, life: Duration
    ) -> JSONValue {
        [
            "rpId": .string(id), "challenge": .string(challenge), "timeout": .integer(life.components.seconds * 1000),
            "allowCredentials": .array(allowed.map(\.json)), "userVerification": .string(userVerification.rawValue),
        ]
    }
}
