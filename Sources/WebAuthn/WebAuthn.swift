// WebAuthn: what a relying party checks of passkeys (W3C Web Authentication Level 3, sections 6 and 7).
//
// It promises that a registration or an assertion is either verified whole, step by step as the specification lists them, or
// refused with a reason from a closed set, whatever bytes come. Values that decide. It refuses to know accounts, databases,
// sessions, pages, and whether a challenge was used before.

/// Why a registration or an assertion is not accepted. For the audit log and tests; people are told less.
package enum WebAuthnRefusal: String, Error, Sendable, Hashable, CaseIterable {
    case tooLong = "too-long"
    case malformedResponse = "malformed-response"
    case malformedClientData = "malformed-client-data"
    case wrongType = "wrong-type"
    case wrongChallenge = "wrong-challenge"
    case wrongOrigin = "wrong-origin"
    /// From inside a frame of another site.
    case embedded
    case malformedAttestation = "malformed-attestation"
    case wrongAttestation = "wrong-attestation"
    case malformedAuthenticatorData = "malformed-authenticator-data"
    case wrongRelyingParty = "wrong-relying-party"
    case userAbsent = "user-absent"
    case userUnverified = "user-unverified"
    /// Backed up, but not eligible for it; or eligible where it was not before.
    case impossibleBackupState = "impossible-backup-state"
    case missingCredential = "missing-credential"
    case unexpectedCredential = "unexpected-credential"
    case malformedKey = "malformed-key"
    case unsupportedKey = "unsupported-key"
    case wrongCredential = "wrong-credential"
    case wrongUser = "wrong-user"
    case wrongSignature = "wrong-signature"
}
