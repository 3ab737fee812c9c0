import HTTPTypes
import Hummingbird
import Identity
import OIDCProvider
import Vocabulary

/// The provider's endpoints at the apex. All decisions are `OIDCProvider`'s; here they become HTTP.
package struct ProviderRoutes: Sendable {
    private let provider: Provider
    private let sessions: Sessions

    package init(_ provider: Provider, sessions: Sessions) {
        self.provider = provider
        self.sessions = sessions
    }

    package func add(to router: Router<HoldfastContext>) {
        router.get("/.well-known/openid-configuration") { _, _ in metadata() }
        router.get("/.well-known/oauth-authorization-server") { _, _ in metadata() }
        router.get("/.well-known/jwks.json") { _, _ in
            Response.json(try await provider.keys.publicKeys(), headers: Self.published)
        }
        router.get("/oauth/authorize") { request, context in try await authorize(try request.queryParameters(), request, context) }
        router.post("/oauth/authorize") { request, context in
            try await authorize(try await request.formParameters(in: context), request, context)
        }
        router.post("/oauth/token") { request, context in try await token(request, context) }
        router.post("/oauth/revoke") { request, context in try await revoke(request, context) }
        router.get("/oauth/userinfo") { request, context in try await userInfo(request, context) }
        router.post("/oauth/userinfo") { request, context in try await userInfo(request, context) }
        router.get("/oauth/end-session") { request, context in try await endSession(try request.queryParameters(), request, context) }
        router.post("/oauth/end-session") { request, context in
            try await endSession(try await request.formParameters(in: context), request, context)
        }
    }

    // Applications in a browser read these from elsewhere; none of them looks at cookies.
    private static let open: HTTPFields = [.accessControlAllowOrigin: "*", .cacheControl: "no-store"]
    private static let published: HTTPFields = [.accessControlAllowOrigin: "*", .cacheControl: "public, max-age=300"]

    private func metadata() -> Response {
        .json(Discovery.document(issuer: provider.plane.origin), headers: Self.published)
    }

    private func authorize(_ parameters: OAuthParameters, _ request: Request, _ context: HoldfastContext) async throws -> Response {
        switch try await provider.authorization.answer(parameters, session: try await session(request)) {
        case .redirect(let location): .seeOther(location)
        case .signIn(let continuation): .seeOther("/sign-in?continue=\(continuation)")
        case .confirm(let continuation): .seeOther("/confirm?continue=\(continuation)")
        case .further(let continuation): .seeOther("/confirm/further?continue=\(continuation)")
        }
    }

    private func endSession(_ parameters: OAuthParameters, _ request: Request, _ context: HoldfastContext) async throws -> Response {
        var response: Response
        switch try await provider.endSession.answer(parameters, session: try await session(request), by: context.principal) {
        case .redirect(let location): response = .seeOther(location)
        case .signedOut: response = .seeOther("/sign-in?signed-out")
        case .confirm: return .seeOther("/sign-out")
        }
        HostCookie.session.clear(on: &response)
        return response
    }

    private func token(_ request: Request, _ context: HoldfastContext) async throws -> Response {
        do {
            let parameters = try await request.formParameters(in: context)
            let credentials = try ClientCredentials.read(request, parameters)
            let tokens = try await provider.token.answer(parameters, from: credentials, by: context.principal)
            return .json(tokens.json, headers: Self.open)
        } catch let error as OAuthError {
            return refusal(error)
        }
    }

    private func revoke(_ request: Request, _ context: HoldfastContext) async throws -> Response {
        do {
            let parameters = try await request.formParameters(in: context)
            let credentials = try ClientCredentials.read(request, parameters)
            try await provider.revocation.answer(parameters, from: credentials, by: context.principal)
            return .json(JSONValue.object([:]), headers: Self.open)
        } catch let error as OAuthError {
            return refusal(error)
        }
    }

    private func userInfo(_ request: Request, _ context: HoldfastContext) async throws -> Response {
        do {
            guard let token = request.headers[.authorization].flatMap(BearerToken.read) else { throw BearerError.invalidToken }
            return .json(try await provider.userInfo.answer(token: token, from: context.address), headers: Self.open)
        } catch let error as BearerError {
            var headers = Self.open
            headers[.wwwAuthenticate] = "Bearer error=\"\(error.rawValue)\""
            let status: HTTPResponse.Status =
                switch error {
                case .invalidToken: .unauthorized
                case .insufficientScope: .forbidden
                }
            return .json(["error": .string(error.rawValue)], status: status, headers: headers)
        }
    }

    private func refusal(_ error: OAuthError) -> Response {
        var headers = Self.open
        if error.isAuthenticationFailure { headers[.wwwAuthenticate] = "Basic realm=\"oauth\"" }
        return .json(
            ["error": .string(error.code.rawValue), "error_description": .string(error.description)],
            status: error.isAuthenticationFailure ? .unauthorized : .badRequest, headers: headers)
    }

    private func session(_ request: Request) async throws -> Session? {
        guard let token = HostCookie.session.value(in: request) else { return nil }
        return try await sessions.find(token: token)
    }
}

enum ClientCredentials {
    /// One way only (RFC 6749 section 2.3): the header, or the body.
    static func read(_ request: Request, _ parameters: OAuthParameters) throws(OAuthError) -> Clients.Credentials {
        let malformed = OAuthError(.invalidRequest, "the client must authenticate in exactly one way")
        guard let header = request.headers[.authorization] else {
            guard let id = parameters["client_id"] else { throw malformed }
            return parameters["client_secret"].map { .secret(id: id, Secret($0)) } ?? .none(id: id)
        }
        let parts = header.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "basic", parameters["client_secret"] == nil, header.utf8.count <= 2048,
            let pair = Base64Text.decode(parts[1]), let colon = pair.firstIndex(of: ":")
        else { throw malformed }
        // Both halves are form-encoded first (section 2.3.1); ours hold nothing that encoding would change.
        let (id, secret) = (String(pair[..<colon]), String(pair[pair.index(after: colon)...]))
        guard parameters["client_id"] ?? id == id else { throw malformed }
        return .secret(id: id, Secret(secret))
    }
}

extension Request {
    /// The query as an OAuth request; a query that can't be decoded is refused.
    func queryParameters() throws -> OAuthParameters {
        guard let query = uri.query else { return OAuthParameters([]) }
        return OAuthParameters(try Form.urlEncoded(query.utf8, limit: 100).fields)
    }

    func formParameters(in context: HoldfastContext) async throws -> OAuthParameters {
        OAuthParameters(try await form(in: context).fields)
    }
}
