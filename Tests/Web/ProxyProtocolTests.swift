import Logging
import TestSupport
import Testing
import Vocabulary

@testable import Web

/// The header on real connections. This machine is the trusted proxy, or isn't.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ProxyProtocolTests {
    private let get = "GET /api/v1/things/1 HTTP/1.1\r\nHost: acme.holdfast.localhost:8443\r\nAuthorization: Bearer good\r\n"
    private let client = ProxyBytes.inet([203, 0, 113, 5], tlvs: ProxyBytes.tlvs)

    private func with<T: Sendable>(
        trusted: String = "127.0.0.0/8", limits: Limits = Limits(), body: (RunningServer) async throws -> T
    ) async throws -> T {
        try await RunningServer.with(
            limits: limits, trustedProxies: [try #require(AddressRange(trusted))], proxyProtocol: true, body: body)
    }

    @Test(arguments: ["http/1.1", "h2"]) func `the client's address comes from the trusted proxy's header`(version: String) async throws {
        try await with { server in
            let wire = try await server.connect(alpn: [version], greeting: client)
            if version == "h2" {
                let fields = [("authorization", "Bearer good"), ("x-forwarded-for", "198.51.100.7")]
                try await wire.send(
                    H2.preface + H2.settings + H2.headers(1, path: "/api/v1/things/1", flags: 5, extra: fields))
            } else {
                try await wire.send(get + "X-Forwarded-For: 198.51.100.7\r\n\r\n")
            }
            #expect(await wire.receives("203.0.113.5"))
            #expect(!wire.text.contains("198.51.100.7"))
        }
    }

    @Test func `a header that comes byte by byte is a header`() async throws {
        try await with { server in
            let wire = try await server.connect(tls: false)
            for byte in client { try await wire.send([byte]) }
            try await wire.send("GET / HTTP/1.1\r\n\r\n")
            #expect(await wire.receives("This port speaks HTTPS"))
        }
    }

    @Test func `a proxy that speaks for itself is answered as itself`() async throws {
        try await with { server in
            for greeting in [ProxyBytes.local, ProxyBytes.unix, ProxyBytes.unspecified] {
                let wire = try await server.connect(greeting: greeting)
                try await wire.send(get + "\r\n")
                #expect(await wire.receives("127.0.0.1"))
            }
            // Somebody without an address is not the proxy: nothing that it says of itself is believed.
            let wire = try await server.connect(greeting: ProxyBytes.unix)
            try await wire.send(get + "X-Forwarded-For: 198.51.100.7\r\n\r\n")
            #expect(await wire.receives("127.0.0.1"))
        }
    }

    @Test func `a trusted proxy without a header is turned away, counted and logged without its address`() async throws {
        try await with { server in
            for _ in 0..<3 {
                let wire = try await server.connect()
                #expect(await wire.closes())
                #expect(wire.bytes.isEmpty)
            }
            for text in ["PROXY TCP4 203.0.113.5 10.0.0.1 56324 443\r\n", "GET / HTTP/1.1\r\n\r\n"] {
                let wire = try await server.connect(tls: false)
                try await wire.send(text)
                #expect(await wire.closes())
                #expect(wire.bytes.isEmpty)
                // The client knows before the place is free.
                #expect(await wire.wait { _ in server.server.admission.open == 0 })
            }
            #expect(server.server.proxyRefusals?.totals == ["missing": 4, "text": 1])
        }
    }

    @Test func `a header from elsewhere is turned away, and none is needed there`() async throws {
        try await with(trusted: "192.0.2.0/24") { server in
            for greeting in [client, ProxyBytes.local, Array("PROXY TCP4 203.0.113.5 10.0.0.1 1 2\r\n".utf8)] {
                let wire = try await server.connect(greeting: greeting)
                #expect(await wire.closes())
            }
            #expect(server.server.proxyRefusals?.totals == ["untrusted": 3])
            let wire = try await server.connect()
            try await wire.send(get + "\r\n")
            #expect(await wire.receives("127.0.0.1"))
            let plain = try await server.connect(tls: false)
            try await plain.send("GET / HTTP/1.1\r\n\r\n")
            #expect(await plain.receives("This port speaks HTTPS"))
        }
    }

    @Test func `half a header is waited for no longer than a first request`() async throws {
        var limits = Limits()
        limits.firstRequest = .milliseconds(300)
        try await with(limits: limits) { server in
            let wire = try await server.connect(tls: false)
            try await wire.send(Array(client.dropLast()))
            #expect(await wire.closes())
            let silent = try await server.connect(tls: false)
            #expect(await silent.closes())
        }
    }

    @Test func `one client behind the proxy can't take every place`() async throws {
        var limits = Limits()
        limits.connectionsPerAddress = 2
        try await with(limits: limits) { server in
            func ask(_ greeting: [UInt8]) async throws -> Wire {
                let wire = try await server.connect(greeting: greeting)
                try? await wire.send(get + "\r\n")
                return wire
            }
            let first = try await ask(client)
            let second = try await ask(client)
            #expect(await first.receives("203.0.113.5"))
            #expect(await second.receives("203.0.113.5"))
            let third = try await ask(client)
            #expect(await third.closes())
            let other = try await ask(ProxyBytes.inet([203, 0, 113, 6]))
            #expect(await other.receives("203.0.113.6"))
            let proxy = try await ask(ProxyBytes.local)
            #expect(await proxy.receives("127.0.0.1"))
            first.close()
            #expect(await first.closes())
            #expect(await first.wait { _ in server.server.admission.open <= 3 })
            let next = try await ask(client)
            #expect(await next.receives("203.0.113.5"))
        }
    }

    @Test func `the protocol needs a proxy to trust`() {
        let scene = Scene()
        #expect(throws: Refusal.self) {
            try WebServer(front: scene.front, bindings: [], proxyProtocol: true, logger: Logger(label: "test"))
        }
    }

    @Test func `refusals are logged once a minute for each reason, with their number`() {
        let log = MemoryLog()
        let refusals = ProxyRefusals(logger: Logger(label: "test", factory: { _ in log.handler }))
        for second in 0..<130 { refusals.note(.untrusted, at: .uptimeNanoseconds(UInt64(second + 1) * 1_000_000_000)) }
        refusals.note(.fault(.text), at: .uptimeNanoseconds(131_000_000_000))
        let lines = log.lines.withLock { $0 }
        #expect(lines.count == 4)
        #expect(lines.map { $0.contains("connections=60") } == [false, true, true, false])
        #expect(refusals.totals == ["untrusted": 130, "text": 1])
    }
}
