import Foundation
import Hummingbird
import NIOCore
import NIOPosix
import NIOSSL
import Sealing
import Synchronization
import Testing
import TestSupport
import Vocabulary

@testable import Web

struct ConnectionTests {
    private let get = "GET /api/v1/things/1 HTTP/1.1\r\nHost: acme.holdfast.localhost:8443\r\n"

    @Test func `plain HTTP on the TLS port is told to use HTTPS`() async throws {
        try await RunningServer.with { server in
            let wire = try await server.connect(tls: false)
            try await wire.send(get + "\r\n")
            #expect(await wire.receives("This port speaks HTTPS"))
            #expect(wire.text.hasPrefix("HTTP/1.1 400 Bad Request"))
            #expect(await wire.closes())
        }
    }

    @Test(arguments: [
        ("a header too long", "X: {17000}\r\n", 431),
        ("a header much too long", "X: {200000}\r\n", 431),
        ("too many headers", "[101]", 431),
        ("far too many headers", "[2000]", 431),
        ("two hosts", "Host: acme.holdfast.localhost:8443\r\n", 400),
        ("two framings", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", 400),
        ("two lengths", "Content-Length: 3\r\nContent-Length: 4\r\n", 400),
        ("a negative length", "Content-Length: -1\r\n", 400),
        ("a folded header", "X: a\r\n b\r\n", 400),
        ("a space before the colon", "X : a\r\n", 400),
        ("a NUL in a header", "X: a\0b\r\n", 400),
        ("a body beyond all bounds", "Content-Length: 99999999999\r\n", 413),
        ("another expectation", "Expect: a-miracle\r\n", 417),
    ])
    func `a bad head is refused and the connection ends`(what: String, headers: String, status: Int) async throws {
        try await RunningServer.with { server in
            let wire = try await server.connect()
            var lines = headers
            for length in [17_000, 200_000] { lines = lines.replacing("{\(length)}", with: String(repeating: "a", count: length)) }
            for count in [101, 2000] { lines = lines.replacing("[\(count)]", with: String(repeating: "X: a\r\n", count: count)) }
            try? await wire.send(get + lines + "\r\n")
            #expect(await wire.receives("HTTP/1.1 \(status) "), "\(what)")
            #expect(await wire.receives("application/problem+json"), "\(what)")
            #expect(wire.text.lowercased().contains("strict-transport-security"), "\(what)")
            #expect(await wire.closes(), "\(what)")
        }
    }

    @Test(arguments: [
        ("GET /{9000} HTTP/1.1\r\nHost: acme.holdfast.localhost:8443\r\n\r\n", 414),
        ("GET /{300000} HTTP/1.1\r\nHost: acme.holdfast.localhost:8443\r\n\r\n", 431),
        ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.0\r\n\r\n", 400),
        ("GET /%00 HTTP/1.1\r\nHost: acme.holdfast.localhost:8443\r\n\r\n", 400),
        ("GET /#a HTTP/1.1\r\nHost: acme.holdfast.localhost:8443\r\n\r\n", 400), ("\u{0}\u{1}\u{2}\r\n\r\n", 400),
        ("CONNECT acme.holdfast.localhost:8443 HTTP/1.1\r\nHost: acme.holdfast.localhost:8443\r\n\r\n", 400),
        ("GET https://other.example/ HTTP/1.1\r\nHost: acme.holdfast.localhost:8443\r\n\r\n", 400),
        ("GET https://other.example/ HTTP/1.1\r\nHost: other.example\r\n\r\n", 421),
        ("GET https://acme.holdfast.localhost:8443/api/v1/things/1 HTTP/1.1\r\nHost: acme.holdfast.localhost:8443\r\n\r\n", 200),
        ("GET / HTTP/1.1\r\nHost: acme.holdfast.localhost:8443\r\nX-Holdfast-Head-Fault: malformed\r\n\r\n", 200),
        ("GET / HTTP/3.7\r\nHost: acme.holdfast.localhost:8443\r\n\r\n", 400),
    ])
    func `a target is judged by its form and host`(request: String, status: Int) async throws {
        try await RunningServer.with { server in
            let wire = try await server.connect()
            var text = request
            for length in [9000, 300_000] { text = text.replacing("{\(length)}", with: String(repeating: "a", count: length)) }
            try? await wire.send(text)
            #expect(await wire.receives("HTTP/1.1 \(status) "), "\(request)")
        }
    }

    @Test func `requests follow each other on a connection, pipelined too, and HTTP 1.0 ends it`() async throws {
        try await RunningServer.with { server in
            let wire = try await server.connect()
            try await wire.send(get + "\r\n" + get + "\r\n" + get + "Connection: close\r\n\r\n")
            #expect(await wire.closes())
            #expect(wire.text.components(separatedBy: "HTTP/1.1 200").count == 4)
            let old = try await server.connect()
            try await old.send(get.replacing("1.1\r\n", with: "1.0\r\n") + "\r\n")
            #expect(await old.closes())
            #expect(old.text.contains(" 200 OK"))
        }
    }

    @Test func `a client that asks first is told to go on, or not to`() async throws {
        var limits = Limits()
        limits.streamedBodyBytes = 1000
        try await RunningServer.with(limits: limits) { server in
            let head =
                "POST /api/v1/things HTTP/1.1\r\nHost: acme.holdfast.localhost:8443\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
            let wire = try await server.connect()
            try await wire.send(head + "Content-Length: 7\r\n\r\n")
            #expect(await wire.receives("100 Continue"))
            try await wire.send("{\"a\":1}")
            #expect(await wire.receives("{\"a\":1}"))
            let long = try await server.connect()
            try await long.send(head + "Content-Length: 1001\r\n\r\n")
            #expect(await long.receives("HTTP/1.1 413"))
            #expect(!long.text.contains("100 Continue"))
        }
    }

    @Test func `a chunked body beyond the bound is refused while it streams`() async throws {
        var limits = Limits()
        limits.streamedBodyBytes = 100_000
        let sink: @Sendable (Routes) -> Void = { routes in
            routes.environment.post("/sink") { request, context in
                _ = try context.requireVisitor()
                var count = 0
                for try await chunk in request.body { count += chunk.readableBytes }
                return Response.text("\(count)")
            }
        }
        try await RunningServer.with(limits: limits, add: sink) { server in
            let wire = try await server.connect()
            try await wire.send(
                "POST /sink HTTP/1.1\r\nHost: acme.holdfast.localhost:8443\r\nAuthorization: Bearer good\r\nTransfer-Encoding: chunked\r\n\r\n"
            )
            for _ in 0..<20 { try? await wire.send("2710\r\n" + String(repeating: "x", count: 10_000) + "\r\n") }
            #expect(await wire.receives("HTTP/1.1 413"))
            #expect(await wire.closes())
        }
    }

    @Test(arguments: [true, false])
    func `half a body never passes for a whole one`(hasLength: Bool) async throws {
        let seen = Mutex<[String]>([])
        let note: @Sendable (Routes) -> Void = { routes in
            routes.environment.post("/note") { request, context in
                do {
                    var count = 0
                    for try await chunk in request.body { count += chunk.readableBytes }
                    seen.withLock { $0.append("whole \(count)") }
                } catch {
                    seen.withLock { $0.append("broken") }
                    throw error
                }
                return Response.text("ok")
            }
        }
        try await RunningServer.with(add: note) { server in
            let wire = try await server.connect()
            let framing = hasLength ? "Content-Length: 100\r\n\r\n0123456789" : "Transfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n"
            try await wire.send("POST /note HTTP/1.1\r\nHost: acme.holdfast.localhost:8443\r\nAuthorization: Bearer good\r\n" + framing)
            try await Task.sleep(for: .milliseconds(100))
            wire.close()
            #expect(await wire.wait { _ in seen.withLock { !$0.isEmpty } })
            #expect(seen.withLock { $0 } == ["broken"])
        }
    }

    @Test func `an answer that doesn't need the body ends the connection politely`() async throws {
        try await RunningServer.with { server in
            let wire = try await server.connect()
            let head =
                "POST /nowhere HTTP/1.1\r\nHost: acme.holdfast.localhost:8443\r\nAuthorization: Bearer good\r\nContent-Length: 5000000\r\n\r\n"
            try await wire.send(head)
            #expect(await wire.receives("HTTP/1.1 404"))
            #expect(wire.text.lowercased().contains("connection: close"))
            try? await wire.send([UInt8](repeating: 65, count: 1_000_000))
            #expect(await wire.closes())
        }
    }

    @Test func `one address has its share of connections and no more`() async throws {
        var limits = Limits()
        limits.connectionsPerAddress = 3
        try await RunningServer.with(limits: limits) { server in
            var wires: [Wire] = []
            for _ in 0..<3 { wires.append(try await server.connect(tls: false)) }
            #expect(await wires[0].wait { _ in server.server.admission.open == 3 })
            let extra = try await server.connect(tls: false)
            #expect(await extra.closes())
            #expect(wires.allSatisfy { !$0.isClosed })
            wires[0].close()
            #expect(await wires[1].wait { _ in server.server.admission.open == 2 })
            let next = try await server.connect()
            try await next.send(get + "\r\n")
            #expect(await next.receives("200 OK"))
            for wire in wires { wire.close() }
        }
    }

    @Test func `the server as a whole has a bound`() async throws {
        var limits = Limits()
        limits.connections = 2
        try await RunningServer.with(limits: limits) { server in
            let wires = [try await server.connect(tls: false), try await server.connect(tls: false)]
            #expect(await wires[0].wait { _ in server.server.admission.open == 2 })
            #expect(await (try await server.connect(tls: false)).closes())
            for wire in wires { wire.close() }
        }
    }

    @Test func `HTTP/2 answers, and bounds streams and resets`() async throws {
        try await RunningServer.with(add: { routes in
            routes.environment.get("/wait") { _, _ in
                try await Task.sleep(for: .seconds(3))
                return Response.text("late")
            }
        }) { server in
            let many = try await server.connect(alpn: ["h2"])
            try await many.send(H2.preface + H2.settings)
            var requests: [UInt8] = []
            for number in 0..<101 { requests += H2.headers(UInt32(2 * number + 1), path: "/wait", flags: 5) }
            try await many.send(requests)
            // RST_STREAM with REFUSED_STREAM or a GOAWAY: one too many is not served.
            #expect(await many.wait { H2.frames(in: $0.bytes).contains { $0.type == 3 || $0.type == 7 } })
            let rapid = try await server.connect(alpn: ["h2"])
            try await rapid.send(H2.preface + H2.settings)
            for number in 0..<400 where !rapid.isClosed {
                try? await rapid.send(H2.headers(UInt32(2 * number + 1), path: "/wait", flags: 5) + H2.reset(UInt32(2 * number + 1)))
            }
            #expect(await rapid.closes())
        }
    }

    @Test func `HTTP/2 heads are judged like HTTP/1.1 ones`() async throws {
        try await RunningServer.with { server in
            let wire = try await server.connect(alpn: ["h2"])
            try await wire.send(H2.preface + H2.settings)
            try await wire.send(H2.headers(1, flags: 5, extra: [("host", "other.example")]))
            #expect(await wire.receives("host-missing"))
            try await wire.send(H2.headers(3, path: "/a%00", flags: 5))
            #expect(await wire.receives("malformed-request"))
            try await wire.send(H2.headers(5, flags: 5))
            #expect(await wire.receives("hello"))
        }
    }

    @Test func `old protocols and weak ciphers are refused`() async throws {
        try await RunningServer.with { server in
            for version in [TLSVersion.tlsv1, .tlsv11] {
                let wire = try await server.connect {
                    $0.minimumTLSVersion = .tlsv1
                    $0.maximumTLSVersion = version
                }
                #expect(await wire.closes())
            }
            let weak = try await server.connect {
                $0.maximumTLSVersion = .tlsv12
                $0.cipherSuiteValues = [.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, .TLS_RSA_WITH_AES_128_GCM_SHA256]
            }
            #expect(await weak.closes())
            for version in [TLSVersion.tlsv12, .tlsv13] {
                let wire = try await server.connect {
                    $0.minimumTLSVersion = version
                    $0.maximumTLSVersion = version
                }
                try await wire.send(get + "\r\n")
                #expect(await wire.receives("200 OK"))
            }
        }
    }

    @Test func `a renewed certificate is used by the next connection, and a broken one by none`() async throws {
        try await RunningServer.with { server in
            let open = try await server.connect()
            let other = try DevelopmentAuthority(directory: server.directory.path + "/other").files(apex: "holdfast.localhost")
            try replace(server.files.certificate, by: other.certificate)
            #expect(throws: Refusal.self) { try server.certificates.reload() }
            #expect(try await serves(server))
            try replace(server.files.key, by: other.key)
            #expect(try server.certificates.reloadIfChanged())
            #expect(try !server.certificates.reloadIfChanged())
            let old = try await server.connect()
            #expect(await old.closes())
            let new = try await server.connect { $0.trustRoots = .file(other.authority) }
            try await new.send(get + "\r\n")
            #expect(await new.receives("200 OK"))
            try await open.send(get + "\r\n")
            #expect(await open.receives("200 OK"))
        }
    }

    private func serves(_ server: RunningServer) async throws -> Bool {
        let wire = try await server.connect()
        try await wire.send(get + "\r\n")
        return await wire.receives("200 OK")
    }

    private func replace(_ path: String, by other: String) throws {
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: other, toPath: path)
    }

