import Identity
import Sealing
import Storage
import Vocabulary

/// What the authorization endpoint does with a browser.
package enum AuthorizationAnswer: Sendable, Hashable {
    /// Send it there with 303.
    case redirect(String)
    /// Let the person sign in first: send the browser to `/sign-in?continue=…`, and after that back to
    /// ``AuthorizationEndpoint/resumption(of:)``.
    case signIn(continuation: String)
    /// The person is signed in, but proved it too long ago for this application's `max_age`: let them confirm at `/confirm?continue=…`.
    case confirm(continuation: String)
    /// The person is signed in, but the tenant asks for more than was shown: let them show it at `/confirm/further?continue=…`.
    case further(continuation: String)
}

/// `/oauth/authorize`.
package struct AuthorizationEndpoint: Sendable {
    let plane: ControlPlane
    let clients: Clients
    let hosts: any EnvironmentHosts
    let sealer: Sealer

    /// `sealer`: of the control plane's key, purpose `.browserState`.
    package init(_ plane: ControlPlane, clients: Clients, hosts: any EnvironmentHosts, sealer: Sealer) {
        self.plane = plane
        self.clients = clients
        self.hosts = hosts
        self.sealer = sealer
    }

    static let codeLife = Duration.seconds(60)
    static let continuationLife = Duration.minutes(30)

    /// The path that takes up a request again after the person has signed in.
    package static func resumption(of continuation: String) -> String {
        // Nothing but base64url can follow, so this can't be made to lead elsewhere.
        Base64URL.decode(continuation) == nil ? "/" : "/oauth/authorize?continue=\(continuation)"
    }

    /// `session`: the browser's apex session, if any.
    ///
    /// Throws ``Refusal``, to be shown as a page, where the client or its redirect address is not known: such a browser is sent nowhere
    /// (RFC 6749 section 4.1.2.1).
    package func answer(_ given: OAuthParameters, session: Session?) async throws -> AuthorizationAnswer {
        let (parameters, askedAt) = try continued(given)
        guard let id = parameters["client_id"], let client = try await clients.find(id), client.state == .active else {
            throw Refusal.invalid("unknown-client", "The application that sent you here is not known. Go back and tell its maker.")
        }
        guard let redirectURI = parameters["redirect_uri"], client.admitsRedirect(to: redirectURI) else {
            throw Refusal.invalid(
                "redirect-uri", "The application that sent you here gave an address that it has not registered. Go back and tell its maker."
            )
        }
        do {
            let request = try AuthorizationRequest.read(parameters, client: client, redirectURI: redirectURI)
            return try await answer(request, parameters: parameters, askedAt: askedAt, session: session)
        } catch let failure as AuthorizationRequest.Failure {
            return .redirect(
                URLText.adding(
                    [("error", failure.error.rawValue), ("error_description", failure.description)]
                        + (parameters.hasDuplicates ? [] : parameters["state"].map { [("state", $0)] } ?? []) + [("iss", plane.origin)],
                    to: redirectURI))
        }
    }

    private func answer(
        _ request: AuthorizationRequest, parameters: OAuthParameters, askedAt: Instant?, session: Session?
    ) async throws -> AuthorizationAnswer {
        let now = plane.clock.now()
        guard let session, session.environment == nil, session.stage == .complete, session.isAlive(at: now),
            isRecent(session, for: request, askedAt: askedAt, at: now)
        else {
            guard request.prompt != .none else {
                throw AuthorizationRequest.Failure(.loginRequired, "the person has to sign in")
            }
            let continuation = try seal(parameters, askedAt: askedAt ?? now)
            let isSignedIn = session.map { $0.environment == nil && $0.stage == .complete && $0.isAlive(at: now) } ?? false
            return isSignedIn && request.prompt == .asNeeded ? .confirm(continuation: continuation) : .signIn(continuation: continuation)
        }
        let host = try await host(for: request)
        let verdict = try await plane.write { transaction -> Verdict in
            guard let account = try Accounts.find(session.account, in: transaction), account.isActive,
                let live = try Sessions.find(session.id, in: transaction), live.isAlive(at: now)
            else { return .denied }
            if let host {
                guard try Memberships.active(account.id, in: host.tenant, reader: transaction) != nil else { return .denied }
                guard try SignInRules.rule(of: host.tenant, in: transaction).admits(live.methods) else { return .tooWeak }
                if try Devices.isEnded(live.device, in: host.tenant, since: live.authenticatedAt, reader: transaction) { return .tooOld }
            }
            let content = AuthorizationCode(
                client: request.client.id, redirectURI: request.redirectURI, challenge: request.challenge, scopes: request.scopes,
                nonce: request.nonce, session: live.id, authenticatedAt: live.authenticatedAt, methods: live.methods,
                environment: host?.environment, tenant: host?.tenant, audience: host?.origin ?? plane.origin)
            return .code(
                try OneTimeCodes(plane).issue(
                    .authorization, for: account.id.description, payload: content.json.text, life: Self.codeLife, in: transaction))
        }
        switch verdict {
        case .code(let code):
            return .redirect(
                URLText.adding(
                    [("code", code.text)] + (request.state.map { [("state", $0)] } ?? []) + [("iss", plane.origin)],
                    to: request.redirectURI))
        case .denied: throw AuthorizationRequest.Failure(.accessDenied, "the person may not use this environment")
        case .tooOld:
            guard request.prompt != .none else {
                throw AuthorizationRequest.Failure(.loginRequired, "the person has to show again who they are")
            }
            return .confirm(continuation: try seal(parameters, askedAt: askedAt ?? now))
        case .tooWeak:
            guard request.prompt != .none else {
                throw AuthorizationRequest.Failure(.interactionRequired, "the person has to show one thing more")
            }
            return .further(continuation: try seal(parameters, askedAt: askedAt ?? now))
        }
    }

    private enum Verdict: Sendable {
        case code(Token)
        case denied
        /// The tenant ended what was open on this device since the person last proved who they are.
        case tooOld
        /// Signed in by less than the tenant asks for.
        case tooWeak
    }

    /// Which environment the tokens are for: the client's own, or the one that `resource` names (RFC 8707).
    private func host(for request: AuthorizationRequest) async throws -> EnvironmentHost? {
        var wanted: EnvironmentHost?
        if let resource = request.resource {
            let origin = resource.hasSuffix("/") ? String(resource.dropLast()) : resource
            wanted = try await hosts.host(origin: origin)
            guard wanted != nil else { throw AuthorizationRequest.Failure(.invalidTarget, "resource names no environment") }
        }
        guard let environment = request.client.environment else { return wanted }
        guard wanted == nil || wanted?.environment == environment else {
            throw AuthorizationRequest.Failure(.invalidTarget, "the client belongs to another environment")
        }
        guard let own = try await hosts.host(of: environment) else {
            throw AuthorizationRequest.Failure(.unauthorizedClient, "the client's environment is gone")
        }
        return own
    }

    private func isRecent(_ session: Session, for request: AuthorizationRequest, askedAt: Instant?, at now: Instant) -> Bool {
        if request.prompt == .login {
            guard let askedAt, session.authenticatedAt >= askedAt else { return false }
        }
        if let maxAge = request.maxAge, now - session.authenticatedAt > maxAge {
            guard let askedAt, session.authenticatedAt >= askedAt else { return false }
        }
        return true
    }

    // MARK: Keeping a request while the person signs in

    private func seal(_ parameters: OAuthParameters, askedAt: Instant) throws -> String {
        let kept: JSONValue = ["at": .integer(askedAt.microseconds), "request": parameters.json]
        return Base64URL.encode(try sealer.seal(Secret(kept.bytes), context: Self.context))
    }

    private func continued(_ given: OAuthParameters) throws -> (OAuthParameters, askedAt: Instant?) {
        guard let continuation = given["continue"] else { return (given, nil) }
        let stale = Refusal(.gone, "sign-in-stale", "Signing in took too long. Go back to the application and start again.")
        guard continuation.utf8.count <= 16_384, let sealed = Base64URL.decode(continuation),
            let kept = try? sealer.open(sealed, context: Self.context).withBytes({ try JSONReader.read($0) }),
            let at = kept["at"]?.integer.map(Instant.init(microseconds:)),
            let request = kept["request"].flatMap(OAuthParameters.init(json:))
        else { throw stale }
        let now = plane.clock.now()
        guard now < at + Self.continuationLife, at <= now + Grants.clockTolerance else { throw stale }
        return (request, at)
    }

    private static let context = SealingContext(.control, object: "authorization-request")
}

