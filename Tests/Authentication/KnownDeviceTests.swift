import Guarding
import HTTPTypes
import Identity
import IdentityTesting
import Testing
import Vocabulary
import Web

/// What decision 23 promises of devices at a door that is shut.
@Suite("Known devices at a shut door")
struct KnownDeviceTests {
    private static let office = "11.22.33.44"
    private static let token = String(repeating: "a", count: 43)

    private struct Scene {
        let street: Street
        /// Robin on a device that is known.
        let robin: Person

        init() async throws {
            street = try await Street()
            let person = street.authority.robin
            robin = person.with(
                try await street.authority.house.signIn(person, from: KnownDeviceTests.office, with: Installation.browser("a")))
        }

        func ban() async throws {
            let address = try #require(NetworkAddress(KnownDeviceTests.office))
            for _ in 0..<3 { await street.sentry.note(.probe, from: address) }
        }

        func status(_ path: String, at host: String = Street.apex, cookie: String? = nil, method: HTTPRequest.Method = .get) async throws
            -> Int
        {
            var headers: HTTPFields = [.init("Sec-Fetch-Site") ?? .accept: "same-origin"]
            if let cookie { headers[.cookie] = cookie }
            return try await street.front.exchange(
                method, path, host: host, headers: headers, from: Peer(way: .tls, address: KnownDeviceTests.office)
            ).status.code
        }

        var device: String { "__Host-device=\(KnownDeviceTests.token)" }
        var session: String { Street.session(robin.session) }
    }

    @Test func `the owner goes on working and gets in anew while everybody else at the address is kept out`() async throws {
        let scene = try await Scene()
        let (cookies, _) = try await scene.street.enter(Street.acme, as: scene.robin)
        try await scene.ban()
        #expect(try await scene.status("/who") == 429)
        #expect(try await scene.status("/sign-in") == 429)
        #expect(try await scene.status("/who", cookie: scene.session) == 200)
        #expect(try await scene.status("/who", at: Street.acme, cookie: cookies) == 200)
        // There is no such page on this street; what counts is who answers.
        #expect(try await scene.status("/sign-in", cookie: scene.device) == 404)
        #expect(try await scene.status("/sign-in", cookie: "__Host-device=" + String(repeating: "z", count: 43)) == 429)
    }

    @Test func `from the apex on into a tenant, too`() async throws {
        let scene = try await Scene()
        try await scene.ban()
        let peer = Peer(way: .tls, address: Self.office)
        let start = try await scene.street.front.exchange(.get, "/sign-in/start?return=/who", host: Street.acme, from: peer)
        let away = try Street.path(start.headers[.location])
        let answer = try await scene.street.front.exchange(
            .get, away.path, host: away.host, headers: [.cookie: scene.session], from: peer)
        let back = try Street.path(answer.headers[.location])
        #expect(try await scene.status("/sign-in/callback?code=\(String(repeating: "x", count: 43))", at: Street.acme) == 429)
        let arrival = try await scene.street.front.exchange(
            .get, back.path, host: back.host, headers: [.cookie: Street.cookies(start)], from: peer)
        #expect(arrival.status == .seeOther)
        #expect(try await scene.status("/who", at: Street.acme, cookie: Street.cookies(arrival)) == 200)
    }

    @Test func `a device's token opens the way to sign in, and nothing else`() async throws {
        let scene = try await Scene()
        try await scene.ban()
        for path in ["/who", "/oauth/token", "/password/forgotten", "/invitations/x", "/.env"] {
            #expect(try await scene.status(path, cookie: scene.device) == 429, "\(path)")
        }
        #expect(try await scene.status("/who", at: Street.acme, cookie: scene.device) == 429)
        // Somebody else's half-done sign-in doesn't become whole with it.
        let kim = scene.street.authority.kim
        let half = try await scene.street.authority.house.desk.signIn.password(
            identifier: kim.identifier, password: Secret(kim.password), by: Installation.visitor(), agent: nil)
        let both = "\(scene.device); \(Street.session(half.issued))"
        #expect(try await scene.status("/sign-in/factor", cookie: both) == 429)
    }

    @Test func `who misbehaves on a known device is kept out like anybody`() async throws {
        let scene = try await Scene()
        for _ in 0..<3 { #expect(try await scene.status("/wp-login.php", cookie: scene.session) == 404) }
        #expect(try await scene.status("/who", cookie: scene.session) == 429)
        #expect(try await scene.status("/sign-in", cookie: scene.device) == 429)
    }

    @Test func `an operator's own ban is for everybody, and a revoked device is nobody's`() async throws {
        let scene = try await Scene()
        try await scene.ban()
        #expect(try await scene.status("/sign-in", cookie: scene.device) == 404)
        try await scene.street.authority.house.desk.devices.revoke(
            try #require(scene.robin.session.session.device), by: scene.robin.principal)
        #expect(try await scene.status("/sign-in", cookie: scene.device) == 429)
        #expect(try await scene.status("/who", cookie: scene.session) == 429)

        let other = try await Scene()
        _ = try await other.street.bans.add(try AddressRange.typed(Self.office), for: .hours(1), by: Installation.shell)
        #expect(try await other.status("/who", cookie: other.session) == 429)
        #expect(try await other.status("/sign-in", cookie: other.device) == 429)
    }
}
