import Identity
import Storage
import Vocabulary

/// `/oauth/userinfo` (OpenID Connect Core section 5.3).
package struct UserInfo: Sendable {
    let plane: ControlPlane
    let verifier: TokenVerifier

    package init(_ plane: ControlPlane, verifier: TokenVerifier) {
        self.plane = plane
        self.verifier = verifier
    }

    /// - Throws: ``BearerError``.
    package func answer(token: String, from address: String?) async throws -> JSONValue {
        let bearer = try await verifier.verify(token, audience: plane.origin, from: address)
        guard bearer.scopes.contains(.openid) else { throw BearerError.insufficientScope }
        guard let account = try await Accounts(plane).find(bearer.account) else { throw BearerError.invalidToken }
        return .object(Self.claims(of: account, scopes: bearer.scopes))
    }

    /// The address counts as verified: it only becomes an account's by a link that was sent to it, or by the first operator's terminal.
    static func claims(of account: Account, scopes: Set<Scope>) -> JSONObject {
        var claims: JSONObject = ["sub": .string(account.id.description)]
        if scopes.contains(.profile) {
            claims["name"] = .string(account.displayName)
            claims["preferred_username"] = .string(account.identifier)
        }
        if scopes.contains(.email) {
            claims["email"] = .string(account.identifier)
            claims["email_verified"] = true
        }
        return claims
    }
}
