import Foundation
import Hummingbird
import NIOCore
import NIOSSL
import Testing
import TestSupport
import Vocabulary

@testable import Web

/// `flood.*` in small: each way to hold a connection without using it, over real sockets, ends by its deadline.
struct SlowClientTests {
    /// Everything generous, so that only the one deadline under test can end the connection.
    private func only(_ set: (inout Limits) -> Void) -> Limits {
        var limits = Limits()
        set(&limits)
        return limits
    }

    private let get = "GET /api/v1/things/1 HTTP/1.1\r\nHost: acme.holdfast.localhost:8443\r\n\r\n"

    @Test func `a connection without a ClientHello is cut`() async throws {
        try await RunningServer.with(limits: only { $0.firstRequest = .milliseconds(300) }) { server in
            let wire = try await server.connect(tls: false)
            #expect(await wire.closes())
            #expect(wire.bytes.isEmpty)
        }
    }

    @Test func `half a ClientHello is cut`() async throws {
        try await RunningServer.with(limits: only { $0.firstRequest = .milliseconds(300) }) { server in
            let wire = try await server.connect(tls: false)
            await wire.trickle(
                String(decoding: [0x16, 0x03, 0x01, 0x01] as [UInt8], as: UTF8.self) + String(repeating: "\u{1}", count: 60),
                pause: .milliseconds(50))
            #expect(await wire.closes())
        }
    }

    @Test func `silence after the handshake is cut`() async throws {
        try await RunningServer.with(limits: only { $0.firstRequest = .milliseconds(1200) }) { server in
            let wire = try await server.connect()
            #expect(await wire.closes())
        }
    }

    @Test func `a head that comes byte by byte is cut, the first and a later one`() async throws {
        try await RunningServer.with(limits: only { $0.firstRequest = .milliseconds(1200) }) { server in
            let wire = try await server.connect()
            await wire.trickle(get, pause: .milliseconds(100))
            #expect(await wire.closes())
            #expect(!wire.text.contains("200 OK"))
        }
        try await RunningServer.with(limits: only { $0.head = .milliseconds(400) }) { server in
            let wire = try await server.connect()
            try await wire.send(get)
            #expect(await wire.receives("200 OK"))
            await wire.trickle(get, pause: .milliseconds(40))
            #expect(await wire.closes())
            #expect(wire.text.components(separatedBy: "200 OK").count == 2)
        }
    }

    @Test func `an idle connection is kept for a while and then cut`() async throws {
        try await RunningServer.with(limits: only { $0.keepAlive = .milliseconds(1500) }) { server in
            let wire = try await server.connect()
            try await wire.send(get)
            #expect(await wire.receives("200 OK"))
            try await Task.sleep(for: .milliseconds(100))
            try await wire.send(get)
            #expect(await wire.wait { $0.text.components(separatedBy: "200 OK").count == 3 })
            #expect(await wire.closes())
        }
    }

    private let post =
        "POST /api/v1/things HTTP/1.1\r\nHost: acme.holdfast.localhost:8443\r\nAuthorization: Bearer good\r\nContent-Type: application/json\r\n"

    @Test(arguments: [true, false])
    func `a body that trickles is cut, with a length and in chunks`(hasLength: Bool) async throws {
        try await RunningServer.with(limits: only { $0.bodyGrace = .milliseconds(400) }) { server in
            let wire = try await server.connect()
            try await wire.send(post + (hasLength ? "Content-Length: 1000\r\n\r\n" : "Transfer-Encoding: chunked\r\n\r\n3E8\r\n"))
            await wire.trickle(String(repeating: " ", count: 500), pause: .milliseconds(20))
            #expect(await wire.closes())
            #expect(!wire.text.contains("200 OK"))
        }
    }

    @Test func `a body at an honest pace is taken, however long it takes`() async throws {
        let limits = only {
            $0.bodyGrace = .milliseconds(1000)
            $0.bodyBytesPerSecond = 100
        }
        try await RunningServer.with(limits: limits) { server in
            let wire = try await server.connect()
            let text = "{\"a\":\"" + String(repeating: "x", count: 800) + "\"}"
            try await wire.send(post + "Content-Length: \(text.utf8.count)\r\n\r\n")
            for start in stride(from: 0, to: text.count, by: 100) {
                try await wire.send(String(text.dropFirst(start).prefix(100)))
                try await Task.sleep(for: .milliseconds(250))
            }
            #expect(await wire.receives("200 OK"))
        }
    }

