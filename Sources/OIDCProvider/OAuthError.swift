/// What the token endpoint and its neighbours can say no with (RFC 6749 section 5.2, RFC 8707 section 2).
package struct OAuthError: Error, Sendable, Hashable {
    package enum Code: String, Sendable, Hashable, CaseIterable {
        case invalidRequest = "invalid_request"
        case invalidClient = "invalid_client"
        case invalidGrant = "invalid_grant"
        case unauthorizedClient = "unauthorized_client"
        case unsupportedGrantType = "unsupported_grant_type"
        case invalidScope = "invalid_scope"
        case invalidTarget = "invalid_target"
    }

    package let code: Code
    /// For the client's developer. ASCII without quotes, as section 5.2 wants it.
    package let description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// RFC 6749 section 5.2: 401 for a client that failed to authenticate, 400 for everything else.
    package var isAuthenticationFailure: Bool { code == .invalidClient }
}

/// What the authorization endpoint reports back by redirect (RFC 6749 section 4.1.2.1, OpenID Connect Core 3.1.2.6).
package enum AuthorizationError: String, Sendable, Hashable, CaseIterable {
    case invalidRequest = "invalid_request"
    case unauthorizedClient = "unauthorized_client"
    case accessDenied = "access_denied"
    case unsupportedResponseType = "unsupported_response_type"
    case invalidScope = "invalid_scope"
    case invalidTarget = "invalid_target"
    case loginRequired = "login_required"
    case interactionRequired = "interaction_required"
    case requestNotSupported = "request_not_supported"
    case requestURINotSupported = "request_uri_not_supported"
    case registrationNotSupported = "registration_not_supported"
}

/// A bearer token that does not hold (RFC 6750 section 3.1).
package enum BearerError: String, Error, Sendable, Hashable {
    case invalidToken = "invalid_token"
    case insufficientScope = "insufficient_scope"
}
