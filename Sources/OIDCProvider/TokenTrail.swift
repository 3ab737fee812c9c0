import Identity
import Storage
import Vocabulary

/// Follows where the tokens of a grant are used (decision 24): one that is where nobody can have taken it so soon is a copy.
///
/// A trail is a country, and when the grant was last seen in it. It is written down where something is written anyway, with the code and at each
/// refresh, and where the country changes. A request from where the last ones came costs a comparison in memory.
package struct TokenTrail: Sendable {
    private let plane: ControlPlane
    private let signIn: SignIn

    package init(_ plane: ControlPlane, _ signIn: SignIn) {
        self.plane = plane
        self.signIn = signIn
    }

    package static let migrations: [Migration] = [
        Migration("oidc_0004_token_trail") { dialect in
            [
                """
                CREATE TABLE token_trail (
                    grant_id TEXT NOT NULL PRIMARY KEY REFERENCES oauth_grant (id) ON DELETE CASCADE,
                    country TEXT NOT NULL,
                    seen_at \(dialect.instant) NOT NULL,
                    told_at \(dialect.instant)
                )\(dialect.strict)
                """
            ]
        }
    ]

    /// After it was told of, a grant is quiet for so long.
    static let quiet = Duration.hours(6)

    /// Nil where nobody knows, and without a table of places.
    func country(of address: String?) -> Locations.Country? { signIn.risks.country(of: address) }

    static func country(of grant: GrantID, in reader: any Reader) throws -> Locations.Country? {
        try reader.value("SELECT country FROM token_trail WHERE grant_id = \(grant)")
    }

    /// Notes that a grant is at work where `principal` asks from. False where it has to end; it has ended then.
    func follow(_ grant: Grant, by principal: Principal, in transaction: any Transaction) throws -> Bool {
        guard let country = country(of: principal.address) else { return true }
        let now = plane.clock.now()
        let row = try transaction.row("SELECT country, seen_at, told_at FROM token_trail WHERE grant_id = \(grant.id)")
        try transaction.run(
            """
            INSERT INTO token_trail (grant_id, country, seen_at) VALUES (\(grant.id), \(country), \(now))
            ON CONFLICT (grant_id) DO UPDATE SET country = excluded.country, seen_at = excluded.seen_at
            """)
        guard let row, let from = try row.get(0, as: Locations.Country?.self), from != country else { return true }
        if let told = try row.get(2, as: Instant?.self), now < told + Self.quiet { return true }
        let use = TokenUse(
            account: grant.account, session: grant.session, tenant: grant.tenant,
            application: try Clients.find(grant.client, in: transaction)?.name ?? grant.client, country: country, from: from,
            lastSeenAt: try row.get(1))
        let verdict = try signIn.admits(use, by: principal, in: transaction)
        guard verdict != .unremarkable else { return true }
        try transaction.run("UPDATE token_trail SET told_at = \(now) WHERE grant_id = \(grant.id)")
        guard verdict == .ended else { return true }
        try Grants(plane).revoke(grant.id, client: grant.client, by: principal, in: transaction)
        return false
    }
}
