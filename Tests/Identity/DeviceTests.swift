import Identity
import IdentityTesting
import Storage
import TestSupport
import Testing
import Vocabulary

@Suite("Devices")
struct DeviceTests {
    private static let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile/15E148 Safari/604.1"
    private static let notice = "new device"

    private struct Home {
        let house: Installation
        let tenant: TenantID
        let robin: Person
        let laptop: IssuedSession
        let phone: IssuedSession
        var devices: Devices { house.desk.devices }

        init() async throws {
            house = try await Installation()
            tenant = house.tenant()
            robin = try await house.member("robin@acme.example", of: tenant)
            laptop = try await house.signIn(robin, with: Installation.browser("a"))
            phone = try await house.signIn(robin, from: "2001:db8:1:2::7", with: Installation.browser("b", DeviceTests.phone))
        }

        func device(of issued: IssuedSession) throws -> DeviceID { try #require(issued.session.device) }
        func isAlive(_ issued: IssuedSession) async throws -> Bool { try await house.desk.sessions.find(token: issued.token.text) != nil }
    }

    @Test func `each browser that signs in is known with platform, place and last use, and once`() async throws {
        let home = try await Home()
        let again = try await home.house.signIn(home.robin, from: "198.51.100.9", with: Installation.browser("a"))
        #expect(again.session.device == home.laptop.session.device)
        let listed = try await home.devices.list(of: home.robin.account)
        #expect(listed.map(\.platform.name) == ["Firefox on Linux", "Safari on iPhone"])
        #expect(listed.map(\.network) == ["198.51.100.0/24", "2001:db8:1::/48"])
        #expect(listed[0].lastSeenAt > listed[1].lastSeenAt && listed[0].firstSeenAt < listed[1].firstSeenAt)
        let log = try await home.devices.arrivals(of: home.robin.account)
        #expect(log.count == 4, "the enrolment is a sign-in, too")
        #expect(log[0].methods == ["pwd", "otp"] && log[0].device == again.session.device)
    }

    @Test func `its owner hears of a new device once, and not of the first`() async throws {
        let home = try await Home()
        // The enrolment was in a program without a token; the laptop is the first device, and not the first sign-in.
        #expect(home.house.letters(to: home.robin.identifier, about: Self.notice) == 2)
        let letter = try home.house.lastLetter(to: home.robin.identifier)
        #expect(letter.text.contains("Safari on iPhone") && letter.text.contains("2001:db8:1::/48") && letter.text.contains("UTC"))
        #expect(!letter.text.contains("2001:db8:1:2::7"))
        _ = try await home.house.signIn(home.robin, with: Installation.browser("a"))
        #expect(home.house.letters(to: home.robin.identifier, about: Self.notice) == 2)

        let fresh = try await Installation()
        _ = try await fresh.desk.invitations.invite(
            "kim@acme.example", to: fresh.tenant(), named: "Acme", roles: ["owner"], by: Installation.shell)
        let issued = try await fresh.desk.invitations.accept(
            try fresh.token(mailedTo: "kim@acme.example"), displayName: "Kim", password: Secret(Installation.password),
            by: Installation.visitor(), agent: Installation.browser("c"))
        let kim = try await fresh.enrol(issued, identifier: "kim@acme.example", password: Installation.password)
        #expect(try await fresh.desk.devices.list(of: kim.account).count == 1)
        #expect(fresh.letters(to: kim.identifier, about: Self.notice) == 0)
    }

    @Test func `a revoked device is out at once with all that hangs on it, and the other one stays`() async throws {
        let home = try await Home()
        let child = try await home.house.desk.sessions.startEnvironment(
            home.house.environment(), of: home.tenant, under: home.phone.session.id, address: nil, agent: nil)
        #expect(child.session.device == home.phone.session.device)
        #expect(try await home.isAlive(home.phone))
        #expect(try await home.isAlive(child))
        try await home.devices.revoke(try home.device(of: home.phone), by: home.robin.principal)
        #expect(try await !home.isAlive(home.phone))
        #expect(try await !home.isAlive(child))
        #expect(try await home.isAlive(home.laptop))
        #expect(try await home.devices.list(of: home.robin.account).map(\.id) == [try home.device(of: home.laptop)])
        #expect(try await home.house.audited("device_revoked").count == 1)
        #expect(
            try await refusalCode { try await home.devices.revoke(try home.device(of: home.phone), by: home.robin.principal) }
                == "not-found")
    }

