import HTTPTypes
import Hummingbird
import NIOCore
import Testing
import TestSupport
import Vocabulary

@testable import Web

struct FrontTests {
    let scene = Scene()

    @Test func `each host has its own routes`() async throws {
        #expect(try await scene.front.exchange(.get, "/", host: Scene.apexHost).text == "apex")
        #expect(try await scene.front.exchange(.get, "/", host: Scene.acmeHost).text == "<p>hello</p>")
        #expect(try await scene.front.exchange(.get, "/", host: "ACME.Holdfast.LocalHost:8443").status == .ok)
    }

    @Test(arguments: [
        "other.example", "holdfast.localhost", "holdfast.localhost:443", "nobody.holdfast.localhost:8443", "a.acme.holdfast.localhost:8443",
        "evilholdfast.localhost:8443", "acme.holdfast.localhost.evil.example:8443", "127.0.0.1:8443", "[::1]:8443", "localhost:8443",
        "-acme.holdfast.localhost:8443", ".holdfast.localhost:8443", "acme.holdfast.localhost.:8443",
    ])
    func `an unknown host is misdirected, on a plain page`(host: String) async throws {
        let answer = try await scene.front.exchange(.get, "/", host: host, headers: [.accept: "text/html"])
        #expect(answer.status == .misdirectedRequest)
        #expect(answer.headers[.contentType] == "text/html; charset=utf-8")
        #expect(!answer.text.contains(host))
        try expectSelfContained(answer)
    }

    @Test(arguments: [
        "", "user@acme.holdfast.localhost:8443", "acme.holdfast.localhost:", "acme.holdfast.localhost:99999", "a b",
        "acmé.holdfast.localhost:8443",
    ])
    func `a host that no browser sends is a bad request`(host: String) async throws {
        #expect(try await scene.front.exchange(.get, "/", host: host).status == .badRequest)
    }

    @Test func `every answer carries the security headers and no version`() async throws {
        for (path, host) in [
            ("/", Scene.acmeHost), ("/api/v1/things/1", Scene.acmeHost), ("/nowhere", Scene.acmeHost), ("/", "other.example"),
            ("/health/live", "x"),
        ] {
            let headers = try await scene.front.exchange(.get, path, host: host).headers
            #expect(headers[.strictTransportSecurity] == "max-age=63072000; includeSubDomains")
            #expect(headers[.xContentTypeOptions] == "nosniff")
            #expect(headers[.cacheControl] == "no-store")
            #expect(headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
            #expect(headers[.contentSecurityPolicy]?.contains("frame-ancestors 'none'") == true)
            #expect(headers[.contentSecurityPolicy]?.contains("unsafe") == false)
            #expect(headers[.referrerPolicy] == "same-origin")
            #expect(headers[.openerPolicy] == "same-origin")
            #expect(headers[.requestIdentifier].flatMap { RequestIdentifier($0) } != nil)
            #expect(headers[.server] == nil)
            #expect(headers[.date]?.hasSuffix("GMT") == true)
        }
    }

    @Test func `a page's policy has a nonce of its own and lets forms lead to the apex`() async throws {
        let first = try await scene.front.exchange(.get, "/", host: Scene.acmeHost).headers[.contentSecurityPolicy] ?? ""
        let second = try await scene.front.exchange(.get, "/", host: Scene.acmeHost).headers[.contentSecurityPolicy] ?? ""
        #expect(first != second)
        #expect(first.contains("script-src 'nonce-"))
        #expect(first.contains("form-action 'self' https://holdfast.localhost:8443;"))
        #expect(first.contains("base-uri 'none'"))
    }

    @Test func `what is not there is 404, what can't be done is 405, HEAD has no body`() async throws {
        let missing = try await scene.front.exchange(.get, "/nowhere", host: Scene.acmeHost)
        #expect(missing.status == .notFound)
        #expect(missing.headers[.contentType] == "application/problem+json")
        #expect(missing.text.contains("urn:holdfast:problem:not-found"))
        let wrong = try await scene.front.exchange(.delete, "/api/v1/things/1", host: Scene.acmeHost)
        #expect(wrong.status == .methodNotAllowed)
        #expect(wrong.headers[.allow] == "GET, HEAD")
        let head = try await scene.front.exchange(.head, "/api/v1/things/1", host: Scene.acmeHost)
        #expect(head.status == .ok)
        #expect(head.body.readableBytes == 0)
        #expect(try await scene.front.exchange(.head, "/nowhere", host: Scene.acmeHost).body.readableBytes == 0)
    }

    @Test func `a browser gets problems as pages, a program as documents`() async throws {
        let page = try await scene.front.exchange(.get, "/nowhere", host: Scene.acmeHost, headers: [.accept: "text/html,*/*"])
        #expect(page.headers[.contentType] == "text/html; charset=utf-8")
        let api = try await scene.front.exchange(.get, "/api/v1/nowhere", host: Scene.acmeHost, headers: [.accept: "text/html,*/*"])
        #expect(api.headers[.contentType] == "application/problem+json")
    }

    /// A page in the portal's look that fetches nothing, and whose policy lets in its own style alone.
    private func expectSelfContained(_ answer: FinishedAnswer) throws {
        let policy = try #require(answer.headers[.contentSecurityPolicy])
        let nonce = try #require(policy.firstMatch(of: /style-src 'nonce-([A-Za-z0-9+\/=_-]{20,})'/)?.1)
        #expect(answer.text.contains("<style nonce=\"\(nonce)\">"))
        #expect(policy.hasPrefix("default-src 'none'; ") && !policy.contains("'self'") && !policy.contains("script-src"))
        for fetched in [" src=", "href=\"/", "<script", "url(", "@import", "http:", "https:"] {
            #expect(!answer.text.contains(fetched), "\(fetched)")
        }
    }

