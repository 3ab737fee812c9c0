import Identity
import Storage
import Vocabulary

/// Lets a probe see what ends a token that stands on a session: for a ``ScratchAccount``, and for no other.
package struct GrantTrial: Sendable {
    private let plane: ControlPlane
    private let keys: SigningKeys
    private let verifier: TokenVerifier

    package init(_ plane: ControlPlane, keys: SigningKeys, verifier: TokenVerifier) {
        self.plane = plane
        self.keys = keys
        self.verifier = verifier
    }

    /// An access token for the provider itself, as an application gets one that was allowed to come back without the person.
    package func issue(for account: ScratchAccount, in session: Session) async throws -> String {
        let now = plane.clock.now()
        let grant = Grant(
            id: GrantID(at: now, entropy: plane.entropy), client: "environment-probe", account: account.id, session: session.id,
            environment: nil, tenant: nil, audience: plane.origin, scopes: [.offlineAccess], authenticatedAt: now, methods: session.methods,
            nonce: nil, createdAt: now, endsAt: now + .minutes(5))
        let token = AccessToken(
            issuer: plane.origin, subject: account.id, audience: [plane.origin], expiresAt: now + .minutes(5), issuedAt: now,
            id: ID(at: now, entropy: plane.entropy), client: grant.client, scopes: grant.scopes, session: session.id, grant: grant.id)
        let code = Token(entropy: plane.entropy)
        try await plane.write { [plane] in try Grants(plane).add(grant, code: code.digest, in: $0) }
        return try JSONWebSignature.sign(token.claims, type: AccessToken.type, with: try await keys.current(.es256))
    }

    package func stands(_ token: String) async throws -> Bool {
        do {
            _ = try await verifier.verify(token, audience: plane.origin, from: nil)
            return true
        } catch is BearerError {
            return false
        }
    }

    /// Shows the token from somewhere, as its application does or whoever has a copy. Whether it is taken there.
    package func isTaken(_ token: String, of account: ScratchAccount, from address: String) async throws -> Bool {
        // Its letters are counted, not sent.
        let verifier = TokenVerifier(plane, keys: keys, trail: TokenTrail(plane, account.signIn))
        do {
            _ = try await verifier.verify(token, audience: plane.origin, from: address)
            return true
        } catch is BearerError {
            return false
        }
    }

    /// To be called before the account is gone.
    package func erase(_ account: ScratchAccount) async throws {
        try await plane.write { try $0.run("DELETE FROM oauth_grant WHERE account = \(account.id)") }
    }
}
