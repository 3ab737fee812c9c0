import Cluster
import Identity
import Storage
import Vocabulary

/// Who a good access token speaks for.
package struct Bearer: Sendable, Hashable {
    package let account: AccountID
    package let client: String
    package let scopes: Set<Scope>
    package let session: SessionID
    package let grant: GrantID
    package let environment: EnvironmentID?
    package let tenant: TenantID?
    package let expiresAt: Instant
    /// When the person last showed a factor, as of the grant.
    package let authenticatedAt: Instant
}

/// Judges access tokens for our own interfaces.
///
/// A signature costs more to check than the rest of a request, so what was found is kept in memory, by the token's
/// digest and never past its expiry. It is forgotten whenever something was taken from its person.
package final class TokenVerifier: Sendable {
    private struct Known: Sendable {
        let token: AccessToken
        let bearer: Bearer
    }

    private let plane: ControlPlane
    private let keys: SigningKeys
    private let known: BoundedCache<TokenDigest, Known>

    package init(_ plane: ControlPlane, keys: SigningKeys, remembered: Int = 20_000) {
        self.plane = plane
        self.keys = keys
        let known = BoundedCache<TokenDigest, Known>(limit: remembered, lease: plane.coherence.lease)
        self.known = known
        plane.coherence.listen { invalidation in
            switch invalidation {
            case .account(let id): known.forget { _, entry in entry.bearer.account == id }
            case .rights, .signingKeys, .everything: known.forgetAll()
            case .session, .environment, .ban, .allowedRanges, .key, .masterKey: break
            }
        }
    }

    /// `audience`: the origin of the host that was asked.
    /// - Throws: ``BearerError`` `invalid_token` for everything that is no good access token for this audience: ID tokens and
    ///   refresh tokens too.
    package func verify(_ text: String, audience: String) async throws -> Bearer {
        let now = plane.clock.now()
        let digest = TokenDigest(of: text)
        let generation = known.generation
        if let entry = known[digest] {
            try check(entry.token, audience: audience, at: now)
            return entry.bearer
        }
        let token = try await read(text, audience: audience, at: now)
        let grant = try await plane.database.read { [plane] reader -> Grant? in
            guard let grant = try Grants(plane).find(token.grant, in: reader), grant.account == token.subject, grant.client == token.client,
                try TokenGate.obstacle(to: grant, at: now, in: reader) == nil
            else { return nil }
            if !grant.client.hasPrefix("environment-"), try Clients.find(grant.client, in: reader)?.state != .active { return nil }
            return grant
        }
        guard let grant else { throw BearerError.invalidToken }
        let bearer = Bearer(
            account: token.subject, client: token.client, scopes: token.scopes, session: token.session, grant: grant.id,
            environment: grant.environment, tenant: grant.tenant, expiresAt: token.expiresAt,
            authenticatedAt: grant.authenticatedAt)
        known.insert(Known(token: token, bearer: bearer), for: digest, readAt: generation)
        return bearer
    }

    /// A token that we signed for `audience` and that has not expired. Whether its grant stands is another question.
    func read(_ text: String, audience: String, at now: Instant) async throws -> AccessToken {
        guard let claims = try await JSONWebSignature.verify(text, type: AccessToken.type, keys: keys),
            let token = AccessToken(claims: claims),
            token.issuer == plane.origin
        else { throw BearerError.invalidToken }
        try check(token, audience: audience, at: now)
        return token
    }

    private func check(_ token: AccessToken, audience: String, at now: Instant) throws {
        guard token.audience.contains(audience), now < token.expiresAt, token.issuedAt <= now + Grants.clockTolerance else {
            throw BearerError.invalidToken
        }
    }
}
