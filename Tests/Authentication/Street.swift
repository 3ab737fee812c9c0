import Foundation
import Guarding
import HTTPTypes
import Hummingbird
import Identity
import IdentityTesting
import Logging
import NIOCore
import OIDCProvider
import Vocabulary
import Web

/// The provider behind real routes, with two tenants' hosts beside it.
struct Street {
    static let apex = "holdfast.localhost:8443"
    static let acme = "acme.holdfast.localhost:8443"
    static let beta = "beta.holdfast.localhost:8443"

    let authority: TwoTenants
    let front: Front

    /// Who stands at the door.
    let sentry: Sentry
    let bans: Bans

    init() async throws {
        let authority = try await TwoTenants(extra: GuardSchema.migrations)
        self.authority = authority
        let routes = Routes()
        ProviderRoutes(authority.provider, sessions: authority.house.desk.sessions).add(to: routes.apex)
        EnvironmentSignInRoutes(authority.provider, sessions: authority.house.desk.sessions).add(to: routes.environment)
        for router in [routes.apex, routes.environment] {
            for method in [HTTPRequest.Method.get, .post] {
                router.on("/who", method: method) { _, context in
                    let visitor = try context.requireVisitor()
                    return Response.text(([visitor.name] + visitor.roles).joined(separator: " "))
                }
            }
        }
        for router in [routes.apex, routes.environment] {
            router.post("/danger") { _, context in
                try context.requireRecentProof()
                return Response.text("done")
            }
        }
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        var parts = Front.Parts(
            gateway: Gateway(apex: "holdfast.localhost", port: 8443), hosts: TwoHosts(authority: authority),
            authenticator: IdentityAuthenticator(authority.house.desk, verifier: authority.provider.verifier),
            clock: authority.house.clock, entropy: authority.house.entropy, logger: logger)
        bans = Bans(authority.house.plane)
        sentry = Sentry(bans, logger: logger)
        parts.sentry = sentry
        parts.passes = KnownDevices(authority.house.desk, provider: authority.provider)
        front = Front(parts, routes: routes)
    }

    private struct TwoHosts: Hosts {
        let authority: TwoTenants
        func site(label: String) async throws -> Site? {
            [authority.acme, authority.beta].first { $0.label == label }.map { .environment($0.environment, label: label) }
        }
    }

    func get(_ path: String, at host: String, cookie: String? = nil, bearer: String? = nil) async throws -> FinishedAnswer {
        var headers: HTTPFields = [:]
        if let cookie { headers[.cookie] = cookie }
        if let bearer { headers[.authorization] = "Bearer \(bearer)" }
        return try await front.exchange(.get, path, host: host, headers: headers)
    }

    func post(_ path: String, at host: String, _ form: [(String, String)], headers: HTTPFields = [:]) async throws -> FinishedAnswer {
        var headers = headers
        headers[.contentType] = "application/x-www-form-urlencoded"
        var parts = URLComponents()
        parts.queryItems = form.map { URLQueryItem(name: $0.0, value: $0.1) }
        return try await front.exchange(
            .post, path, host: host, headers: headers, body: ByteBuffer(string: parts.percentEncodedQuery ?? ""))
    }

    static func session(_ issued: IssuedSession) -> String { "__Host-session=\(issued.token.text)" }

    /// The cookies that an answer sets, as the browser sends them back.
    static func cookies(_ answer: FinishedAnswer) -> String {
        answer.headers[values: .setCookie].compactMap { $0.split(separator: ";").first.map(String.init) }.joined(separator: "; ")
    }

    static func path(_ location: String?) throws -> (host: String, path: String) {
        guard let location, let parts = URLComponents(string: location), let host = parts.host else {
            throw Installation.Missing(what: "location")
        }
        return ("\(host):\(parts.port ?? 443)", location.replacing("https://\(host):\(parts.port ?? 443)", with: ""))
    }

    /// As a browser with a finished apex session goes into a tenant's host: the cookies that it has there afterwards.
    func enter(_ host: String, as person: Person) async throws -> (cookies: String, location: String?) {
        let start = try await get("/sign-in/start?return=/who", at: host)
        let away = try Self.path(start.headers[.location])
        let answer = try await get(away.path, at: away.host, cookie: Self.session(person.session))
        let back = try Self.path(answer.headers[.location])
        let arrival = try await get(back.path, at: back.host, cookie: Self.cookies(start))
        guard arrival.status == .seeOther else { throw Installation.Missing(what: "arrival: \(arrival.status) \(arrival.text)") }
        return (Self.cookies(arrival), arrival.headers[.location])
    }
}