    @Test func `a body that the route isn't ready for is not the client's fault`() async throws {
        let limits = only { $0.bodyGrace = .milliseconds(1000) }
        try await RunningServer.with(
            limits: limits,
            add: { routes in
                routes.environment.post("/slow") { request, context in
                    try await Task.sleep(for: .milliseconds(3000))
                    var count = 0
                    for try await chunk in request.body { count += chunk.readableBytes }
                    return Response.text("took \(count)")
                }
            }
        ) { server in
            let wire = try await server.connect()
            let size = 4 << 20
            try await wire.send(post.replacing("/api/v1/things", with: "/slow") + "Content-Length: \(size)\r\n\r\n")
            try? await wire.send([UInt8](repeating: 65, count: size))
            #expect(await wire.receives("took \(size)"))
        }
    }

    @Test func `a client that doesn't read its answer is cut`() async throws {
        let limits = only { $0.drain = .milliseconds(400) }
        try await RunningServer.with(
            limits: limits,
            add: { routes in
                routes.environment.get("/endless") { _, _ in
                    Response.download(name: "x", type: "text/plain") { sink in
                        while true { try await sink.write(ByteBuffer(repeating: 65, count: 65_536)) }
                    }
                }
            }
        ) { server in
            let wire = try await server.connect()
            try await wire.send(get.replacing("/api/v1/things/1", with: "/endless"))
            #expect(await wire.receives("AAAA"))
            try await wire.stopReading()
            #expect(await wire.wait { _ in server.server.admission.open == 0 })
        }
    }

    @Test func `events keep a connection alive, silence doesn't`() async throws {
        let limits = only { $0.silence = .milliseconds(1500) }
        try await RunningServer.with(
            limits: limits,
            add: { routes in
                routes.environment.get("/events") { request, _ in
                    Response.events { sink in
                        for number in 0..<6 {
                            try await Task.sleep(for: .milliseconds(400))
                            if number % 2 == 0 { try await sink.pulse() } else { try await sink.send(ServerEvent("n\(number)")) }
                        }
                        try await Task.sleep(for: .seconds(30))
                    }
                }
            }
        ) { server in
            let wire = try await server.connect()
            try await wire.send(get.replacing("/api/v1/things/1", with: "/events"))
            #expect(await wire.receives("data: n5\n\n"))
            #expect(await wire.closes())
        }
    }

    @Test func `an HTTP/2 preface and nothing else is cut`() async throws {
        try await RunningServer.with(limits: only { $0.firstRequest = .milliseconds(1500) }) { server in
            let wire = try await server.connect(alpn: ["h2"])
            try? await wire.send(H2.preface + H2.settings)
            for _ in 0..<400 where !wire.isClosed {
                try? await wire.send(H2.window(1))
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(await wire.closes())
        }
    }

    @Test func `HTTP/2 headers that never end are cut, at first and later`() async throws {
        try await RunningServer.with(limits: only { $0.firstRequest = .milliseconds(1500) }) { server in
            let wire = try await server.connect(alpn: ["h2"])
            try? await wire.send(H2.preface + H2.settings + H2.headers(1, flags: 0))
            #expect(await wire.closes())
        }
        try await RunningServer.with(limits: only { $0.keepAlive = .milliseconds(1500) }) { server in
            let wire = try await server.connect(alpn: ["h2"])
            try await wire.send(H2.preface + H2.settings + H2.headers(1, flags: 5))
            #expect(await wire.receives("hello"))
            try? await wire.send(H2.headers(3, flags: 0))
            #expect(await wire.closes())
        }
    }

    @Test func `an HTTP/2 stream whose body never comes is reset, and its neighbour lives`() async throws {
        try await RunningServer.with(limits: only { $0.bodyGrace = .milliseconds(400) }) { server in
            let wire = try await server.connect(alpn: ["h2"])
            let fields = [("authorization", "Bearer good"), ("content-type", "application/json")]
            try await wire.send(H2.preface + H2.settings + H2.headers(1, method: "POST", path: "/api/v1/things", flags: 4, extra: fields))
            #expect(await wire.wait { H2.frames(in: $0.bytes).contains { $0.type == 3 && $0.stream == 1 } })
            try await wire.send(H2.headers(3, flags: 5))
            #expect(await wire.receives("hello"))
            #expect(!wire.isClosed)
        }
    }

    @Test func `HTTP/2 pings don't keep an idle connection`() async throws {
        try await RunningServer.with(limits: only { $0.keepAlive = .milliseconds(1500) }) { server in
            let wire = try await server.connect(alpn: ["h2"])
            try await wire.send(H2.preface + H2.settings + H2.headers(1, flags: 5))
            #expect(await wire.receives("hello"))
            for _ in 0..<100 where !wire.isClosed {
                try? await wire.send(H2.ping)
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(await wire.closes())
        }
    }
}
