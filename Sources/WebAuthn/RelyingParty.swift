import Crypto
import Vocabulary

/// The installation as authenticators know it: passkeys are bound to `id` for good.
package struct RelyingParty: Sendable, Hashable {
    /// The apex's host name, without scheme and port.
    package let id: String
    /// The one origin that ceremonies are accepted from. Tenants' hosts below the apex could use the same id; they are refused.
    package let origin: String
    package let name: String

    /// Nil where `origin` is not `https://host[:port]`.
    package init?(origin: String, name: String) {
        guard origin.hasPrefix("https://") else { return nil }
        let authority = origin.dropFirst("https://".count)
        let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let host = parts.first, !host.isEmpty, !authority.contains("/"), parts.count == 1 || UInt16(parts[1]) != nil else {
            return nil
        }
        id = String(host)
        self.origin = origin
        self.name = name
    }

    private func isOurs(_ data: AuthenticatorData) -> Bool { data.relyingPartyHash == Array(SHA256.hash(data: Array(id.utf8))) }
}

// MARK: Registration

/// What a verified registration leaves to be stored.
package struct RegisteredCredential: Sendable, Hashable {
    package let id: [UInt8]
    package let publicKey: CredentialPublicKey
    package let signCount: UInt32
    /// The authenticator knew by PIN, finger or face whom it served: it may stand for a password as well.
    package let userVerified: Bool
    package let backupEligible: Bool
    package let backedUp: Bool
    package let aaguid: AAGUID
    package let transports: [AuthenticatorTransport]
    /// What the browser says, unsigned; nil where it says nothing.
    package let isDiscoverable: Bool?
}

extension RelyingParty {
    /// Section 7.1. `challenge`: base64url, as it was in the options. Whether the credential is new is for the caller to see.
    package func verify(_ response: RegistrationResponse, challenge: String, requiresUserVerification: Bool = false)
        throws(WebAuthnRefusal) -> RegisteredCredential
    {
        try ClientData(response.clientData).check(.create, challenge: challenge, origin: origin)
        let attestation = try AttestationObject(response.attestationObject)
        let data = attestation.authenticatorData
        guard isOurs(data) else { throw .wrongRelyingParty }
        guard data.flags.contains(.userPresent) else { throw .userAbsent }
        guard !requiresUserVerification || data.flags.contains(.userVerified) else { throw .userUnverified }
        guard data.hasPossibleBackupState else { throw .impossibleBackupState }
        guard let credential = data.credential else { throw .missingCredential }
        guard credential.id == response.id else { throw .wrongCredential }
        try attestation.check(credential, clientDataHash: Array(SHA256.hash(data: response.clientData)))
        return RegisteredCredential(
            id: credential.id, publicKey: credential.publicKey, signCount: data.signCount,
            userVerified: data.flags.contains(.userVerified), backupEligible: data.flags.contains(.backupEligible),
            backedUp: data.flags.contains(.backedUp), aaguid: credential.aaguid, transports: response.transports,
            isDiscoverable: response.isDiscoverable)
    }
}

// MARK: Assertion

/// As much of a stored credential as judging an assertion takes.
package struct CredentialRecord: Sendable, Hashable {
    package let id: [UInt8]
    package let publicKey: CredentialPublicKey
    package let signCount: UInt32
    package let backupEligible: Bool
    /// The random name of the account that it was registered under.
    package let userHandle: [UInt8]

    package init(id: [UInt8], publicKey: CredentialPublicKey, signCount: UInt32, backupEligible: Bool, userHandle: [UInt8]) {
        self.id = id
        self.publicKey = publicKey
        self.signCount = signCount
        self.backupEligible = backupEligible
        self.userHandle = userHandle
    }
}

/// A verified assertion.
package struct Assertion: Sendable, Hashable {
    package let signCount: UInt32
    package let userVerified: Bool
    package let backedUp: Bool
    /// The counter did not grow (section 6.1.1): there may be a copy of the key, or the authenticator failed.
    package let countWentBack: Bool
}

extension RelyingParty {
    /// Section 7.2, from step 6 on.
    ///
    /// `challenge`: base64url, as it was in the options. `identifiesUser`: nobody said before who it is, so the answer must.
    package func verify(
        _ response: AuthenticationResponse, against record: CredentialRecord, challenge: String, requiresUserVerification: Bool,
        identifiesUser: Bool
    ) throws(WebAuthnRefusal) -> Assertion {
        guard response.id == record.id else { throw .wrongCredential }
        if let handle = response.userHandle {
            guard handle == record.userHandle else { throw .wrongUser }
        } else if identifiesUser {
            throw .wrongUser
        }
        try ClientData(response.clientData).check(.get, challenge: challenge, origin: origin)
        let data = try AuthenticatorData(response.authenticatorData)
        guard isOurs(data) else { throw .wrongRelyingParty }
        // Section 6.1: an assertion holds no credential.
        guard data.credential == nil else { throw .unexpectedCredential }
        guard data.flags.contains(.userPresent) else { throw .userAbsent }
        guard !requiresUserVerification || data.flags.contains(.userVerified) else { throw .userUnverified }
        guard data.hasPossibleBackupState, data.flags.contains(.backupEligible) == record.backupEligible else {
            throw .impossibleBackupState
        }
        let hash = SHA256.hash(data: response.clientData)
        guard record.publicKey.isValid(response.signature, over: response.authenticatorData + hash) else { throw .wrongSignature }
        return Assertion(
            signCount: data.signCount, userVerified: data.flags.contains(.userVerified), backedUp: data.flags.contains(.backedUp),
            countWentBack: (data.signCount != 0 || record.signCount != 0) && data.signCount <= record.signCount)
    }
}
