import Audit
import Identity
import Storage
import Vocabulary

/// What a client gets (RFC 6749 section 5.1). Kept nowhere.
package struct IssuedTokens: Sendable {
    package let accessToken: Secret
    package let expiresIn: Duration
    package let refreshToken: Token?
    package let idToken: Secret?
    package let scope: String
    package let grant: Grant

    /// The body of the token response. Send it with `Cache-Control: no-store`.
    package var json: JSONValue {
        var members: JSONObject = [
            "access_token": .string(accessToken.spelledOut), "token_type": "Bearer",
            "expires_in": .integer(expiresIn.components.seconds), "scope": .string(scope),
        ]
        if let refreshToken { members["refresh_token"] = .string(refreshToken.text) }
        if let idToken { members["id_token"] = .string(idToken.spelledOut) }
        return .object(members)
    }
}

/// The one gate that every token passes, whatever grant asked for it.
///
/// What was true when a code was issued may not be true when it is redeemed, so everything is asked again here, inside the
/// transaction that writes the issue down: account, membership, client, session, grant.
package struct TokenGate: Sendable {
    let plane: ControlPlane
    let keys: SigningKeys

    package init(_ plane: ControlPlane, keys: SigningKeys) {
        self.plane = plane
        self.keys = keys
    }

    package enum GrantType: String, Sendable, Hashable, CaseIterable {
        case authorizationCode = "authorization_code"
        case refreshToken = "refresh_token"
    }

    static let accessLife = Duration.minutes(10)
    static let identityLife = Duration.minutes(10)

    /// Only ``approve(_:_:for:scopes:by:in:)`` makes one, so nothing can be minted without having been approved.
    struct Approval: Sendable {
        let grant: Grant
        let client: Client
        let scopes: Set<Scope>
        let account: Account
        let refreshToken: Token?

        fileprivate init(grant: Grant, client: Client, scopes: Set<Scope>, account: Account, refreshToken: Token?) {
            self.grant = grant
            self.client = client
            self.scopes = scopes
            self.account = account
            self.refreshToken = refreshToken
        }
    }

    func approve(
        _ grant: Grant, _ type: GrantType, for client: Client, scopes: Set<Scope>, by principal: Principal, in transaction: any Transaction
    ) throws -> Result<Approval, OAuthError> {
        guard scopes.isSubset(of: grant.scopes) else {
            return .failure(OAuthError(.invalidScope, "the scope exceeds what was granted"))
        }
        if let reason = try Self.obstacle(to: grant, at: plane.clock.now(), in: transaction) {
            return .failure(OAuthError(.invalidGrant, reason))
        }
        // A house client is a live environment; that was settled when it authenticated.
        if client.kind != .house, try Clients.find(client.id, in: transaction)?.state != .active {
            return .failure(OAuthError(.invalidClient, "the client is disabled"))
        }
        guard let account = try Accounts.find(grant.account, in: transaction) else {
            return .failure(OAuthError(.invalidGrant, "the account is gone"))
        }
        let mayRefresh = client.kind != .house && (type == .refreshToken || grant.isOffline || client.kind == .confidential)
        let refreshToken = mayRefresh ? try Grants(plane).issueRefreshToken(for: grant, in: transaction) : nil
        try plane.audit.record(.tokenIssued(client: client.id, grant: type.rawValue), by: principal, at: plane.clock.now(), in: transaction)
        return .success(Approval(grant: grant, client: client, scopes: scopes, account: account, refreshToken: refreshToken))
    }

    /// Why a grant does not stand (any more), in words for the client's developer; nil if it does.
    static func obstacle(to grant: Grant, at now: Instant, in reader: any Reader) throws -> String? {
        guard grant.revokedAt == nil else { return "the grant was revoked" }
        guard now < grant.endsAt, grant.createdAt <= now + Grants.clockTolerance else { return "the grant has ended" }
        guard let account = try Accounts.find(grant.account, in: reader), account.isActive else { return "the account is not active" }
        if let tenant = grant.tenant {
            guard let membership = try Memberships.active(grant.account, in: tenant, reader: reader) else {
                return "the account is no member of the tenant"
            }
            // Whoever was sent away and comes back begins anew: what they had let applications do is over.
            guard membership.validFrom <= grant.createdAt else { return "the account joined the tenant anew" }
            guard try SignInRules.rule(of: tenant, in: reader).admits(grant.methods) else { return "the tenant asks for another sign-in" }
        }
        if let session = try Sessions.find(grant.session, in: reader) {
            guard session.account == grant.account, session.stage == .complete else { return "the session is not complete" }
            if let tenant = grant.tenant,
                try Devices.isEnded(session.device, in: tenant, since: grant.authenticatedAt, reader: reader)
            {
                return "the tenant ended what was open on this device"
            }
            if !session.isAlive(at: now) {
                // Whoever signs out or is sent away ends everything; a browser that merely fell asleep does not end an application's
                // own access, where the person allowed that.
                let fellAsleep = session.ending == nil || session.ending == .expired
                guard grant.isOffline, fellAsleep else { return "the session has ended" }
            }
        } else if !grant.isOffline {
            return "the session has ended"
        }
        return nil
    }

    /// Signs what was approved.
    func mint(_ approval: Approval) async throws -> IssuedTokens {
        let now = plane.clock.now()
        let (grant, client) = (approval.grant, approval.client)
        let accessKey = try await keys.current(.es256)
        let access = AccessToken(
            issuer: plane.origin, subject: grant.account,
            audience: [grant.audience] + (approval.scopes.contains(.openid) && grant.audience != plane.origin ? [plane.origin] : []),
            expiresAt: now + Self.accessLife, issuedAt: now, id: ID(at: now, entropy: plane.entropy), client: client.id,
            scopes: approval.scopes, session: grant.session, grant: grant.id)
        // RFC 9068 section 2.2.1, for resource servers that want a fresh or a better sign-in (RFC 9470).
        var accessClaims = access.claims.object ?? [:]
        accessClaims["auth_time"] = .integer(grant.authenticatedAt.seconds)
        accessClaims["acr"] = .string(AuthenticationContext.of(grant).rawValue)
        accessClaims["amr"] = .array(AuthenticationContext.methods(grant).map { .string($0) })
        let accessToken = try JSONWebSignature.sign(.object(accessClaims), type: AccessToken.type, with: accessKey)
        var idToken: Secret?
        if approval.scopes.contains(.openid) {
            let claims = identityClaims(approval, at: now)
            idToken = Secret(try JSONWebSignature.sign(claims, type: "JWT", with: try await keys.current(client.idTokenAlgorithm)))
        }
        return IssuedTokens(
            accessToken: Secret(accessToken), expiresIn: Self.accessLife, refreshToken: approval.refreshToken, idToken: idToken,
            scope: approval.scopes.text, grant: grant)
    }

    /// OpenID Connect Core section 2.
    private func identityClaims(_ approval: Approval, at now: Instant) -> JSONValue {
        let grant = approval.grant
        var claims: JSONObject = [
            "iss": .string(plane.origin), "sub": .string(grant.account.description), "aud": .string(approval.client.id),
            "exp": .integer((now + Self.identityLife).seconds), "iat": .integer(now.seconds),
            "auth_time": .integer(grant.authenticatedAt.seconds),
            "sid": .string(grant.session.description), "amr": .array(AuthenticationContext.methods(grant).map { .string($0) }),
            "acr": .string(AuthenticationContext.of(grant).rawValue),
        ]
        if let nonce = grant.nonce { claims["nonce"] = .string(nonce) }
        for (name, value) in UserInfo.claims(of: approval.account, scopes: approval.scopes) { claims[name] = value }
        return .object(claims)
    }
}
