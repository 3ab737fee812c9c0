import Vocabulary

/// The claims of an access token (RFC 9068 section 2.2).
struct AccessToken: Sendable, Hashable {
    static let type: StaticString = "at+jwt"

    let issuer: String
    let subject: AccountID
    let audience: [String]
    let expiresAt: Instant
    let issuedAt: Instant
    let id: ID<AccessToken>
    let client: String
    let scopes: Set<Scope>
    let session: SessionID
    let grant: GrantID

    var claims: JSONValue {
        [
            "iss": .string(issuer), "sub": .string(subject.description),
            "aud": audience.count == 1 ? .string(audience[0]) : .array(audience.map { .string($0) }),
            "exp": .integer(expiresAt.seconds), "iat": .integer(issuedAt.seconds), "jti": .string(id.description),
            "client_id": .string(client), "scope": .string(scopes.text), "sid": .string(session.description),
            "gid": .string(grant.description),
        ]
    }
}

extension AccessToken {
    init?(claims: JSONValue) {
        guard let issuer = claims["iss"]?.string, let subject = claims["sub"]?.string.flatMap({ AccountID($0) }),
            let audience = claims["aud"]?.string.map({ [$0] }) ?? claims["aud"]?.array?.compactMap(\.string),
            let expires = claims["exp"]?.integer, let issued = claims["iat"]?.integer,
            let id = claims["jti"]?.string.flatMap({ ID<AccessToken>($0) }), let client = claims["client_id"]?.string,
            let scopes = claims["scope"]?.string.flatMap(Scope.parse), let session = claims["sid"]?.string.flatMap({ SessionID($0) }),
            let grant = claims["gid"]?.string.flatMap({ GrantID($0) }), abs(expires) < 1 << 40, abs(issued) < 1 << 40
        else { return nil }
        self.init(
            issuer: issuer, subject: subject, audience: audience, expiresAt: Instant(seconds: expires), issuedAt: Instant(seconds: issued),
            id: id, client: client, scopes: scopes, session: session, grant: grant)
    }
}
