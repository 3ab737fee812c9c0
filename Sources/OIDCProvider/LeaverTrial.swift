import Identity
import Storage
import Vocabulary

/// Lets a probe see how fast somebody is out: somebody who is nobody gets everything that opens something, and then leaves.
package struct LeaverTrial: Sendable {
    /// One thing that opens something, and whether it still does.
    package struct Way: Sendable {
        package let name: String
        package let isOpen: @Sendable () async throws -> Bool

        package init(name: String, _ isOpen: @escaping @Sendable () async throws -> Bool) {
            self.name = name
            self.isOpen = isOpen
        }
    }

    package enum Leaving: String, Sendable, CaseIterable {
        case disabled
        case removed
        case suspended
    }

    private let plane: ControlPlane
    private let sessions: Sessions
    private let gate: TokenGate
    private let verifier: TokenVerifier
    private let people: ScratchPeople
    private static let itself = Principal(.platform(component: "controls"))

    package init(_ plane: ControlPlane, sessions: Sessions, keys: SigningKeys, verifier: TokenVerifier) {
        self.plane = plane
        self.sessions = sessions
        gate = TokenGate(plane, keys: keys)
        self.verifier = verifier
        people = ScratchPeople(sessions)
    }

    /// Lends somebody who belongs to a tenant that nobody has, with all ways in. Gone when `body` is done.
    package func lend<T: Sendable>(_ body: (ScratchPeople.Person, TenantID, [Way]) async throws -> T) async throws -> T {
        try await clear()
        do {
            let now = plane.clock.now()
            let person = try await people.make(by: Self.itself)
            let (tenant, environment): (TenantID, EnvironmentID) = (
                ID(at: now, entropy: plane.entropy), ID(at: now, entropy: plane.entropy)
            )
            try await Memberships(plane).join(person.account, to: tenant, roles: ["reader"], by: Self.itself)
            let result = try await body(person, tenant, try await ways(of: person, tenant, environment))
            try await clear()
            return result
        } catch {
            try? await clear()
            throw error
        }
    }

    package func leave(_ leaving: Leaving, _ account: AccountID, _ tenant: TenantID) async throws {
        switch leaving {
        case .disabled: try await Accounts(plane).disable(account, by: Self.itself)
        case .removed: try await Memberships(plane).end(account, in: tenant, by: Principal(.account(account)))
        case .suspended: try await Memberships(plane).suspend(account, in: tenant, by: Self.itself)
        }
    }

    private func clear() async throws {
        try await plane.write { transaction in
            let whose: SQL = "SELECT id FROM account WHERE identifier LIKE \("%@holdfast.invalid")"
            try transaction.run("DELETE FROM refresh_token WHERE grant_id IN (SELECT id FROM oauth_grant WHERE account IN (\(whose)))")
            try transaction.run("DELETE FROM oauth_grant WHERE account IN (\(whose))")
        }
        try await people.forgetAll()
    }

    private func ways(of person: ScratchPeople.Person, _ tenant: TenantID, _ environment: EnvironmentID) async throws -> [Way] {
        let (sessions, verifier, plane) = (sessions, verifier, plane)
        let inside = try await sessions.startEnvironment(
            environment, of: tenant, under: person.session.session.id, address: nil, agent: nil)
        let audience = "https://nobody.invalid"
        let client = Client.house(EnvironmentHost(environment: environment, tenant: tenant, label: "nobody", origin: audience))
        let now = plane.clock.now()
        let grant = Grant(
            id: ID(at: now, entropy: plane.entropy), client: client.id, account: person.account, session: person.session.session.id,
            environment: environment, tenant: tenant, audience: audience, scopes: [.openid, .offlineAccess, .read], authenticatedAt: now,
            methods: ["pwd", "otp"], nonce: nil, createdAt: now, endsAt: now + .minutes(5))
        let (approval, refresh) = try await plane.write { [gate] transaction in
            let grants = Grants(plane)
            try grants.add(grant, code: Token(entropy: plane.entropy).digest, in: transaction)
            let approved = try gate.approve(grant, .authorizationCode, for: client, scopes: grant.scopes, by: Self.itself, in: transaction)
            return (try approved.get(), try grants.issueRefreshToken(for: grant, in: transaction))
        }
        let access = try await gate.mint(approval).accessToken.spelledOut
        let account = person.account
        return [
            Way(name: "session") { try await sessions.find(token: person.session.token.text) != nil },
            Way(name: "session at the tenant") { try await sessions.find(token: inside.token.text) != nil },
            Way(name: "roles") { try await !Memberships(plane).roles(of: account, in: tenant).isEmpty },
            Way(name: "access token") {
                do {
                    _ = try await verifier.verify(access, audience: audience, from: nil)
                    return true
                } catch is BearerError {
                    return false
                }
            },
            Way(name: "refresh token") {
                try await plane.database.read { reader in
                    guard let found = try Grants(plane).find(refreshToken: refresh.text, in: reader) else { return false }
                    return try TokenGate.obstacle(to: found, at: plane.clock.now(), in: reader) == nil
                }
            },
        ]
    }
}