    @Test func `a sealed server and a broken request have pages that need nothing else`() async throws {
        let sealed = Scene(readiness: Readiness(isSealed: { true }))
        let page = try await sealed.front.exchange(.get, "/", host: Scene.acmeHost, headers: [.accept: "text/html"])
        #expect(page.status == .serviceUnavailable && page.text.contains("Closed and sealed"))
        try expectSelfContained(page)
        let broken = try await scene.front.exchange(.get, "/", host: "a b", headers: [.accept: "text/html"])
        #expect(broken.status == .badRequest)
        try expectSelfContained(broken)
        let again = try await sealed.front.exchange(.get, "/", host: Scene.acmeHost, headers: [.accept: "text/html"])
        #expect(again.headers[.contentSecurityPolicy] != page.headers[.contentSecurityPolicy])
    }

    @Test func `a sealed server says so and serves nothing else`() async throws {
        let sealed = Scene(readiness: Readiness(isSealed: { true }))
        let ready = try await sealed.front.exchange(.get, "/health/ready", host: "whatever")
        #expect(ready.status == .serviceUnavailable)
        #expect(ready.text.contains(#""code":"sealed""#))
        #expect(try await sealed.front.exchange(.get, "/health/live", host: Scene.apexHost).status == .ok)
        for path in ["/", "/api/v1/things/1", "/assets/holdfast.css"] {
            let answer = try await sealed.front.exchange(.get, path, host: Scene.acmeHost)
            #expect(answer.status == .serviceUnavailable)
            #expect(answer.headers[.retryAfter] == "30")
        }
        #expect(try await scene.front.exchange(.get, "/health/ready", host: Scene.acmeHost).status == .ok)
        let full = Scene(readiness: Readiness(obstacles: { [Obstacle("storage-full", "No space is left.")] }))
        #expect(try await full.front.exchange(.get, "/health/ready", host: "x").text.contains("storage-full"))
        #expect(try await full.front.exchange(.get, "/", host: Scene.acmeHost).status == .ok)
    }

    struct Unexpected: Error, CustomStringConvertible {
        var description: String { "secret-canary" }
    }

    @Test func `an unforeseen error tells nothing but the request's number`() async throws {
        let scene = Scene { $0.environment.get("/boom") { _, _ -> Response in throw Unexpected() } }
        let answer = try await scene.front.exchange(.get, "/boom", host: Scene.acmeHost)
        #expect(answer.status == .internalServerError)
        #expect(!answer.text.contains("canary"))
        #expect(!scene.log.text.contains("canary"))
        #expect(scene.log.text.contains("Unexpected"))
        #expect(answer.text.contains(answer.headers[.requestIdentifier] ?? "?"))
    }

    @Test func `the log holds the route and never the path, query, token or agent`() async throws {
        let headers: HTTPFields = [.authorization: "Bearer good", .userAgent: "canary-agent", .cookie: "a=canary"]
        _ = try await scene.front.exchange(.get, "/api/v1/things/canary-id?q=canary", host: Scene.acmeHost, headers: headers)
        _ = try await scene.front.exchange(.get, "/canary?canary", host: Scene.acmeHost)
        _ = try await scene.front.exchange(.init("CANARY") ?? .get, "/", host: "canary.example")
        #expect(!scene.log.text.lowercased().contains("canary"))
        #expect(scene.log.text.contains("route=/api/v1/things/{id}"))
        #expect(scene.log.text.contains("environment=\(Scene.acme)"))
        #expect(scene.log.text.contains("status=200"))
    }

    @Test func `forwarded addresses count only from a trusted proxy, and only its own part`() async throws {
        let headers: HTTPFields = [.forwardedFor: "6.6.6.6, 203.0.113.9, 10.0.0.2", .forwardedProto: "https"]
        let stranger = Peer(way: .tls, address: "198.51.100.7")
        let direct = try await scene.front.exchange(.get, "/api/v1/things/1", host: Scene.acmeHost, headers: headers, from: stranger)
        #expect(direct.text.contains("198.51.100.7"))
        let ranges = ["127.0.0.1", "10.0.0.0/8"].compactMap(AddressRange.init)
        let behind = Scene(trustedProxies: ranges)
        let proxy = Peer(way: .proxied, address: "127.0.0.1", isTrustedProxy: true)
        let through = try await behind.front.exchange(.get, "/api/v1/things/1", host: Scene.acmeHost, headers: headers, from: proxy)
        #expect(through.text.contains("203.0.113.9"))
        let plain = try await behind.front.exchange(.get, "/", host: Scene.acmeHost, headers: [.forwardedProto: "http"], from: proxy)
        #expect(plain.status == .badRequest)
        let unknown = Peer(way: .proxied, address: "127.0.0.9")
        #expect(try await behind.front.exchange(.get, "/", host: Scene.acmeHost, headers: headers, from: unknown).status == .badRequest)
    }

    @Test func `the shell is its own door, and has no host`() async throws {
        let shell = Peer(way: .shell(user: "root"), address: nil)
        #expect(try await scene.front.exchange(.get, "/whoami", host: "-", from: shell).text == "root")
        #expect(try await scene.front.exchange(.get, "/whoami", host: Scene.apexHost).status == .notFound)
        #expect(try await scene.front.exchange(.get, "/api/v1/things/1", host: "-", from: shell).status == .notFound)
    }
}
