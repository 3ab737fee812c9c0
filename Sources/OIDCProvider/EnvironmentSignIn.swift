import Crypto
import Identity
import Sealing
import Storage
import Vocabulary

/// How a tenant's host signs people in: as a client of the apex like any other application, through the front door.
package struct EnvironmentSignIn: Sendable {
    let plane: ControlPlane
    let token: TokenEndpoint
    let sessions: Sessions
    let keys: SigningKeys
    let sealer: Sealer

    /// `sealer`: of the control plane's key, purpose `.browserState`.
    package init(_ plane: ControlPlane, token: TokenEndpoint, sessions: Sessions, keys: SigningKeys, sealer: Sealer) {
        self.plane = plane
        self.token = token
        self.sessions = sessions
        self.keys = keys
        self.sealer = sealer
    }

    /// The beginning: where to send the browser, and what it has to bring back in a `__Host-` cookie of this host.
    package struct Departure: Sendable {
        package let location: String
        package let cookie: String
    }

    /// How long somebody may take to sign in.
    package static let life = Duration.minutes(30)

    /// `path`: where the person wanted to go at this host; anything that is no plain path of it becomes `/`. `maxAge`: how old their last
    /// proof may be.
    package func start(at host: EnvironmentHost, returningTo path: String?, maxAge: Duration? = nil) throws -> Departure {
        let state = Base64URL.encode(plane.entropy.bytes(16))
        let nonce = Base64URL.encode(plane.entropy.bytes(16))
        let verifier = Base64URL.encode(plane.entropy.bytes(32))
        let kept: JSONValue = [
            "at": .integer(plane.clock.now().microseconds), "state": .string(state), "nonce": .string(nonce), "verifier": .string(verifier),
            "path": .string(Self.localPath(path)),
        ]
        let location = URLText.adding(
            [
                ("client_id", host.clientID), ("redirect_uri", host.redirectURI), ("response_type", "code"),
                ("scope", "openid profile email"), ("state", state), ("nonce", nonce),
                ("code_challenge", Base64URL.encode(SHA256.hash(data: Array(verifier.utf8)))), ("code_challenge_method", "S256"),
            ] + (maxAge.map { [("max_age", String($0.components.seconds))] } ?? []), to: plane.origin + "/oauth/authorize")
        return Departure(location: location, cookie: Base64URL.encode(try sealer.seal(Secret(kept.bytes), context: context(host))))
    }

    /// The end: a session at this host, as child of the apex session.
    ///
    /// Throws ``Refusal`` for everything that doesn't fit together: another browser's answer, another issuer's, an old one.
    package func finish(
        _ parameters: OAuthParameters, at host: EnvironmentHost, cookie: String?, by principal: Principal, agent: String?
    ) async throws -> (session: IssuedSession, path: String) {
        guard !parameters.hasDuplicates, let kept = opened(cookie, host), let state = parameters["state"],
            Secret(state) == Secret(kept.state), parameters["iss"] == plane.origin
        else { throw Self.startAgain }
        if let error = parameters["error"] {
            guard error == AuthorizationError.accessDenied.rawValue else { throw Self.startAgain }
            throw Refusal.forbidden("not-a-member", "Your account does not belong to this tenant. Ask its administrator for an invitation.")
        }
        guard let code = parameters["code"] else { throw Self.startAgain }
        let exchange = OAuthParameters([
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", host.redirectURI), ("code_verifier", kept.verifier),
        ])
        let tokens: IssuedTokens
        do {
            tokens = try await token.answer(exchange, from: .house(host), by: principal)
        } catch is OAuthError {
            throw Self.startAgain
        }
        guard let idToken = tokens.idToken?.spelledOut, let claims = try await JSONWebSignature.verify(idToken, type: "JWT", keys: keys),
            claims["nonce"]?.string == kept.nonce, claims["aud"]?.string == host.clientID
        else { throw Self.startAgain }
        let session = try await sessions.startEnvironment(
            host.environment, of: host.tenant, under: tokens.grant.session, address: principal.address, agent: agent)
        return (session, kept.path)
    }

    /// The apex session in which a code was given, while the code is good.
    package func session(behind code: String) async throws -> Session? {
        let code = try await plane.database.read { [plane] in try OneTimeCodes(plane).inspect(code, for: .authorization, in: $0) }
        guard let content = code.flatMap({ AuthorizationCode(payload: $0.payload) }) else { return nil }
        return try await sessions.find(content.session)
    }

    /// A path of this host, and nothing that a browser takes for another host.
    package static func localPath(_ text: String?) -> String {
        guard let text, text.utf8.count <= 2000, text.hasPrefix("/"), !text.hasPrefix("//"), !text.hasPrefix("/\\"),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }), !text.hasPrefix("/sign-in"),
            !text.hasPrefix("/sign-out")
        else { return "/" }
        return text
    }

    private func opened(_ cookie: String?, _ host: EnvironmentHost) -> (state: String, nonce: String, verifier: String, path: String)? {
        guard let cookie, cookie.utf8.count <= 4096, let sealed = Base64URL.decode(cookie),
            let kept = try? sealer.open(sealed, context: context(host)).withBytes({ try JSONReader.read($0) }),
            let at = kept["at"]?.integer.map(Instant.init(microseconds:)), let state = kept["state"]?.string,
            let nonce = kept["nonce"]?.string, let verifier = kept["verifier"]?.string, let path = kept["path"]?.string
        else { return nil }
        let now = plane.clock.now()
        guard now < at + Self.life, at <= now + Grants.clockTolerance else { return nil }
        return (state, nonce, verifier, path)
    }

    private func context(_ host: EnvironmentHost) -> SealingContext {
        SealingContext(.environment(host.environment), object: "sign-in")
    }

    private static let startAgain = Refusal(.unauthenticated, "sign-in-broken", "Signing in did not work out. Please start again.")
}