    @Test func `a stopping server finishes what it has begun and takes nothing new`() async throws {
        try await RunningServer.with(add: { routes in
            routes.environment.get("/slow") { _, _ in
                try await Task.sleep(for: .milliseconds(800))
                return Response.text("finished")
            }
        }) { server in
            let busy = try await server.connect()
            let idle = try await server.connect()
            try await idle.send(get + "\r\n")
            #expect(await idle.receives("200 OK"))
            try await busy.send(get.replacing("/api/v1/things/1", with: "/slow") + "\r\n")
            try await Task.sleep(for: .milliseconds(200))
            await server.shutdown()
            #expect(await idle.closes())
            #expect(await busy.receives("finished"))
            #expect(await busy.closes())
            await #expect(throws: (any Error).self) { _ = try await server.connect(tls: false) }
        }
    }

    @Test func `a client that won't go is cut when the server stops`() async throws {
        var limits = Limits()
        limits.farewell = .milliseconds(500)
        try await RunningServer.with(
            limits: limits,
            add: { routes in
                routes.environment.get("/events") { _, _ in
                    Response.events { sink in
                        try await sink.pulse()
                        try await Task.sleep(for: .seconds(60))
                    }
                }
                routes.environment.post("/wait") { request, _ in
                    for try await _ in request.body {}
                    return Response.text("never")
                }
            }
        ) { server in
            let events = try await server.connect()
            try await events.send(get.replacing("/api/v1/things/1", with: "/events") + "\r\n")
            #expect(await events.receives("200 OK"))
            let stuck = try await server.connect()
            try await stuck.send(
                "POST /wait HTTP/1.1\r\nHost: acme.holdfast.localhost:8443\r\nAuthorization: Bearer good\r\nContent-Length: 10\r\n\r\n1")
            try await Task.sleep(for: .milliseconds(100))
            await server.shutdown()
            #expect(await events.closes())
            #expect(await stuck.closes())
        }
    }

