import Audit
import Identity
import Storage
import Vocabulary

/// Grants and their refresh tokens, of which only digests are stored.
package struct Grants: Sendable {
    let plane: ControlPlane

    package init(_ plane: ControlPlane) { self.plane = plane }

    package static let migrations: [Migration] = [
        Migration("oidc_0003_grants") { dialect in
            [
                """
                CREATE TABLE oauth_grant (
                    id TEXT NOT NULL PRIMARY KEY,
                    code_digest TEXT NOT NULL UNIQUE,
                    client TEXT NOT NULL,
                    account TEXT NOT NULL REFERENCES account (id),
                    session TEXT NOT NULL,
                    environment TEXT,
                    tenant TEXT,
                    audience TEXT NOT NULL,
                    scopes TEXT NOT NULL,
                    authenticated_at \(dialect.instant) NOT NULL,
                    methods TEXT NOT NULL,
                    nonce TEXT,
                    created_at \(dialect.instant) NOT NULL,
                    ends_at \(dialect.instant) NOT NULL,
                    revoked_at \(dialect.instant)
                )\(dialect.strict)
                """,
                "CREATE INDEX oauth_grant_by_account ON oauth_grant (account)",
                "CREATE INDEX oauth_grant_by_end ON oauth_grant (ends_at)",
                """
                CREATE TABLE refresh_token (
                    digest TEXT NOT NULL PRIMARY KEY,
                    grant_id TEXT NOT NULL REFERENCES oauth_grant (id) ON DELETE CASCADE,
                    created_at \(dialect.instant) NOT NULL,
                    expires_at \(dialect.instant) NOT NULL,
                    used_at \(dialect.instant)
                )\(dialect.strict)
                """,
                "CREATE INDEX refresh_token_by_grant ON refresh_token (grant_id)",
            ]
        }
    ]

    /// A refresh token that nobody uses for this long is worthless.
    static let refreshIdleLife = Duration.days(14)
    /// A grant with `offline_access` ends after this, however much it is used.
    static let offlineLife = Duration.days(90)

    /// What a refresh token was good for.
    enum Refresh {
        case fresh(Grant)
        /// Used before: somebody has a copy. The family was ended.
        case reused
        case unknown
    }

    func add(_ grant: Grant, code: TokenDigest, in transaction: any Transaction) throws {
        try transaction.run(
            """
            INSERT INTO oauth_grant (id, code_digest, client, account, session, environment, tenant, audience, scopes, authenticated_at,
                methods, nonce, created_at, ends_at)
            VALUES (\(grant.id), \(code), \(grant.client), \(grant.account), \(grant.session), \(grant.environment), \(grant.tenant),
                \(grant.audience), \(grant.scopes.text), \(grant.authenticatedAt), \(grant.methods.joined(separator: " ")), \(grant.nonce),
                \(grant.createdAt), \(grant.endsAt))
            """)
    }

    func issueRefreshToken(for grant: Grant, in transaction: any Transaction) throws -> Token {
        let token = Token(entropy: plane.entropy)
        let now = plane.clock.now()
        try transaction.run(
            """
            INSERT INTO refresh_token (digest, grant_id, created_at, expires_at)
            VALUES (\(token.digest), \(grant.id), \(now), \(min(now + Self.refreshIdleLife, grant.endsAt)))
            """)
        return token
    }

    /// Uses a refresh token up; one statement decides who of several callers gets it. `client` is whoever asks.
    func redeem(_ token: String, client: String, by principal: Principal, in transaction: any Transaction) throws -> Refresh {
        guard token.utf8.count == 43 else { return .unknown }
        let digest = TokenDigest(of: token)
        let now = plane.clock.now()
        let row = try transaction.row(
            """
            SELECT \(Grant.columns), refresh_token.used_at, refresh_token.expires_at, refresh_token.created_at
            FROM refresh_token JOIN oauth_grant ON oauth_grant.id = refresh_token.grant_id WHERE refresh_token.digest = \(digest)
            """)
        guard let row else { return .unknown }
        let grant = try Grant(row: row)
        // Somebody else's token says nothing to this client, not even that it exists.
        guard grant.client == client else { return .unknown }
        if try row.get(14, as: Instant?.self) != nil {
            try revoke(grant.id, client: client, by: principal, in: transaction)
            return .reused
        }
        guard try row.get(15, as: Instant.self) > now, try row.get(16, as: Instant.self) <= now + Self.clockTolerance else {
            return .unknown
        }
        let used = try transaction.run("UPDATE refresh_token SET used_at = \(now) WHERE digest = \(digest) AND used_at IS NULL")
        guard used == 1 else {
            try revoke(grant.id, client: client, by: principal, in: transaction)
            return .reused
        }
        return .fresh(grant)
    }

    /// Ends a family.
    func revoke(_ id: GrantID, client: String, by principal: Principal, in transaction: any Transaction) throws {
        let now = plane.clock.now()
        let account = try transaction.value(
            "UPDATE oauth_grant SET revoked_at = \(now) WHERE id = \(id) AND revoked_at IS NULL RETURNING account", as: AccountID.self)
        guard let account else { return }
        try plane.audit.record(.tokenRevoked(client: client), by: principal, at: now, in: transaction)
        try plane.invalidate(.account(account), in: transaction)
    }

    /// A code came a second time: what its first use got ends.
    func revoke(code: String, client: String, by principal: Principal, in transaction: any Transaction) throws {
        let id = try transaction.value("SELECT id FROM oauth_grant WHERE code_digest = \(TokenDigest(of: code))", as: GrantID.self)
        if let id { try revoke(id, client: client, by: principal, in: transaction) }
    }

    func find(refreshToken token: String, in reader: any Reader) throws -> Grant? {
        guard token.utf8.count == 43 else { return nil }
        return try reader.row(
            """
            SELECT \(Grant.columns) FROM refresh_token JOIN oauth_grant ON oauth_grant.id = refresh_token.grant_id
            WHERE refresh_token.digest = \(TokenDigest(of: token))
            """
        ).map(Grant.init(row:))
    }

    func find(_ id: GrantID, in reader: any Reader) throws -> Grant? {
        try reader.row("SELECT \(Grant.columns) FROM oauth_grant WHERE id = \(id)").map(Grant.init(row:))
    }

    /// Forgets grants that ended long ago, with their refresh tokens.
    package func sweep() async throws {
        let before = plane.clock.now() - .days(1)
        try await plane.write { transaction in
            try transaction.run(
                "DELETE FROM refresh_token WHERE grant_id IN (SELECT id FROM oauth_grant WHERE ends_at < \(before))")
            try transaction.run("DELETE FROM oauth_grant WHERE ends_at < \(before)")
        }
    }

    static let clockTolerance = Duration.minutes(2)
}
