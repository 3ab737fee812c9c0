import Storage
import Vocabulary
import WebAuthn

/// What a passkey's answer is for. An answer to one is none to another, since their challenges are.
package enum PasskeyUse: Sendable, Hashable {
    /// Signing in with nothing else; `browser` is the digest of the cookie that the challenge was given to.
    case alone(browser: String)
    /// After the password.
    case factor(SessionID)
    /// Presence again, in a finished session.
    case confirmation(SessionID)
    /// A new password by mail; of the link's token, the digest.
    case reset(TokenDigest)

    var purpose: CodePurpose {
        if case .alone = self { .passkeySignIn } else { .passkeyFactor }
    }

    /// Whom the challenge was made for.
    var subject: String {
        switch self {
        case .alone(let browser): "browser/\(browser)"
        case .factor(let session), .confirmation(let session): "session/\(session)"
        case .reset(let token): "reset/\(token.text)"
        }
    }

    var isAlone: Bool {
        if case .alone = self { true } else { false }
    }

    /// Whether the authenticator must know by PIN, finger or face whom it serves. Alone always, since nothing else does. For a
    /// confirmation or a new password wherever it can: whoever finds an unlocked computer must not confirm by a touch.
    func requiresVerification(of passkey: Passkey?) -> Bool {
        switch self {
        case .alone: true
        case .factor: false
        case .confirmation, .reset: passkey?.userVerified ?? false
        }
    }
}

/// An answer whose signature was checked. Whether its challenge was ours, for this use, and never answered before, is decided in the
/// transaction of what it is for.
package struct PasskeyProof: Sendable {
    let use: PasskeyUse
    let challenge: String?
    let verdict: Result<VerifiedUse, WebAuthnRefusal>
}

struct VerifiedUse: Sendable {
    let passkey: Passkey
    let assertion: Assertion
}

extension Passkeys {
    /// How long a person may take to find the device.
    static let challengeLife = Duration.minutes(5)

    /// `PublicKeyCredentialRequestOptionsJSON` with a fresh challenge. `account`: nil where nobody knows yet who it will be.
    func requestOptions(for use: PasskeyUse, account: AccountID?) async throws -> JSONValue {
        try await plane.write { transaction in
            let passkeys = try account.map { try Self.list(of: $0, in: transaction) } ?? []
            if account != nil, passkeys.isEmpty { throw Refusal.conflict("no-passkey", "This account has no passkey.") }
            let challenge = try OneTimeCodes(plane).issue(use.purpose, for: use.subject, life: Self.challengeLife, in: transaction)
            let verified = use.isAlone || (!passkeys.isEmpty && passkeys.allSatisfy { use.requiresVerification(of: $0) })
            return party.requestOptions(
                challenge: challenge.text, allowed: passkeys.map(\.descriptor), userVerification: verified ? .required : .preferred,
                life: Self.challengeLife)
        }
    }

    /// Checks an answer as far as that goes without using it up. Signatures are judged here, outside of any transaction: there is one
    /// writer, and it must not wait for arithmetic.
    ///
    /// An unknown passkey costs a signature's check, too.
    package func examine(_ json: String, for use: PasskeyUse) async throws -> PasskeyProof {
        let response: AuthenticationResponse
        do {
            response = try AuthenticationResponse(json: json)
        } catch {
            return PasskeyProof(use: use, challenge: nil, verdict: .failure(error))
        }
        let challenge = response.claimedChallenge
        let passkey = try await plane.database.read { try Self.find(credential: response.id, in: $0) }
        return PasskeyProof(
            use: use, challenge: challenge,
            verdict: Result { () throws(WebAuthnRefusal) in try verify(response, challenge, for: use, passkey) })
    }

    private func verify(
        _ response: AuthenticationResponse, _ challenge: String?, for use: PasskeyUse, _ passkey: Passkey?
    ) throws(WebAuthnRefusal) -> VerifiedUse {
        let record: CredentialRecord
        if let passkey { record = passkey.credential } else { record = try .decoy(for: response) }
        let assertion = try party.verify(
            response, against: record, challenge: challenge ?? "", requiresUserVerification: use.requiresVerification(of: passkey),
            identifiesUser: use.isAlone)
        guard let passkey else { throw .wrongCredential }
        return VerifiedUse(passkey: passkey, assertion: assertion)
    }

    /// Uses the challenge up, right answer or wrong. Of any number of equal answers, one sees the passkey.
    func redeem(_ proof: PasskeyProof, in transaction: any Transaction) throws -> VerifiedUse? {
        guard let challenge = proof.challenge,
            case .fresh(let code) = try OneTimeCodes(plane).redeem(challenge, for: proof.use.purpose, in: transaction),
            code.subject == proof.use.subject, case .success(let use) = proof.verdict,
            // It may have been removed since.
            let passkey = try Self.find(credential: use.passkey.credential.id, in: transaction), passkey.id == use.passkey.id
        else { return nil }
        return use
    }
}

extension CredentialRecord {
    /// Stands where there is no passkey: agrees with everything that the answer says, under a key that signed nothing of it (the curve's
    /// base point, RFC 5639's sibling in SEC 2 section 2.4.2).
    fileprivate static func decoy(for response: AuthenticationResponse) throws(WebAuthnRefusal) -> CredentialRecord {
        let flags = try AuthenticatorData(response.authenticatorData).flags
        return CredentialRecord(
            id: response.id, publicKey: try CredentialPublicKey(cose: basePoint), signCount: 0,
            backupEligible: flags.contains(.backupEligible), userHandle: response.userHandle ?? [])
    }

    private static let basePoint: [UInt8] =
        [0xA5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 0x20] + [
            0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC, 0xE6, 0xE5, 0x63, 0xA4, 0x40, 0xF2, 0x77, 0x03, 0x7D, 0x81, 0x2D,
            0xEB, 0x33, 0xA0, 0xF4, 0xA1, 0x39, 0x45, 0xD8, 0x98, 0xC2, 0x96,
        ] + [0x22, 0x58, 0x20] + [
            0x4F, 0xE3, 0x42, 0xE2, 0xFE, 0x1A, 0x7F, 0x9B, 0x8E, 0xE7, 0xEB, 0x4A, 0x7C, 0x0F, 0x9E, 0x16, 0x2B, 0xCE, 0x33, 0x57, 0x6B,
            0x31, 0x5E, 0xCE, 0xCB, 0xB6, 0x40, 0x68, 0x37, 0xBF, 0x51, 0xF5,
        ]
}