    @Test func `plain HTTP is for a named proxy on this machine only`() async throws {
        let scene = Scene()
        let logger = scene.front.parts.logger
        for host in ["0.0.0.0", "192.0.2.1", "::"] {
            #expect(throws: Refusal.self) { try WebServer(front: scene.front, bindings: [.proxied(host: host, port: 0)], logger: logger) }
        }
        #expect(throws: Refusal.self) {
            try WebServer(front: scene.front, bindings: [.proxied(host: "127.0.0.1", port: 0)], logger: logger)
        }
        let local = try #require(AddressRange("127.0.0.0/8"))
        try await RunningServer.with(proxied: true, trustedProxies: [local]) { server in
            let wire = try await server.connect(tls: false)
            try await wire.send(get + "X-Forwarded-Proto: https\r\nX-Forwarded-For: 203.0.113.5\r\n\r\n")
            #expect(await wire.receives("203.0.113.5"))
            try await wire.send(get + "\r\n")
            #expect(await wire.receives("https-only"))
        }
        let other = try #require(AddressRange("10.0.0.0/8"))
        try await RunningServer.with(proxied: true, trustedProxies: [other]) { server in
            let wire = try await server.connect(tls: false)
            try await wire.send(get + "X-Forwarded-Proto: https\r\n\r\n")
            #expect(await wire.receives("https-only"))
        }
    }
}
