import Identity
import Storage
import Vocabulary

package typealias GrantID = ID<Grant>

/// What a person allowed a client, by one authorization code: the family of all tokens that came from it.
package struct Grant: Sendable, Hashable {
    package let id: GrantID
    package let client: String
    package let account: AccountID
    /// The apex session in which it was given.
    package let session: SessionID
    /// Nil for a grant that only says who somebody is.
    package let environment: EnvironmentID?
    package let tenant: TenantID?
    /// Whom access tokens are for: the environment's origin, or the provider itself.
    package let audience: String
    package let scopes: Set<Scope>
    package let authenticatedAt: Instant
    package let methods: [String]
    package let nonce: String?
    package let createdAt: Instant
    package let endsAt: Instant
    package let revokedAt: Instant?

    package var isOffline: Bool { scopes.contains(.offlineAccess) }

    static let columns: SQL = """
        oauth_grant.id, oauth_grant.client, oauth_grant.account, oauth_grant.session, oauth_grant.environment, oauth_grant.tenant,
        oauth_grant.audience, oauth_grant.scopes, oauth_grant.authenticated_at, oauth_grant.methods, oauth_grant.nonce,
        oauth_grant.created_at, oauth_grant.ends_at, oauth_grant.revoked_at
        """

    init(row: Row) throws {
        self.init(
            id: try row.get(0), client: try row.get(1), account: try row.get(2), session: try row.get(3), environment: try row.get(4),
            tenant: try row.get(5), audience: try row.get(6), scopes: Scope.parse(try row.get(7)) ?? [], authenticatedAt: try row.get(8),
            methods: try row.get(9, as: String.self).split(separator: " ").map(String.init), nonce: try row.get(10),
            createdAt: try row.get(11), endsAt: try row.get(12), revokedAt: try row.get(13))
    }

    init(
        id: GrantID, client: String, account: AccountID, session: SessionID, environment: EnvironmentID?, tenant: TenantID?,
        audience: String,
        scopes: Set<Scope>, authenticatedAt: Instant, methods: [String], nonce: String?, createdAt: Instant, endsAt: Instant,
        revokedAt: Instant? = nil
    ) {
        self.id = id
        self.client = client
        self.account = account
        self.session = session
        self.environment = environment
        self.tenant = tenant
        self.audience = audience
        self.scopes = scopes
        self.authenticatedAt = authenticatedAt
        self.methods = methods
        self.nonce = nonce
        self.createdAt = createdAt
        self.endsAt = endsAt
        self.revokedAt = revokedAt
    }
}
