import HTTPTypes
import Hummingbird
import Identity
import OIDCProvider
import Vocabulary

/// How a browser signs in and out at a tenant's host.
package struct EnvironmentSignInRoutes: Sendable {
    private static let departure = HostCookie("sign-in")

    private let provider: Provider
    private let sessions: Sessions

    package init(_ provider: Provider, sessions: Sessions) {
        self.provider = provider
        self.sessions = sessions
    }

    package func add(to router: Router<HoldfastContext>) {
        router.get("/sign-in/start") { request, context in try await start(request, context) }
        router.get("/sign-in/callback") { request, context in try await finish(request, context) }
        router.post("/sign-out") { request, context in try await signOut(request, context) }
    }

    private func start(_ request: Request, _ context: HoldfastContext) async throws -> Response {
        let maxAge = request.query("confirm") == nil ? nil : RecentProof.life
        let departure = try provider.environmentSignIn.start(
            at: try await host(context), returningTo: request.query("return"), maxAge: maxAge)
        var response = Response.seeOther(departure.location)
        Self.departure.set(departure.cookie, on: &response, maxAge: EnvironmentSignIn.life)
        return response
    }

    private func finish(_ request: Request, _ context: HoldfastContext) async throws -> Response {
        let (issued, path) = try await provider.environmentSignIn.finish(
            try request.queryParameters(), at: try await host(context), cookie: Self.departure.value(in: request),
            by: Principal(.anonymous, address: context.address), agent: request.headers[.userAgent])
        // The browser has a new session now; the one that it replaces would only stand in the list of sessions until it falls asleep.
        if let token = HostCookie.session.value(in: request), let old = try await sessions.find(token: token),
            old.environment == context.site.environment, old.account == issued.session.account
        {
            try await sessions.revoke(old.id, by: Principal(.account(old.account), session: issued.session.id, address: context.address))
        }
        var response = Response.seeOther(path)
        HostCookie.session.set(issued.token.text, on: &response)
        Self.departure.clear(on: &response)
        return response
    }

    /// Ends the session at the apex and with it those at every other host.
    private func signOut(_ request: Request, _ context: HoldfastContext) async throws -> Response {
        if let token = HostCookie.session.value(in: request), let session = try await sessions.find(token: token),
            session.environment == context.site.environment
        {
            try await sessions.signOut(
                session, by: Principal(.account(session.account), session: session.id, address: context.address))
        }
        var response = Response.seeOther(context.apexOrigin + "/sign-in?signed-out")
        HostCookie.session.clear(on: &response)
        return response
    }

    private func host(_ context: HoldfastContext) async throws -> EnvironmentHost {
        guard let host = try await provider.hosts.host(of: try context.requireEnvironment()) else { throw Refusal.notFound("page") }
        return host
    }
}
