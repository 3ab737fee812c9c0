import Audit
import Identity
import Storage
import Vocabulary

/// The registered applications. Every environment is a client besides, without being registered.
package struct Clients: Sendable {
    let plane: ControlPlane
    let hosts: any EnvironmentHosts

    package init(_ plane: ControlPlane, hosts: any EnvironmentHosts) {
        self.plane = plane
        self.hosts = hosts
    }

    package static let migrations: [Migration] = [
        Migration("oidc_0001_clients") { dialect in
            [
                """
                CREATE TABLE oauth_client (
                    id TEXT NOT NULL PRIMARY KEY,
                    name TEXT NOT NULL,
                    kind TEXT NOT NULL CHECK (kind IN ('public', 'confidential')),
                    state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
                    secret_digest TEXT,
                    environment TEXT,
                    redirect_uris TEXT NOT NULL,
                    sign_out_uris TEXT NOT NULL,
                    scopes TEXT NOT NULL,
                    id_token_algorithm TEXT NOT NULL,
                    created_at \(dialect.instant) NOT NULL,
                    CHECK ((kind = 'confidential') = (secret_digest IS NOT NULL))
                )\(dialect.strict)
                """
            ]
        }
    ]

    /// What an operator registers.
    package struct Registration: Sendable {
        package var name: String
        package var kind: Client.Kind
        package var environment: EnvironmentID?
        package var redirectURIs: [String]
        package var signOutURIs: [String]
        package var scopes: Set<Scope>
        package var idTokenAlgorithm: SigningAlgorithm

        package init(
            name: String, kind: Client.Kind, environment: EnvironmentID? = nil, redirectURIs: [String], signOutURIs: [String] = [],
            scopes: Set<Scope> = Set(Scope.allCases), idTokenAlgorithm: SigningAlgorithm = .rs256
        ) {
            self.name = name
            self.kind = kind
            self.environment = environment
            self.redirectURIs = redirectURIs
            self.signOutURIs = signOutURIs
            self.scopes = scopes
            self.idTokenAlgorithm = idTokenAlgorithm
        }
    }

    /// The secret exists only in the answer; nil for a public client.
    package func register(_ wanted: Registration, by principal: Principal) async throws -> (client: Client, secret: Token?) {
        guard let name = Text.name(wanted.name) else {
            throw Refusal.invalid("client-name", "A name has 1 to 120 characters, without control characters.", field: "name")
        }
        guard wanted.kind != .house else { throw Refusal.invalid("client-kind", "Choose public or confidential.", field: "kind") }
        guard (1...20).contains(wanted.redirectURIs.count), wanted.signOutURIs.count <= 20,
            (wanted.redirectURIs + wanted.signOutURIs).allSatisfy({ RedirectURI.isFit($0, for: wanted.kind) })
        else {
            throw Refusal.invalid(
                "redirect-uri", "Give 1 to 20 complete addresses that begin with https://, without fragment or wildcard.",
                field: "redirectURIs")
        }
        return try await plane.write { transaction in
            try Staff.requireOperator(principal, in: transaction)
            let now = plane.clock.now()
            let secret = wanted.kind == .confidential ? Token(entropy: plane.entropy) : nil
            let client = Client(
                id: ID<Client>(at: now, entropy: plane.entropy).description, name: name, kind: wanted.kind, state: .active,
                environment: wanted.environment, redirectURIs: wanted.redirectURIs, signOutURIs: wanted.signOutURIs, scopes: wanted.scopes,
                idTokenAlgorithm: wanted.idTokenAlgorithm, createdAt: now)
            try transaction.run(
                """
                INSERT INTO oauth_client (id, name, kind, state, secret_digest, environment, redirect_uris, sign_out_uris, scopes,
                    id_token_algorithm, created_at)
                VALUES (\(client.id), \(name), \(client.kind.rawValue), 'active', \(secret?.digest), \(client.environment),
                    \(client.redirectURIs.joined(separator: " ")), \(client.signOutURIs.joined(separator: " ")), \(client.scopes.text),
                    \(client.idTokenAlgorithm.rawValue), \(now))
                """)
            try plane.audit.record(.clientRegistered(client: client.id), by: principal, at: now, in: transaction)
            return (client, secret)
        }
    }

    package func list() async throws -> [Client] {
        try await plane.database.read { reader in
            try reader.rows("SELECT \(Self.columns) FROM oauth_client ORDER BY id").map(Self.client)
        }
    }

    /// Ends every grant of the client as well.
    package func disable(_ id: String, by principal: Principal) async throws {
        try await plane.write { transaction in
            try Staff.requireOperator(principal, in: transaction)
            let now = plane.clock.now()
            let changed = try transaction.run("UPDATE oauth_client SET state = 'disabled' WHERE id = \(id) AND state = 'active'")
            guard changed == 1 else { throw Refusal.notFound("application") }
            try transaction.run("UPDATE oauth_grant SET revoked_at = \(now) WHERE client = \(id) AND revoked_at IS NULL")
            try plane.audit.record(.clientDisabled(client: id), by: principal, at: now, in: transaction)
            try plane.invalidate(.rights, in: transaction)
        }
    }

    /// Those of a tenant's environments, and what anybody was granted there.
    package func disableAll(
        of environments: [String], in tenant: TenantID, by principal: Principal, in transaction: any Transaction
    ) throws {
        let now = plane.clock.now()
        try transaction.run("UPDATE oauth_grant SET revoked_at = \(now) WHERE tenant = \(tenant) AND revoked_at IS NULL")
        for environment in environments {
            let clients = try transaction.rows("SELECT id FROM oauth_client WHERE environment = \(environment) AND state = 'active'")
            for row in clients {
                let id: String = try row.get(0)
                try transaction.run("UPDATE oauth_client SET state = 'disabled' WHERE id = \(id)")
                try plane.audit.record(.clientDisabled(client: id), by: principal, at: now, in: transaction)
            }
        }
        try plane.invalidate(.rights, in: transaction)
    }

    /// Registered or house client; also disabled ones.
    package func find(_ id: String) async throws -> Client? {
        if id.hasPrefix("environment-") {
            guard let environment = EnvironmentID(id.dropFirst("environment-".count)), id == "environment-\(environment)" else {
                return nil
            }
            return try await hosts.host(of: environment).map(Client.house)
        }
        guard id.utf8.count == 36 else { return nil }
        return try await plane.database.read { try Self.find(id, in: $0) }
    }

    /// How a caller of the token endpoint says who it is (RFC 6749 section 2.3).
    package enum Credentials: Sendable {
        case none(id: String)
        case secret(id: String, Secret)
        /// Only code in this process can make this case; no route does.
        case house(EnvironmentHost)
    }

    /// - Throws: ``OAuthError`` `invalid_client`, the same for an unknown client and a wrong secret.
    package func authenticate(_ credentials: Credentials) async throws -> Client {
        let failure = OAuthError(.invalidClient, "client authentication failed")
        switch credentials {
        case .house(let host):
            guard try await hosts.host(of: host.environment) == host else { throw failure }
            return .house(host)
        case .none(let id):
            guard let client = try await find(id), client.kind == .public, client.state == .active else { throw failure }
            return client
        case .secret(let id, let secret):
            guard id.utf8.count == 36, secret.count == 43 else { throw failure }
            // Looked up by the digest of what was offered: nothing to compare, so nothing to time.
            let digest = TokenDigest(of: secret.spelledOut)
            let client = try await plane.database.read { reader in
                try reader.row(
                    """
                    SELECT \(Self.columns) FROM oauth_client
                    WHERE id = \(id) AND kind = 'confidential' AND state = 'active' AND secret_digest = \(digest)
                    """
                ).map(Self.client)
            }
            guard let client else { throw failure }
            return client
        }
    }

    static func find(_ id: String, in reader: any Reader) throws -> Client? {
        try reader.row("SELECT \(columns) FROM oauth_client WHERE id = \(id)").map(client)
    }

    private static let columns: SQL = """
        oauth_client.id, oauth_client.name, oauth_client.kind, oauth_client.state, oauth_client.environment, oauth_client.redirect_uris,
        oauth_client.sign_out_uris, oauth_client.scopes, oauth_client.id_token_algorithm, oauth_client.created_at
        """

    private static func client(_ row: Row) throws -> Client {
        guard let kind = Client.Kind(rawValue: try row.get(2)), let state = Client.State(rawValue: try row.get(3)),
            let algorithm = SigningAlgorithm(rawValue: try row.get(8))
        else { throw StorageError.unexpectedColumn("oauth_client") }
        return Client(
            id: try row.get(0), name: try row.get(1), kind: kind, state: state, environment: try row.get(4),
            redirectURIs: try row.get(5, as: String.self).split(separator: " ").map(String.init),
            signOutURIs: try row.get(6, as: String.self).split(separator: " ").map(String.init),
            scopes: Scope.parse(try row.get(7)) ?? [], idTokenAlgorithm: algorithm, createdAt: try row.get(9))
    }
}
