import Vocabulary

/// A complete authorization request (RFC 6749 section 4.1.1, RFC 7636, OpenID Connect Core 3.1.2.1): only ``read(_:client:)`` makes one.
struct AuthorizationRequest: Sendable, Hashable {
    enum Prompt: Sendable, Hashable {
        case asNeeded
        case none
        case login
    }

    let client: Client
    let redirectURI: String
    let state: String?
    let scopes: Set<Scope>
    let nonce: String?
    /// S256: the base64url of the verifier's SHA-256.
    let challenge: String
    let prompt: Prompt
    let maxAge: Duration?
    let resource: String?

    struct Failure: Error, Hashable {
        let error: AuthorizationError
        let description: String

        init(_ error: AuthorizationError, _ description: String) {
            self.error = error
            self.description = description
        }
    }

    /// Everything after the client and its redirect address, which have been settled. The first thing that is wrong is thrown.
    static func read(_ parameters: OAuthParameters, client: Client, redirectURI: String) throws(Failure) -> AuthorizationRequest {
        guard !parameters.hasDuplicates else { throw Failure(.invalidRequest, "a parameter appears twice") }
        guard (parameters["state"]?.utf8.count ?? 0) <= 2048 else { throw Failure(.invalidRequest, "state is too long") }
        guard parameters["request"] == nil else { throw Failure(.requestNotSupported, "request objects are not supported") }
        guard parameters["request_uri"] == nil else { throw Failure(.requestURINotSupported, "request_uri is not supported") }
        guard parameters["registration"] == nil else { throw Failure(.registrationNotSupported, "registration is not supported") }
        guard let type = parameters["response_type"] else { throw Failure(.invalidRequest, "response_type is missing") }
        guard type == "code" else { throw Failure(.unsupportedResponseType, "only the response type code is supported") }
        guard parameters["response_mode"] ?? "query" == "query" else {
            throw Failure(.invalidRequest, "only the response mode query is supported")
        }
        guard let challenge = parameters["code_challenge"] else {
            throw Failure(.invalidRequest, "code_challenge is missing: PKCE is required")
        }
        guard parameters["code_challenge_method"] == "S256" else {
            throw Failure(.invalidRequest, "code_challenge_method must be S256")
        }
        guard challenge.utf8.count == 43, Base64URL.decode(challenge) != nil else {
            throw Failure(.invalidRequest, "code_challenge is not the base64url of a SHA-256")
        }
        guard let wanted = Scope.parse(parameters["scope"] ?? "") else { throw Failure(.invalidScope, "scope holds invalid characters") }
        let scopes = wanted.intersection(client.scopes)
        guard !scopes.isEmpty else { throw Failure(.invalidScope, "the client may ask for none of these scopes") }
        guard (parameters["nonce"]?.utf8.count ?? 0) <= 512 else { throw Failure(.invalidRequest, "nonce is too long") }
        var maxAge: Duration?
        if let text = parameters["max_age"] {
            guard let seconds = Int64(text), (0...1_000_000_000).contains(seconds) else {
                throw Failure(.invalidRequest, "max_age is no number of seconds")
            }
            maxAge = .seconds(seconds)
        }
        return AuthorizationRequest(
            client: client, redirectURI: redirectURI, state: parameters["state"], scopes: scopes, nonce: parameters["nonce"],
            challenge: challenge, prompt: try prompt(parameters["prompt"]), maxAge: maxAge, resource: parameters["resource"])
    }

    private static func prompt(_ text: String?) throws(Failure) -> Prompt {
        let words = Set((text ?? "").split(separator: " "))
        if words.contains("none") {
            guard words.count == 1 else { throw Failure(.invalidRequest, "prompt none excludes every other value") }
            return .none
        }
        // Signing in again is also how another account is selected; consent was given by whoever registered the client.
        return words.contains("login") || words.contains("select_account") ? .login : .asNeeded
    }
}