/// What a code stands for until it is redeemed.
struct AuthorizationCode: Sendable, Hashable {
    let client: String
    let redirectURI: String
    let challenge: String
    let scopes: Set<Scope>
    let nonce: String?
    let session: SessionID
    let authenticatedAt: Instant
    let methods: [String]
    let environment: EnvironmentID?
    let tenant: TenantID?
    let audience: String

    var json: JSONValue {
        [
            "client": .string(client), "redirect_uri": .string(redirectURI), "challenge": .string(challenge),
            "scopes": .string(scopes.text),
            "nonce": nonce.map { .string($0) } ?? .null, "session": .string(session.description),
            "authenticated_at": .integer(authenticatedAt.microseconds), "methods": .string(methods.joined(separator: " ")),
            "environment": environment.map { .string($0.description) } ?? .null, "tenant": tenant.map { .string($0.description) } ?? .null,
            "audience": .string(audience),
        ]
    }
}

extension AuthorizationCode {
    init?(payload: String) {
        guard let json = try? JSONReader.read(Array(payload.utf8)), let client = json["client"]?.string,
            let redirectURI = json["redirect_uri"]?.string, let challenge = json["challenge"]?.string,
            let scopes = json["scopes"]?.string.flatMap(Scope.parse), let session = json["session"]?.string.flatMap({ SessionID($0) }),
            let at = json["authenticated_at"]?.integer, let methods = json["methods"]?.string, let audience = json["audience"]?.string
        else { return nil }
        self.init(
            client: client, redirectURI: redirectURI, challenge: challenge, scopes: scopes, nonce: json["nonce"]?.string, session: session,
            authenticatedAt: Instant(microseconds: at), methods: methods.split(separator: " ").map(String.init),
            environment: json["environment"]?.string.flatMap { EnvironmentID($0) }, tenant: json["tenant"]?.string.flatMap { TenantID($0) },
            audience: audience)
    }
}
