import Crypto
import Identity
import Storage
import Vocabulary

/// `/oauth/token`: two grants, one gate.
package struct TokenEndpoint: Sendable {
    let plane: ControlPlane
    let clients: Clients
    let gate: TokenGate
    let trail: TokenTrail

    package init(_ plane: ControlPlane, clients: Clients, gate: TokenGate, trail: TokenTrail) {
        self.plane = plane
        self.clients = clients
        self.gate = gate
        self.trail = trail
    }

    /// Throws ``OAuthError``.
    package func answer(_ parameters: OAuthParameters, from credentials: Clients.Credentials, by principal: Principal) async throws
        -> IssuedTokens
    {
        guard !parameters.hasDuplicates else { throw OAuthError(.invalidRequest, "a parameter appears twice") }
        guard let name = parameters["grant_type"] else { throw OAuthError(.invalidRequest, "grant_type is missing") }
        let client = try await clients.authenticate(credentials)
        guard let type = TokenGate.GrantType(rawValue: name) else {
            throw OAuthError(.unsupportedGrantType, "only authorization_code and refresh_token are supported")
        }
        let result =
            switch type {
            case .authorizationCode: try await redeemCode(parameters, for: client, by: principal)
            case .refreshToken: try await refresh(parameters, for: client, by: principal)
            }
        switch result {
        case .success(let approval): return try await gate.mint(approval)
        case .failure(let error): throw error
        }
    }

    /// RFC 6749 section 4.1.3. What is wrong with a code is returned and not thrown, so that the code is used up all the same.
    private func redeemCode(
        _ parameters: OAuthParameters, for client: Client, by principal: Principal
    ) async throws -> Result<TokenGate.Approval, OAuthError> {
        guard let code = parameters["code"], let redirectURI = parameters["redirect_uri"], let verifier = parameters["code_verifier"] else {
            throw OAuthError(.invalidRequest, "code, redirect_uri and code_verifier are required")
        }
        // RFC 7636 section 4.1.
        guard (43...128).contains(verifier.utf8.count), verifier.utf8.allSatisfy(Self.isUnreserved) else {
            throw OAuthError(.invalidRequest, "code_verifier is malformed")
        }
        let offered = Base64URL.encode(SHA256.hash(data: Array(verifier.utf8)))
        return try await plane.write { transaction in
            let refused = OAuthError(.invalidGrant, "the code is unknown, expired, used, or for another client")
            let found: OneTimeCode
            switch try OneTimeCodes(plane).redeem(code, for: .authorization, in: transaction) {
            case .fresh(let code): found = code
            case .spent:
                try Grants(plane).revoke(code: code, client: client.id, by: principal, in: transaction)
                return .failure(refused)
            case .expired, .unknown: return .failure(refused)
            }
            guard let content = AuthorizationCode(payload: found.payload), let account = AccountID(found.subject),
                content.client == client.id, content.redirectURI == redirectURI, Secret(offered) == Secret(content.challenge)
            else { return .failure(refused) }
            let now = plane.clock.now()
            let grant = Grant(
                id: GrantID(at: now, entropy: plane.entropy), client: client.id, account: account, session: content.session,
                environment: content.environment, tenant: content.tenant, audience: content.audience, scopes: content.scopes,
                authenticatedAt: content.authenticatedAt, methods: content.methods, nonce: content.nonce, createdAt: now,
                endsAt: now + (content.scopes.contains(.offlineAccess) ? Grants.offlineLife : .days(1)))
            try Grants(plane).add(grant, code: TokenDigest(of: code), in: transaction)
            // The tokens of a tenant's own host go nowhere.
            if client.kind != .house { _ = try trail.follow(grant, by: principal, in: transaction) }
            return try gate.approve(grant, .authorizationCode, for: client, scopes: grant.scopes, by: principal, in: transaction)
        }
    }

    /// RFC 6749 section 6, with rotation (RFC 9700 section 4.14).
    private func refresh(
        _ parameters: OAuthParameters, for client: Client, by principal: Principal
    ) async throws -> Result<TokenGate.Approval, OAuthError> {
        guard let token = parameters["refresh_token"] else { throw OAuthError(.invalidRequest, "refresh_token is missing") }
        var narrowed: Set<Scope>?
        if let text = parameters["scope"] {
            guard let scopes = Scope.parse(text), !scopes.isEmpty else {
                throw OAuthError(.invalidScope, "the scope is malformed or unknown")
            }
            narrowed = scopes
        }
        return try await plane.write { [narrowed] transaction in
            let grants = Grants(plane)
            let refused = OAuthError(.invalidGrant, "the refresh token is unknown, expired, used, or for another client")
            // Judged before it is used up: asking for too much must not cost the client its token.
            if let narrowed, let grant = try grants.find(refreshToken: token, in: transaction), grant.client == client.id,
                !narrowed.isSubset(of: grant.scopes)
            {
                return .failure(OAuthError(.invalidScope, "the scope exceeds what was granted"))
            }
            switch try grants.redeem(token, client: client.id, by: principal, in: transaction) {
            case .fresh(let grant):
                guard try trail.follow(grant, by: principal, in: transaction) else { return .failure(refused) }
                return try gate.approve(
                    grant, .refreshToken, for: client, scopes: narrowed ?? grant.scopes, by: principal, in: transaction)
            case .reused, .unknown: return .failure(refused)
            }
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
