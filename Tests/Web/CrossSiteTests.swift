import HTTPTypes
import Hummingbird
import NIOCore
import Testing
import TestSupport
import Vocabulary

@testable import Web

struct CrossSiteTests {
    let scene = Scene()
    private let cookie: HTTPFields = [.cookie: "__Host-session=good", .contentType: "application/x-www-form-urlencoded"]

    private func post(_ headers: HTTPFields, path: String = "/form") async throws -> HTTPResponse.Status {
        var all = cookie
        for field in headers { all[field.name] = field.value }
        return try await scene.front.exchange(.post, path, host: Scene.acmeHost, headers: all, body: ByteBuffer(string: "name=Ada")).status
    }

    @Test func `a form of our own page is taken`() async throws {
        #expect(try await post([.fetchSite: "same-origin"]) == .ok)
        #expect(try await post([.origin: "https://acme.holdfast.localhost:8443"]) == .ok)
    }

    @Test func `a form of any other site is refused, the neighbour's and the apex's too`() async throws {
        #expect(try await post([.fetchSite: "cross-site"]) == .forbidden)
        #expect(try await post([.fetchSite: "same-site"]) == .forbidden)
        #expect(try await post([.fetchSite: "cross-site", .origin: "https://acme.holdfast.localhost:8443"]) == .forbidden)
        for origin in [
            "https://evil.example", "null", "https://holdfast.localhost:8443", "http://acme.holdfast.localhost:8443",
            "https://acme.holdfast.localhost",
        ] {
            #expect(try await post([.origin: origin]) == .forbidden)
        }
        #expect(try await post([:]) == .forbidden)
    }

    @Test func `a token needs no origin, because no browser sends it by itself`() async throws {
        #expect(try await post([.authorization: "Bearer good", .origin: "https://app.example", .fetchSite: "cross-site"]) == .ok)
        #expect(try await post([.authorization: "Bearer bad"]) == .unauthorized)
    }

    @Test func `other sites may lead here but not load what is here`() async throws {
        let visit = try await scene.front.exchange(
            .get, "/", host: Scene.acmeHost, headers: [.fetchSite: "cross-site", .fetchMode: "navigate"])
        #expect(visit.status == .ok)
        let fetch = try await scene.front.exchange(
            .get, "/", host: Scene.acmeHost, headers: [.fetchSite: "cross-site", .fetchMode: "no-cors"])
        #expect(fetch.status == .forbidden)
        let own = try await scene.front.exchange(.get, "/", host: Scene.acmeHost, headers: [.fetchSite: "same-origin", .fetchMode: "cors"])
        #expect(own.status == .ok)
    }
}
