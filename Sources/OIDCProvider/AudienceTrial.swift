import Identity
import Vocabulary

/// Lets a probe see that tokens are good for one host only, without anybody's account.
///
/// The tokens are signed with the server's own key but for nobody: no grant stands behind them, so that no interface takes one.
package struct AudienceTrial: Sendable {
    private let plane: ControlPlane
    private let keys: SigningKeys
    private let verifier: TokenVerifier

    package init(_ plane: ControlPlane, keys: SigningKeys, verifier: TokenVerifier) {
        self.plane = plane
        self.keys = keys
        self.verifier = verifier
    }

    package func issue(for audience: String) async throws -> String {
        let now = plane.clock.now()
        let token = AccessToken(
            issuer: plane.origin, subject: ID(at: now, entropy: plane.entropy), audience: [audience], expiresAt: now + .minutes(1),
            issuedAt: now,
            id: ID(at: now, entropy: plane.entropy), client: "probe", scopes: [], session: ID(at: now, entropy: plane.entropy),
            grant: ID(at: now, entropy: plane.entropy))
        return try JSONWebSignature.sign(token.claims, type: AccessToken.type, with: try await keys.current(.es256))
    }

    /// Whether the token passes signature, issuer, time and audience, as every token has to.
    package func admits(_ token: String, to audience: String) async throws -> Bool {
        do {
            _ = try await verifier.read(token, audience: audience, at: plane.clock.now())
            return true
        } catch is BearerError {
            return false
        }
    }
}
