import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Sealing
import Synchronization
import TestSupport
import Vocabulary

@testable import Web

/// A front with a few routes, two tenants and visitors by token, for all tests of this target.
struct Scene {
    static let acme = EnvironmentID(at: Instant(seconds: 1), entropy: SeededEntropy(seed: 1))
    static let apexHost = "holdfast.localhost:8443"
    static let acmeHost = "acme.holdfast.localhost:8443"

    let front: Front
    let log: MemoryLog

    struct KnownHosts: Hosts {
        func site(label: String) async throws -> Site? {
            label == "acme" ? .environment(Scene.acme, label: "acme") : nil
        }
    }

    struct ByToken: Authenticator {
        func visitor(of request: Request, in context: HoldfastContext) async throws -> Visitor? {
            if let authorization = request.headers[.authorization] {
                guard authorization == "Bearer good" else { throw Refusal(.unauthenticated, "invalid-token", "The token isn't valid.") }
                return Visitor(principal: Principal(.client("tester"), address: context.address), means: .bearer(scopes: []))
            }
            guard HostCookie.session.value(in: request) == "good" else { return nil }
            return Visitor(principal: Principal(.client("browser"), address: context.address))
        }
    }

    init(
        limits: Limits = Limits(), readiness: Readiness = Readiness(), trustedProxies: [AddressRange] = [],
        pages: any PageRenderer = PlainPages(), add: (Routes) -> Void = { _ in }
    ) {
        let log = MemoryLog()
        self.log = log
        let parts = Front.Parts(
            gateway: Gateway(apex: "holdfast.localhost", port: 8443), hosts: KnownHosts(), authenticator: ByToken(), pages: pages,
            readiness: readiness, clock: SystemClock(), entropy: SystemEntropy(), limits: limits,
            logger: Logger(label: "test", factory: { _ in log.handler }), trustedProxies: trustedProxies)
        let routes = Routes()
        routes.apex.get("/") { _, _ in Response.text("apex") }
        routes.environment.get("/") { _, context in Response.page("<p>hello</p>", in: context) }
        routes.environment.get("/api/v1/things/{id}") { _, context in
            Response.json(["id": .string(try context.parameter("id")), "client": .string(context.address ?? "none")])
        }
        routes.environment.post("/api/v1/things") { request, context in Response.json(try await request.json(in: context)) }
        routes.environment.post("/form") { request, context in
            _ = try context.requireVisitor()
            return Response.text(try await request.form(in: context)["name"] ?? "")
        }
        routes.shell.get("/whoami") { _, context in Response.text(try context.requireVisitor().name) }
        add(routes)
        front = Front(parts, routes: routes)
    }
}

/// Keeps log lines in memory.
final class MemoryLog: Sendable {
    let lines = Mutex<[String]>([])

    var handler: any LogHandler { Handler(log: self) }
    var text: String { lines.withLock { $0.joined(separator: "\n") } }

    private struct Handler: LogHandler {
        let log: MemoryLog
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level = .trace
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { _, last in last }
            let text = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            log.lines.withLock { $0.append("\(event.level) \(event.message) \(text)") }
        }
    }
}
