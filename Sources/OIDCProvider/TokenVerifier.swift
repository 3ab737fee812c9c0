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
        /// From where it came first here.
        let address: String?
        /// Where it was seen; what came from there is not looked into again.
        var countries: [Locations.Country]
    }

    private let plane: ControlPlane
    private let keys: SigningKeys
    private let trail: TokenTrail?
    private let known: BoundedCache<TokenDigest, Known>

    /// `trail`: follows where tokens are used. Nil where nobody asks.
    package init(_ plane: ControlPlane, keys: SigningKeys, trail: TokenTrail? = nil, remembered: Int = 20_000) {
        self.plane = plane
        self.keys = keys
        self.trail = trail
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

    /// `audience`: the origin of the host that was asked. `address`: who asks; nil where nobody does, in trials.
    /// - Throws: ``BearerError`` `invalid_token` for everything that is no good access token for this audience: ID tokens and
    ///   refresh tokens too; and for one that is where its owner can't have taken it, where the tenant's rule ends those.
    package func verify(_ text: String, audience: String, from address: String?) async throws -> Bearer {
        let now = plane.clock.now()
        let digest = TokenDigest(of: text)
        let generation = known.generation
        if let entry = known[digest] {
            try check(entry.token, audience: audience, at: now)
            if entry.address != address {
                let followed = try await follow(entry, to: address)
                if followed.countries.count > entry.countries.count { known.insert(followed, for: digest, readAt: generation) }
            }
            return entry.bearer
        }
        let token = try await read(text, audience: audience, at: now)
        let (grant, last) = try await plane.database.read { [plane] reader -> (Grant?, Locations.Country?) in
            guard let grant = try Grants(plane).find(token.grant, in: reader), grant.account == token.subject, grant.client == token.client,
                try TokenGate.obstacle(to: grant, at: now, in: reader) == nil
            else { return (nil, nil) }
            if !grant.client.hasPrefix("environment-"), try Clients.find(grant.client, in: reader)?.state != .active { return (nil, nil) }
            return (grant, try TokenTrail.country(of: grant.id, in: reader))
        }
        guard let grant else { throw BearerError.invalidToken }
        let bearer = Bearer(
            account: token.subject, client: token.client, scopes: token.scopes, session: token.session, grant: grant.id,
            environment: grant.environment, tenant: grant.tenant, expiresAt: token.expiresAt,
            authenticatedAt: grant.authenticatedAt)
        let entry = Known(token: token, bearer: bearer, address: address, countries: last.map { [$0] } ?? [])
        // Only once it is clear that it goes on: a request beside this one must not find it.
        known.insert(try await follow(entry, to: address), for: digest, readAt: generation)
        return bearer
    }

    /// Writes only where the token comes from a country in which this node hasn't seen it yet.
    private func follow(_ entry: Known, to address: String?) async throws -> Known {
        guard let trail, let country = trail.country(of: address), !entry.countries.contains(country) else { return entry }
        let goesOn = try await plane.write { [plane] transaction in
            guard let grant = try Grants(plane).find(entry.bearer.grant, in: transaction) else { return false }
            return try trail.follow(grant, by: Principal(.anonymous, address: address), in: transaction)
        }
        guard goesOn else { throw BearerError.invalidToken }
        var entry = entry
        entry.countries.append(country)
        return entry
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