    @Test func `a revoked browser that signs in again is a new device, and says so`() async throws {
        let home = try await Home()
        let before = home.house.letters(to: home.robin.identifier, about: Self.notice)
        try await home.devices.revoke(try home.device(of: home.phone), by: home.robin.principal)
        let again = try await home.house.signIn(home.robin, with: Installation.browser("b", Self.phone))
        #expect(again.session.device != home.phone.session.device && again.session.device != nil)
        #expect(home.house.letters(to: home.robin.identifier, about: Self.notice) == before + 1)
    }

    @Test func `a session that fell asleep is ended for good with its device`() async throws {
        let home = try await Home()
        home.house.clock.advance(by: .hours(13))
        try await home.house.desk.sweep()
        let laptop = try await home.house.signIn(home.robin, with: Installation.browser("a"))
        try await home.devices.revoke(try home.device(of: home.phone), by: laptop.principal)
        let ended = try await home.house.plane.database.read { try Sessions.find(home.phone.session.id, in: $0) }
        #expect(ended?.ending == .revoked)
    }

    @Test func `one's devices are named, trusted and revoked by oneself alone`() async throws {
        let home = try await Home()
        let kim = try await home.house.member("kim@beta.example", of: home.house.tenant())
        let laptop = try home.device(of: home.laptop)
        try await home.devices.rename(laptop, to: "  At home ", by: home.robin.principal)
        try await home.devices.setTrust(true, of: laptop, in: home.phone.session, by: home.robin.principal)
        let device = try #require(try await home.devices.list(of: home.robin.account).first { $0.id == laptop })
        #expect(device.title == "At home" && device.isTrusted)
        #expect(try await home.house.audited("device_trusted").count == 1)
        for attempt: @Sendable () async throws -> Void in [
            { try await home.devices.rename(laptop, to: "Mine", by: kim.principal) },
            { try await home.devices.setTrust(false, of: laptop, in: kim.session.session, by: kim.principal) },
            { try await home.devices.revoke(laptop, by: kim.principal) }, { try await home.devices.revoke(laptop, by: Installation.shell) },
        ] { #expect(try await refusalCode(attempt) == "not-found") }
        #expect(try await home.isAlive(home.laptop))
        home.house.clock.advance(by: .minutes(11))
        let late = try await refusalCode {
            try await home.devices.setTrust(true, of: try home.device(of: home.phone), in: home.phone.session, by: home.robin.principal)
        }
        #expect(late == "confirm-it-is-you")
        #expect(try await refusalCode { try await home.devices.rename(laptop, to: " ", by: home.robin.principal) } == "device-name")
    }

    @Test func `two people in one browser are two devices, and neither learns of the other`() async throws {
        let home = try await Home()
        let kim = try await home.house.member("kim@beta.example", of: home.house.tenant())
        let shared = try await home.house.signIn(kim, with: Installation.browser("a"))
        #expect(shared.session.device != home.laptop.session.device)
        try await home.devices.revoke(try home.device(of: home.laptop), by: home.robin.principal)
        #expect(try await home.isAlive(shared))
        let owners = try await home.devices.owners(ofToken: String(repeating: "a", count: 43))
        #expect(Array(owners.values) == [kim.account])
    }

    @Test func `administrators end what is open from a device at their own tenant, and nothing else`() async throws {
        let home = try await Home()
        let (house, devices, sessions) = (home.house, home.devices, home.house.desk.sessions)
        let other = house.tenant()
        let olga = try await house.member("olga@beta.example", of: other)
        try await house.desk.memberships.join(home.robin.account, to: other, roles: ["reader"], by: Installation.shell)
        let (here, there) = ((house.environment(), home.tenant), (house.environment(), other))
        func enter(_ place: (EnvironmentID, TenantID), _ apex: IssuedSession) async throws -> IssuedSession {
            try await sessions.startEnvironment(place.0, of: place.1, under: apex.session.id, address: nil, agent: nil)
        }
        let (open, elsewhere, laptop) = (
            try await enter(there, home.phone), try await enter(here, home.phone), try await enter(there, home.laptop)
        )
        let phone = try home.device(of: home.phone)
        #expect(try await devices.uses(by: home.robin.account, in: other).map(\.sessions) == [1, 1])

        #expect(try await devices.endSessions(on: phone, of: home.robin.account, in: other, by: olga.principal) == 1)
        #expect(try await !home.isAlive(open))
        for issued in [elsewhere, laptop, home.phone] { #expect(try await home.isAlive(issued)) }
        let use = try #require(try await devices.uses(by: home.robin.account, in: other).first { $0.device == phone })
        #expect(use.sessions == 0 && use.endedAt == house.clock.now() && use.endedBy == olga.account && !use.isRevoked)
        #expect(try await house.audited("device_sessions_ended").count == 1)

        // The session of the apex that was there before opens this tenant no more; a new proof does, and other tenants never asked.
        #expect(try await refusalCode { _ = try await enter(there, home.phone) } == "sign-in-again")
        #expect(try await home.isAlive(try await enter(here, home.phone)))
        house.clock.advance(by: .seconds(30))
        let again = try await house.desk.signIn.reauthenticate(
            .totp(home.robin.code(at: house.clock.now())), in: home.phone.session, by: home.robin.principal)
        #expect(try await home.isAlive(try await enter(there, again)))
    }

    @Test func `who may not send a member away may not end their sessions, and nobody those of another tenant's people`() async throws {
        let home = try await Home()
        let anna = try await home.house.member("anna@acme.example", of: home.tenant, roles: ["administrator"], inviter: home.robin)
        let ed = try await home.house.member("ed@acme.example", of: home.tenant, roles: ["editor"], inviter: home.robin)
        let other = home.house.tenant()
        let olga = try await home.house.member("olga@beta.example", of: other)
        _ = try await home.house.desk.sessions.startEnvironment(
            home.house.environment(), of: home.tenant, under: home.phone.session.id, address: nil, agent: nil)
        let phone = try home.device(of: home.phone)
        func refusal(_ person: Person, _ tenant: TenantID, of account: AccountID? = nil) async throws -> String? {
            try await refusalCode {
                try await home.devices.endSessions(on: phone, of: account ?? home.robin.account, in: tenant, by: person.principal)
            }
        }
        #expect(try await refusal(anna, home.tenant) == "above-own-rights")
        #expect(try await refusal(ed, home.tenant) == "not-an-administrator")
        #expect(try await refusal(olga, home.tenant) == "not-an-administrator")
        #expect(try await refusal(olga, other) == "not-found")
        #expect(try await refusal(home.robin, home.tenant, of: ed.account) == "not-found", "the device is somebody else's")
        #expect(try await refusal(home.robin, home.tenant) == nil, "one's own")
    }

    @Test func `administrators see what came into their tenant, and nothing of others'`() async throws {
        let home = try await Home()
        let other = home.house.tenant()
        #expect(try await home.devices.uses(by: home.robin.account, in: home.tenant).isEmpty)
        _ = try await home.house.desk.sessions.startEnvironment(
            home.house.environment(), of: home.tenant, under: home.phone.session.id, address: nil, agent: nil)
        let uses = try await home.devices.uses(by: home.robin.account, in: home.tenant)
        #expect(uses.map(\.platform.name) == ["Safari on iPhone"] && uses.first?.isTrusted == false)
        #expect(try await refusalCode { _ = try await home.devices.uses(by: home.robin.account, in: other) } == "not-found")
        try await home.devices.revoke(try home.device(of: home.phone), by: home.robin.principal)
        #expect(try await home.devices.uses(by: home.robin.account, in: home.tenant).first?.isRevoked == true)
    }

    @Test func `one button ends everything, or everything but this`() async throws {
        let home = try await Home()
        let ended = try await home.house.desk.wayOut.endEverything(
            of: home.robin.account, but: home.laptop.session, by: home.robin.principal)
        #expect(ended == 2, "the phone and the enrolment")
        #expect(try await home.isAlive(home.laptop))
        #expect(try await !home.isAlive(home.phone))
        try await home.house.desk.wayOut.endEverything(of: home.robin.account, by: home.robin.principal)
        #expect(try await !home.isAlive(home.laptop))
        let kim = try await home.house.member("kim@beta.example", of: home.house.tenant())
        #expect(
            try await refusalCode { try await home.house.desk.wayOut.endEverything(of: home.robin.account, by: kim.principal) }
                == "not-found")
        #expect(
            try await refusalCode { try await home.house.desk.wayOut.endEverything(of: home.robin.account, byOperator: kim.principal) }
                != nil)
    }

