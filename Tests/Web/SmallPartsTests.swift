import HTTPTypes
import Hummingbird
import Foundation
import Logging
import Testing
import TestSupport
import Vocabulary

@testable import Web

#if canImport(Glibc)
import Glibc
#endif

struct SmallPartsTests {
    @Test func `an address range holds what it should`() throws {
        let ten = try #require(AddressRange("10.0.0.0/8"))
        let six = try #require(AddressRange("fd00::/8"))
        let one = try #require(AddressRange("192.0.2.1"))
        let all = try #require(AddressRange("0.0.0.0/0"))
        func address(_ text: String) throws -> NetworkAddress { try #require(NetworkAddress(text)) }
        #expect(try ten.contains(address("10.255.0.1")) && ten.contains(address("::ffff:10.1.2.3")) && !ten.contains(address("11.0.0.1")))
        #expect(try six.contains(address("fdff::1")) && !six.contains(address("fe00::1")))
        #expect(try one.contains(address("192.0.2.1")) && !one.contains(address("192.0.2.2")))
        #expect(try all.contains(address("8.8.8.8")) && !all.contains(address("2001:db8::1")))
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "fd00::/129", "x", "10.0.0.0/-1", "10.0.0.0/"] { #expect(AddressRange(bad) == nil) }
        #expect(try address("2001:db8::1").subscriber == address("2001:db8::2").subscriber)
        #expect(try address("127.0.0.9").isLoopback && address("::1").isLoopback && !address("128.0.0.1").isLoopback)
    }

    @Test func `dates are as HTTP writes them`() {
        #expect(HTTPDate.format(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.format(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(HTTPDate.format(951_782_400) == "Tue, 29 Feb 2000 00:00:00 GMT")
        #expect(HTTPDate.format(4_102_444_799) == "Thu, 31 Dec 2099 23:59:59 GMT")
    }

    @Test func `every kind of refusal has its status, and waiting is told`() {
        let kinds: [(Refusal.Kind, Int)] = [
            (.invalid, 400), (.unauthenticated, 401), (.forbidden, 403), (.notFound, 404), (.conflict, 409), (.stale, 412),
            (.tooLarge, 413),
            (.unsupported, 415), (.gone, 410), (.limited(retryAfter: .seconds(7)), 429), (.unavailable(retryAfter: .seconds(7)), 503),
        ]
        for (kind, status) in kinds { #expect(Problem(Refusal(kind, "code", "text")).status.code == status) }
        #expect(Problem(Refusal(.limited(retryAfter: .seconds(7)), "code", "text")).retryAfter == .seconds(7))
        #expect(Problem(.invalid("code", "text", field: "name")).status.code == 422)
    }

    @Test func `an event is framed so that its data can't forge another`() {
        let event = ServerEvent("one\ntwo\r\ndata: three", name: "progress\nevent: x", id: "7")
        #expect(event.text == "event: progressevent: x\nid: 7\ndata: one\ndata: two\ndata: data: three\n\n")
    }

    @Test func `an asset is named by its content and kept for a year`() async throws {
        let assets = StaticAssets([("a.css", "text/css", Array("body{}".utf8))])
        let scene = Scene { assets.addRoutes(to: $0.environment) }
        let address = assets.address(of: "a.css")
        let first = try await scene.front.exchange(.get, address, host: Scene.acmeHost)
        #expect(first.text == "body{}")
        #expect(first.headers[.cacheControl] == "public, max-age=31536000, immutable")
        let etag = try #require(first.headers[.eTag])
        let again = try await scene.front.exchange(.get, address, host: Scene.acmeHost, headers: [.ifNoneMatch: etag])
        #expect(again.status == .notModified)
        #expect(again.body.readableBytes == 0)
        #expect(
            try await scene.front.exchange(.get, "/assets/a.css?v=0", host: Scene.acmeHost).headers[.cacheControl] == "public, max-age=300")
        #expect(try await scene.front.exchange(.get, "/assets/..%2Fx", host: Scene.acmeHost).status == .notFound)
    }

    @Test func `log lines are JSON, one each, whatever is in them`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/log"
        let descriptor = open(path, O_CREAT | O_WRONLY | O_APPEND, 0o600)
        defer { close(descriptor) }
        let sink = LogSink(descriptor: descriptor)
        var logger = Logger(label: "web", factory: { JSONLines(label: $0, sink: sink, clock: ManualClock(Instant(seconds: 0))) })
        logger[metadataKey: "request"] = "r1"
        logger.info("a \"quoted\"\nline", metadata: ["status": .stringConvertible(200), "level": "forged", "list": ["a", "b"]])
        for _ in 0..<100 { logger.debug("not shown") }
        logger.error("last")
        let lines = try String(contentsOf: .init(filePath: path), encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 2)
        let first = try JSONReader.read(lines[0].utf8)
        #expect(first["message"] == "a \"quoted\"\nline")
        #expect(first["status"] == 200)
        #expect(first["level"] == "info")
        #expect(first["request"] == "r1")
        #expect(first["list"] == ["a", "b"])
        #expect(first["at"] == "1970-01-01T00:00:00.000Z")
    }
}
