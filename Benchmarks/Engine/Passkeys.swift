import PasskeyTesting
import Vocabulary
import WebAuthn

/// Assertions judged, from the text that a browser sends to the verdict.
func passkeys() throws {
    struct Failure: Error {}
    for algorithm in SoftAuthenticator.Algorithm.allCases {
        var authenticator = try SoftAuthenticator(algorithm)
        authenticator.userHandle = SystemEntropy().bytes(32)
        guard let party = RelyingParty(origin: authenticator.circumstances.origin, name: "Holdfast") else { throw Failure() }
        let challenge = Base64URL.encode(SystemEntropy().bytes(32))
        let registered = try party.verify(
            RegistrationResponse(json: authenticator.registration(challenge: challenge).text), challenge: challenge)
        let record = CredentialRecord(
            id: registered.id, publicKey: registered.publicKey, signCount: 0, backupEligible: registered.backupEligible,
            userHandle: authenticator.userHandle ?? [])
        let answer = try authenticator.assertion(challenge: challenge).text
        let count = 5000
        let meter = Meter()
        for _ in 0..<count {
            _ = try party.verify(
                AuthenticationResponse(json: answer), against: record, challenge: challenge, requiresUserVerification: true,
                identifiesUser: true)
        }
        report("passkey assertions, \(algorithm)", Double(count) / meter.cpuSeconds, "assertions/CPU-s")
    }
}