    @Test func `the link in the mail ends everything, once, and without signing in`() async throws {
        let home = try await Home()
        let wayOut = home.house.desk.wayOut
        let token = try home.house.token(mailedTo: home.robin.identifier)
        #expect(try await wayOut.inspect(token).id == home.robin.account)
        #expect(try await home.isAlive(home.laptop), "looking ends nothing")
        let used = await successes(of: 20) { _ in try await wayOut.follow(token, by: Installation.visitor()) }
        #expect(used == 1)
        #expect(try await !home.isAlive(home.laptop))
        #expect(try await !home.isAlive(home.phone))
        #expect(try await home.house.audited("everything_ended").count == 1)
        #expect(try await refusalCode { _ = try await wayOut.inspect(token) } == "link-spent")
        let later = try await home.house.signIn(home.robin, with: Installation.browser("d"))
        let second = try home.house.token(mailedTo: home.robin.identifier)
        home.house.clock.advance(by: .days(8))
        #expect(try await refusalCode { _ = try await wayOut.follow(second, by: Installation.visitor()) } == "link-spent")
        _ = later
    }

    @Test func `on a known device nobody else's guesses keep the owner out, not even those from their own address`() async throws {
        let home = try await Home()
        for number in 0..<60 {
            let place = number % 2 == 0 ? Installation.address : "203.0.113.66"
            _ = try? await home.house.desk.signIn.password(
                identifier: home.robin.identifier, password: Secret("wrong"), by: Installation.visitor(from: place), agent: nil)
            home.house.clock.advance(by: .minutes(1))
        }
        let unknown = try await refusalCode { _ = try await home.house.signIn(home.robin, from: "203.0.113.80") }
        #expect(unknown == "too-many-attempts")
        _ = try await home.house.signIn(home.robin, with: Installation.browser("a"))
    }

