import Audit
import Identity
import Storage
import Vocabulary

/// An application that a person let in, with everything that it may still do for them.
package struct AllowedApplication: Sendable, Hashable {
    /// The client's identifier.
    package let client: String
    package let name: String
    package let scopes: Set<Scope>
    /// How many families of tokens stand: one for each time that it was allowed.
    package let families: Int
    package let since: Instant
    /// When it last got a token.
    package let lastUsedAt: Instant
}

/// What a person's account page shows of applications, and ends.
package struct Applications: Sendable {
    private let plane: ControlPlane

    package init(_ plane: ControlPlane) { self.plane = plane }

    /// Those with a grant that stands, newest use first. Tenants' hosts are not among them: those are sessions.
    package func list(of account: AccountID) async throws -> [AllowedApplication] {
        let now = plane.clock.now()
        return try await plane.database.read { reader in
            let rows = try reader.rows(
                """
                SELECT \(Grant.columns), oauth_client.name,
                    (SELECT max(refresh_token.created_at) FROM refresh_token WHERE refresh_token.grant_id = oauth_grant.id)
                FROM oauth_grant JOIN oauth_client ON oauth_client.id = oauth_grant.client
                WHERE oauth_grant.account = \(account) AND oauth_grant.revoked_at IS NULL AND oauth_grant.ends_at > \(now)
                    AND oauth_client.state = 'active'
                ORDER BY oauth_grant.created_at LIMIT 1000
                """)
            var found: [String: AllowedApplication] = [:]
            for row in rows {
                let grant = try Grant(row: row)
                guard try TokenGate.obstacle(to: grant, at: now, in: reader) == nil else { continue }
                let used = try row.get(15, as: Instant?.self) ?? grant.createdAt
                let known = found[grant.client]
                found[grant.client] = AllowedApplication(
                    client: grant.client, name: try row.get(14), scopes: grant.scopes.union(known?.scopes ?? []),
                    families: (known?.families ?? 0) + 1, since: known?.since ?? grant.createdAt,
                    lastUsedAt: max(used, known?.lastUsedAt ?? used))
            }
            return found.values.sorted { ($0.lastUsedAt, $0.client) > ($1.lastUsedAt, $1.client) }
        }
    }

    /// Ends every family of tokens that an application has for a person. It may ask again.
    package func end(_ client: String, of account: AccountID, by principal: Principal) async throws {
        guard principal.account == account else { throw Refusal.notFound("application") }
        try await plane.write { transaction in
            let grants = try transaction.rows(
                "SELECT id FROM oauth_grant WHERE account = \(account) AND client = \(client) AND revoked_at IS NULL"
            ).map { try $0.get(0, as: GrantID.self) }
            guard !grants.isEmpty else { throw Refusal.notFound("application") }
            for grant in grants { try Grants(plane).revoke(grant, client: client, by: principal, in: transaction) }
        }
    }
}
