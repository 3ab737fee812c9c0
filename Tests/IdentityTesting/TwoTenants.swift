import Crypto
import Foundation
import Identity
import OIDCProvider
import Storage
import Synchronization
import TestSupport
import Vocabulary

/// A provider with two tenants, Acme and Beta, and their environments.
package final class TwoTenants: Sendable {
    package let house: Installation
    package let provider: Provider
    package let acme: EnvironmentHost
    package let beta: EnvironmentHost
    package let robin: Person
    package let kim: Person
    package let hosts: KnownHosts

    package init(algorithms: [SigningAlgorithm] = [.es256], extra migrations: [Migration] = [], locations: Locations = .nowhere)
        async throws
    {
        house = try await Installation(extra: OIDCSchema.migrations + migrations, locations: locations)
        acme = Self.host("acme", house)
        beta = Self.host("beta", house)
        hosts = KnownHosts([acme, beta])
        provider = try Provider(house.desk, hosts: hosts, keyring: house.keyring)
        try await provider.keys.prepare(algorithms)
        robin = try await house.member("robin@acme.example", of: acme.tenant)
        kim = try await house.member("kim@beta.example", of: beta.tenant)
    }

    private static func host(_ label: String, _ house: Installation) -> EnvironmentHost {
        EnvironmentHost(
            environment: house.environment(), tenant: house.tenant(), label: label, origin: "https://\(label).holdfast.localhost:8443")
    }

    package static let verifier = String(repeating: "v", count: 43)
    package static let challenge = Base64URL.encode(SHA256.hash(data: Array(verifier.utf8)))
    package static let redirectURI = "https://app.example/callback"

    /// A public application of Acme's.
    package func application(
        kind: Client.Kind = .public, environment: EnvironmentID?? = .none, redirectURIs: [String] = [redirectURI],
        algorithm: SigningAlgorithm = .es256
    ) async throws -> (client: Client, secret: Token?) {
        try await provider.clients.register(
            .init(
                name: "App", kind: kind, environment: environment ?? acme.environment, redirectURIs: redirectURIs,
                signOutURIs: ["https://app.example/bye"], idTokenAlgorithm: algorithm), by: Installation.shell)
    }

    package func request(_ client: Client, _ changes: [String: String?] = [:]) -> OAuthParameters {
        var values: [String: String?] = [
            "client_id": client.id, "redirect_uri": Self.redirectURI, "response_type": "code", "scope": "openid email offline_access read",
            "state": "st4te", "nonce": "n0nce", "code_challenge": Self.challenge, "code_challenge_method": "S256",
        ]
        for (name, value) in changes { values[name] = value }
        return OAuthParameters(values.compactMap { name, value in value.map { (name, $0) } })
    }

    /// The live session of a person, as the browser's cookie finds it.
    package func session(_ issued: IssuedSession) async throws -> Session? { try await house.desk.sessions.find(token: issued.token.text) }

    package func code(for client: Client, _ person: Person, _ changes: [String: String?] = [:]) async throws -> String {
        let answer = try await provider.authorization.answer(request(client, changes), session: try await session(person.session))
        guard case .redirect(let location) = answer, let code = Self.query(location)["code"] else {
            throw Installation.Missing(what: "code in \(answer)")
        }
        return code
    }

    package func redeem(
        _ code: String, _ client: Client, _ changes: [String: String?] = [:], secret: Token? = nil,
        from address: String = Installation.address
    ) async throws
        -> IssuedTokens
    {
        var values: [String: String?] = [
            "grant_type": "authorization_code", "code": code, "redirect_uri": Self.redirectURI, "code_verifier": Self.verifier,
        ]
        for (name, value) in changes { values[name] = value }
        return try await provider.token.answer(
            OAuthParameters(values.compactMap { name, value in value.map { (name, $0) } }),
            from: secret.map { .secret(id: client.id, $0.secret) } ?? .none(id: client.id), by: Installation.visitor(from: address))
    }

    package func refresh(
        _ token: String, _ client: Client, scope: String? = nil, secret: Token? = nil, from address: String = Installation.address
    ) async throws -> IssuedTokens {
        try await provider.token.answer(
            OAuthParameters([("grant_type", "refresh_token"), ("refresh_token", token)] + (scope.map { [("scope", $0)] } ?? [])),
            from: secret.map { .secret(id: client.id, $0.secret) } ?? .none(id: client.id), by: Installation.visitor(from: address))
    }

    package func tokens(_ client: Client, _ person: Person, _ changes: [String: String?] = [:]) async throws -> IssuedTokens {
        try await redeem(try await code(for: client, person, changes), client)
    }

    package func isGood(_ tokens: IssuedTokens, at host: EnvironmentHost? = nil, from address: String? = nil) async throws -> Bool {
        try await isGood(tokens.accessToken.spelledOut, at: host, from: address)
    }

    package func isGood(_ token: String, at host: EnvironmentHost? = nil, from address: String? = nil) async throws -> Bool {
        do {
            _ = try await provider.verifier.verify(token, audience: (host ?? acme).origin, from: address)
            return true
        } catch is BearerError {
            return false
        }
    }

    package static func query(_ location: String) -> [String: String] {
        let items = URLComponents(string: location)?.queryItems ?? []
        return Dictionary(items.compactMap { item in item.value.map { (item.name, $0) } }, uniquingKeysWith: { first, _ in first })
    }

    package static func claims(_ token: Secret) throws -> JSONValue { try part(1, of: token) }
    package static func header(_ token: Secret) throws -> JSONValue { try part(0, of: token) }

    private static func part(_ index: Int, of token: Secret) throws -> JSONValue {
        let parts = token.spelledOut.split(separator: ".")
        return try JSONReader.read(Base64URL.decode(parts[index]) ?? [])
    }
}

/// The OAuth error that `body` throws; nil if none.
package func oauthError(_ body: () async throws -> Void) async throws -> OAuthError.Code? {
    do {
        try await body()
        return nil
    } catch let error as OAuthError {
        return error.code
    }
}

package final class KnownHosts: EnvironmentHosts {
    private let hosts: Mutex<[EnvironmentHost]>

    package init(_ hosts: [EnvironmentHost]) { self.hosts = Mutex(hosts) }

    package func remove(_ host: EnvironmentHost) { hosts.withLock { $0.removeAll { $0 == host } } }
    package func host(of environment: EnvironmentID) async throws -> EnvironmentHost? {
        hosts.withLock { $0.first { $0.environment == environment } }
    }
    package func host(origin: String) async throws -> EnvironmentHost? { hosts.withLock { $0.first { $0.origin == origin } } }
}
