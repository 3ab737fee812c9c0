import HTTPTypes
import Hummingbird
import Sealing
import Testing
import TestSupport
import Vocabulary

@testable import Web

struct CookieTests {
    private func request(_ cookies: String...) -> Request {
        var head = HTTPRequest(method: .get, scheme: "https", authority: "x", path: "/")
        for cookie in cookies { head.headerFields.append(HTTPField(name: .cookie, value: cookie)) }
        return Request(head: head, body: RequestBody(buffer: .init()))
    }

    @Test func `a cookie is read by its exact name, and two of them are none`() {
        #expect(HostCookie.session.value(in: request("a=1; __Host-session=x=y; b=2")) == "x=y")
        #expect(HostCookie.session.value(in: request("a=1", "__Host-session=z")) == "z")
        #expect(HostCookie.session.value(in: request("__Host-session2=z")) == nil)
        #expect(HostCookie.session.value(in: request("__host-session=z")) == nil)
        #expect(HostCookie.session.value(in: request("__Host-session=a; __Host-session=b")) == nil)
    }

    @Test func `a cookie is set for this host only, and no value can add attributes`() {
        var response = Response(status: .ok)
        HostCookie.session.set("abc", on: &response, maxAge: .hours(1))
        #expect(response.headers[.setCookie] == "__Host-session=abc; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=3600")
        var other = Response(status: .ok)
        HostCookie.session.set("abc; Domain=evil", on: &other)
        #expect(other.headers[.setCookie]?.contains("evil") == false)
    }

    private func context(at seconds: Int64, origin: String = "https://a.example") -> HoldfastContext {
        var context = HoldfastContext(logger: .init(label: "x", factory: { _ in MemoryLog().handler }))
        context.arrivedAt = Instant(seconds: seconds)
        context.origin = origin
        return context
    }

    @Test func `a notice is shown once, soon, and on its own host only`() throws {
        let sealer = Sealer(key: Secret([UInt8](repeating: 7, count: 32)))
        let flash = Flash { sealer }
        var set = Response(status: .seeOther)
        try flash.set(Notice(.warning, "Saved, but <late>."), on: &set, in: context(at: 100))
        let pair = (set.headers[.setCookie] ?? "").split(separator: ";")[0]
        let next = request(String(pair))
        var shown = Response(status: .ok)
        #expect(flash.take(from: next, clearingOn: &shown, in: context(at: 101)) == Notice(.warning, "Saved, but <late>."))
        #expect(shown.headers[.setCookie]?.contains("Max-Age=0") == true)
        #expect(flash.peek(at: next, in: context(at: 300)) == nil)
        #expect(flash.peek(at: next, in: context(at: 101, origin: "https://b.example")) == nil)
        #expect(flash.peek(at: request("__Host-flash=AAAA"), in: context(at: 101)) == nil)
    }

    @Test func `base64url has one spelling for each value`() {
        for count in 0...40 {
            let bytes = SeededEntropy(seed: UInt64(count)).bytes(count)
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
        for bad in ["A", "AB=", "A+", "A/AA", "AB", "é", "AAAA\n"] where bad != "AA" {
            #expect(Base64URL.decode(bad) == nil)
        }
        #expect(Base64URL.decode("AA") == [0])
    }
}
