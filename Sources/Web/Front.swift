import HTTPTypes
import Guarding
import Hummingbird
import Logging
import NIOCore
import Storage
import Vocabulary

/// Answers requests: decides which site and which visitor, checks origin and seal, asks the route, and turns whatever
/// comes of it into an answer with all headers and one log line.
package struct Front: Sendable {
    package struct Parts: Sendable {
        package var gateway: Gateway
        package var hosts: any Hosts
        package var authenticator: any Authenticator
        package var pages: any PageRenderer
        package var readiness: Readiness
        package var clock: any Clock
        package var entropy: any Entropy
        package var limits: Limits
        package var logger: Logger
        /// Whose forwarded headers are believed.
        package var trustedProxies: [AddressRange]
        /// Paths that never use cookies and are called from other sites by design.
        package var openPaths: Set<String>
        /// Keeps out who misbehaves. Nil where there is nothing to write bans to.
        package var sentry: Sentry?
        /// Who may come in all the same.
        package var passes: (any Passes)?
        /// Environments in which nothing can be changed now, and why. Asked for every request that could change something.
        package var closed: @Sendable (EnvironmentID) async throws -> Refusal? = { _ in nil }

        package init(
            gateway: Gateway, hosts: any Hosts, authenticator: any Authenticator = NobodyAuthenticator(),
            pages: any PageRenderer = PlainPages(),
            readiness: Readiness = Readiness(), clock: any Clock, entropy: any Entropy, limits: Limits = Limits(), logger: Logger,
            trustedProxies: [AddressRange] = [],
            openPaths: Set<String> = [
                "/oauth/token", "/oauth/revoke", "/oauth/userinfo", "/.well-known/openid-configuration",
                "/.well-known/oauth-authorization-server", "/.well-known/jwks.json",
            ]
        ) {
            self.gateway = gateway
            self.hosts = hosts
            self.authenticator = authenticator
            self.pages = pages
            self.readiness = readiness
            self.clock = clock
            self.entropy = entropy
            self.limits = limits
            self.logger = logger
            self.trustedProxies = trustedProxies
            self.openPaths = openPaths
        }
    }

    let parts: Parts
    private let date = HTTPDate()
    private let apex: RouterResponder<HoldfastContext>
    private let environment: RouterResponder<HoldfastContext>
    private let shell: RouterResponder<HoldfastContext>

    package init(_ parts: Parts, routes: Routes) {
        self.parts = parts
        apex = Routes.closed(routes.apex)
        environment = Routes.closed(routes.environment)
        shell = Routes.closed(routes.shell)
    }

    /// The whole way from request to answer. Never throws: what goes wrong becomes a problem.
    package func answer(_ request: Request, from peer: Peer) async -> Response {
        var context = HoldfastContext(logger: parts.logger)
        context.arrivedAt = parts.clock.now()
        context.requestID = ID(at: context.arrivedAt, entropy: parts.entropy)
        context.bodyLimit = parts.limits.bodyBytes
        context.apexOrigin = parts.gateway.apexOrigin
        context.wantsPage = Self.wantsPage(request)
        var response: Response
        do {
            response = try await route(request, from: peer, &context)
        } catch {
            response = await self.response(to: error, request: request, context: context)
        }
        await count(request, response, context)
        SecurityHeaders.complete(&response.headers, requestID: context.id, date: date.text(at: context.arrivedAt))
        if request.method == .head, response.body.contentLength != 0 { response = response.createHeadResponse() }
        log(request, response, context)
        return response
    }

    private func route(_ request: Request, from peer: Peer, _ context: inout HoldfastContext) async throws -> Response {
        let fault = request.headers[HeadFault.marker].flatMap(HeadFault.init)
        if let fault, case .shell = peer.way { throw Problem.Thrown(fault.problem) }
        if case .shell(let user) = peer.way {
            context.logger[metadataKey: "request"] = .string(context.id)
            context.visitor = Visitor(principal: Principal(.shell(user: user)), name: user, means: .shell, isOperator: true)
            if request.uri.path.hasPrefix("/health/"), let answer = await health(request) { return answer }
            return try await shell.respond(to: request, context: context)
        }
        context.address = try clientAddress(request, peer)
        if request.uri.path.hasPrefix("/health/"), fault == nil, request.head.authority.flatMap(Authority.init) != nil,
            let answer = await health(request)
        {
            return answer
        }
        try await keepOut(request, &context)
        if let fault { throw Problem.Thrown(fault.problem) }
        guard let authority = request.head.authority.flatMap(Authority.init) else {
            throw Refusal.invalid("host-missing", "The request must name exactly one host.")
        }
        let path = request.uri.path
        if parts.readiness.isSealed() {
            throw Refusal(.unavailable(retryAfter: .seconds(30)), "sealed", Readiness.sealed.message)
        }
        let responder: RouterResponder<HoldfastContext>
        switch parts.gateway.door(for: authority) {
        case .apex:
            context.site = .apex
            context.origin = parts.gateway.apexOrigin
            responder = apex
        case .label(let label):
            guard let site = try await parts.hosts.site(label: label) else { throw Misdirected() }
            context.site = site
            context.origin = parts.gateway.origin(label: label)
            responder = environment
        case .unknown: throw Misdirected()
        }
        if !path.hasPrefix("/api/") { context.nonce = Nonce.make(parts.entropy) }
        if !parts.openPaths.contains(path) {
            if let refusal = CrossSite.refusal(of: request.head, origin: context.origin) { throw refusal }
        }
        context.logger[metadataKey: "request"] = .string(context.id)
        if !path.hasPrefix("/assets/") {
            context.visitor = try await parts.authenticator.visitor(of: request, in: context)
        }
        if let environment = context.site.environment, ![.get, .head, .options].contains(request.method), !Self.changesNothing(path),
            context.visitor != nil, let refusal = try await parts.closed(environment)
        {
            throw refusal
        }
        return try await responder.respond(to: request, context: context)
    }

    /// What concerns the visitor alone, and taking everything along.
    private static func changesNothing(_ path: String) -> Bool {
        ["/sign-out", "/theme", "/confirm", "/backups/own-copies", "/api/v1/own-copies"].contains { path == $0 || path.hasPrefix("\($0)/") }
    }

    /// The client's address: the peer's own, or what a trusted proxy says, read from the right up to the first
    /// address that is no proxy of ours, because everything left of it is the client's invention.
    private func clientAddress(_ request: Request, _ peer: Peer) throws -> String? {
        guard peer.isTrustedProxy else {
            if peer.way == .proxied { throw plainRefused }
            return peer.address
        }
        if peer.way == .proxied, request.headers[.forwardedProto] != "https" { throw plainRefused }
        guard let header = request.headers[.forwardedFor] else { return peer.address }
        for claim in header.utf8.split(separator: UInt8(ascii: ",")).reversed() {
            let claim = String(Substring(claim).trimmingSpaces())
            guard let address = NetworkAddress(claim) else { break }
            if !parts.trustedProxies.contains(where: { $0.contains(address) }) { return claim }
        }
        return peer.address
    }

    private var plainRefused: Refusal { .invalid("https-only", "This address is served over HTTPS only.") }

    private func health(_ request: Request) async -> Response? {
        guard request.method == .get || request.method == .head else { return nil }
        switch request.uri.path {
        case "/health/live": return .json(JSONValue.object(["status": "live"]))
        case "/health/ready":
            let obstacles = parts.readiness.isSealed() ? [Readiness.sealed] : await parts.readiness.obstacles()
            guard !obstacles.isEmpty else { return .json(JSONValue.object(["status": "ready"])) }
            let reasons = obstacles.map { JSONValue.object(["code": .string($0.code), "message": .string($0.message)]) }
            let document = JSONValue.object(["status": "not-ready", "reasons": .array(reasons)])
            return .json(document, status: .serviceUnavailable, headers: [.retryAfter: "10"])
        default: return nil
        }
    }

    private static func wantsPage(_ request: Request) -> Bool {
        let path = request.uri.path
        guard !path.hasPrefix("/api/"), !path.hasPrefix("/.well-known/"), !path.hasPrefix("/health/") else { return false }
        return request.headers[.accept]?.contains("text/html") ?? false
    }
}
