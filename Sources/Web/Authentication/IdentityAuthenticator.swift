import Cluster
import HTTPTypes
import Hummingbird
import Identity
import OIDCProvider
import Vocabulary

/// Knows visitors by the session cookie, or by a bearer token at a tenant's host.
///
/// Whether a cookie or a token belongs to this host is decided by the session's or grant's own environment, never by
/// anything the request says. A session that has not shown its second factor is nobody.
package struct IdentityAuthenticator: Authenticator {
    private let sessions: Sessions
    private let memberships: Memberships
    private let verifier: TokenVerifier
    private let profiles: Profiles

    package init(_ desk: IdentityDesk, verifier: TokenVerifier) {
        sessions = desk.sessions
        memberships = desk.memberships
        profiles = Profiles(desk.plane)
        self.verifier = verifier
    }

    package func visitor(of request: Request, in context: HoldfastContext) async throws -> Visitor? {
        if let authorization = request.headers[.authorization] {
            // At the apex only the provider's own routes take this header, and they read it themselves.
            guard case .environment(let environment, _) = context.site else { return nil }
            return try await bearer(authorization, environment, request.method, context)
        }
        guard let token = HostCookie.session.value(in: request), let session = try await sessions.find(token: token),
            session.factorVerified, session.environment == context.site.environment,
            let profile = try await profiles.find(session.account)
        else { return nil }
        let principal = Principal(.account(session.account), session: session.id, address: context.address)
        guard let tenant = session.tenant else {
            return Visitor(
                principal: principal, name: profile.name, means: .cookie, isOperator: profile.isOperator,
                authenticatedAt: session.authenticatedAt, device: session.device)
        }
        let roles = try await memberships.roles(of: session.account, in: tenant)
        guard !roles.isEmpty else { return nil }
        return Visitor(
            principal: principal, roles: roles, name: profile.name, means: .cookie, authenticatedAt: session.authenticatedAt,
            device: session.device)
    }

    private func bearer(
        _ authorization: String, _ environment: EnvironmentID, _ method: HTTPRequest.Method, _ context: HoldfastContext
    ) async throws -> Visitor {
        let refused = Refusal(.unauthenticated, "invalid-token", "The access token is wrong, expired, revoked, or for another host.")
        guard let token = BearerToken.read(authorization) else { throw refused }
        let bearer: Bearer
        do {
            bearer = try await verifier.verify(token, audience: context.origin, from: context.address)
        } catch is BearerError {
            throw refused
        }
        guard bearer.environment == environment, let tenant = bearer.tenant, let profile = try await profiles.find(bearer.account) else {
            throw refused
        }
        // Decided here and not by each route, so that no route can forget it.
        let isReading = method == .get || method == .head || method == .options
        guard bearer.scopes.contains(.write) || (isReading && bearer.scopes.contains(.read)) else {
            throw Refusal.forbidden("insufficient-scope", "The access token lacks the scope \(isReading ? "read" : "write").")
        }
        let roles = try await memberships.roles(of: bearer.account, in: tenant)
        guard !roles.isEmpty else { throw refused }
        return Visitor(
            principal: Principal(.account(bearer.account), session: bearer.session, address: context.address), roles: roles,
            name: profile.name, means: .bearer(scopes: Set(bearer.scopes.map(\.rawValue))), authenticatedAt: bearer.authenticatedAt)
    }
}

enum BearerToken {
    /// The token of `Authorization: Bearer …` (RFC 6750 section 2.1); the scheme's case doesn't matter.
    static func read(_ header: String) -> String? {
        // By bytes: walking a token's seven hundred characters as characters costs more than the rest of the check.
        let parts = header.utf8.split(separator: UInt8(ascii: " "))
        guard parts.count == 2, parts[0].count == 6, parts[1].count <= 8192 else { return nil }
        guard zip(parts[0], "bearer".utf8).allSatisfy({ $0 | 0x20 == $1 }) else { return nil }
        return String(Substring(parts[1]))
    }
}

/// Names and operators, remembered until something is taken from them.
private struct Profiles: Sendable {
    struct Profile: Sendable {
        let name: String
        let isOperator: Bool
    }

    private let plane: ControlPlane
    private let known: BoundedCache<AccountID, Profile>

    init(_ plane: ControlPlane) {
        self.plane = plane
        let known = BoundedCache<AccountID, Profile>(limit: 20_000, lease: plane.coherence.lease)
        self.known = known
        plane.coherence.listen { invalidation in
            switch invalidation {
            case .account(let id): known.forget(id)
            case .rights, .everything: known.forgetAll()
            case .session, .environment, .ban, .allowedRanges, .signingKeys, .key, .masterKey: break
            }
        }
    }

    /// Nil for an account that is gone or disabled.
    func find(_ id: AccountID) async throws -> Profile? {
        if let profile = known[id] { return profile }
        let generation = known.generation
        guard let account = try await Accounts(plane).find(id), account.isActive else { return nil }
        let isOperator = try await Staff(plane).isOperator(id)
        let profile = Profile(name: account.identifier, isOperator: isOperator)
        known.insert(profile, for: id, readAt: generation)
        return profile
    }
}