    @Test func `a stolen token of a device allows as few guesses as any other way`() async throws {
        let home = try await Home()
        var codes: [String?] = []
        for _ in 0..<20 {
            codes.append(
                try await refusalCode {
                    _ = try await home.house.desk.signIn.password(
                        identifier: home.robin.identifier, password: Secret("wrong"), by: Installation.visitor(from: "203.0.113.80"),
                        agent: Installation.browser("a"))
                })
        }
        #expect(codes.filter { $0 == "sign-in-failed" }.count <= 6)
        // Neither the owner's other device nor another account is any the worse or better for it.
        _ = try await home.house.signIn(home.robin, with: Installation.browser("b", Self.phone))
    }

    @Test func `where the door lets in only some, everybody else's password is wrong`() async throws {
        let home = try await Home()
        let kim = try await home.house.member("kim@beta.example", of: home.house.tenant())
        let code = try await refusalCode {
            _ = try await home.house.desk.signIn.password(
                identifier: kim.identifier, password: Secret(kim.password), by: Installation.visitor(), agent: nil,
                only: [home.robin.account])
        }
        #expect(code == "sign-in-failed")
        _ = try await home.house.desk.signIn.password(
            identifier: kim.identifier, password: Secret(kim.password), by: Installation.visitor(), agent: nil, only: [kim.account])
    }

    @Test func `what nobody used for long is forgotten`() async throws {
        let home = try await Home()
        home.house.clock.advance(by: .days(401))
        try await home.house.desk.sweep()
        #expect(try await home.devices.list(of: home.robin.account).isEmpty)
        #expect(try await home.devices.arrivals(of: home.robin.account).isEmpty)
    }

    @Test(arguments: [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0",
            "Edge on Windows"
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
            "Chrome on Android"
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
            "Safari on Mac"
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) CriOS/140.0 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        ("<script>alert(1)</script>", "Unknown browser"), ("", "Unknown browser"),
    ])
    func `a platform is coarse and out of a closed list`(agent: String, name: String) {
        #expect(DevicePlatform(agent: agent).name == name)
    }

    @Test func `roughly where is a network, never an address`() {
        #expect(Neighbourhood.of("192.0.2.77") == "192.0.2.0/24")
        #expect(Neighbourhood.of("2001:db8:1:2:3::4") == "2001:db8:1::/48")
        #expect(Neighbourhood.of("::ffff:192.0.2.77") == "192.0.2.0/24")
        #expect(Neighbourhood.of("nonsense") == nil && Neighbourhood.of(nil) == nil)
    }
}

extension IssuedSession {
    fileprivate var principal: Principal { Principal(.account(session.account), session: session.id) }
}
