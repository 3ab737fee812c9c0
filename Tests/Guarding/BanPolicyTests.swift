import Testing
import Vocabulary

@testable import Guarding

@Suite("When somebody is banned, and for how long")
struct BanPolicyTests {
    private let policy = BanPolicy()
    private let start = Instant(seconds: 1_800_000_000)

    private func ban(_ strike: Int, since: Instant, lifted: Bool = false) throws -> Ban {
        Ban(
            id: try #require(BanID("0199c0de-0000-7000-8000-000000000001")), range: try #require(AddressRange("198.51.100.7")),
            reason: .offence(.probe), strike: strike, since: since, until: since + policy.length(ofStrike: strike),
            liftedAt: lifted ? since : nil, liftedBy: nil)
    }

    @Test func `each ban in a row is twice as long, up to a day`() {
        let lengths = (1...13).map { policy.length(ofStrike: $0) }
        #expect(lengths.prefix(11) == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024].map { Duration.minutes($0) }.prefix(11))
        #expect(lengths[11] == .hours(24))
        #expect(lengths[12] == .hours(24))
        #expect(policy.length(ofStrike: .max) == .hours(24), "no number of strikes overflows")
        #expect(policy.length(ofStrike: 0) == .minutes(1))
    }

    @Test func `a repetition within a week is the next strike, a later one the first, and a lifted one never was`() throws {
        let last = try ban(3, since: start)
        #expect(policy.strike(after: nil, at: start) == 1)
        #expect(policy.strike(after: last, at: last.until) == 4)
        #expect(policy.strike(after: last, at: last.until + .days(7) - .seconds(1)) == 4)
        #expect(policy.strike(after: last, at: last.until + .days(7)) == 1)
        #expect(policy.strike(after: try ban(3, since: start, lifted: true), at: last.until) == 1)
        #expect(policy.strike(after: last, at: start - .days(365)) == 4, "a clock that was set back forgives nothing")
    }

    @Test func `a score halves every five minutes`() {
        #expect(policy.faded(80, after: .zero) == 80)
        #expect(abs(policy.faded(80, after: .minutes(5)) - 40) < 0.01)
        #expect(abs(policy.faded(80, after: .minutes(10)) - 20) < 0.01)
        #expect(abs(policy.faded(80, after: .seconds(150)) - 56.57) < 1)
        #expect(policy.faded(80, after: .days(4000)) == 0)
        #expect(policy.faded(80, after: .seconds(-1)) == 80)
        let steps = stride(from: 0, through: 1200, by: 10).map { policy.faded(100, after: .seconds($0)) }
        #expect(zip(steps, steps.dropFirst()).allSatisfy { $0 >= $1 }, "it never grows by waiting")
    }

    @Test(arguments: [(Offence.probe, 3), (.signIn, 25), (.code, 25), (.token, 25), (.missing, 50), (.error, 500), (.mistake, 2000)])
    func `so many offences at once bring a ban, and one less doesn't`(offence: Offence, count: Int) {
        var tally = Tally(at: .zero)
        for _ in 1..<count { tally.add(offence, at: .zero, policy) }
        #expect(!tally.isDue(policy))
        // What is not a power of two doesn't add up to the last digit.
        tally.add(offence, at: .zero, policy)
        tally.add(.mistake, at: .zero, policy)
        #expect(tally.isDue(policy))
    }

    @Test func `somebody who mistypes a password once a minute all day is not banned`() {
        var tally = Tally(at: .zero)
        for minute in 0..<1440 {
            tally.add(.signIn, at: .minutes(minute), policy)
            #expect(!tally.isDue(policy))
        }
    }

    @Test func `a network is banned for what several in it did, never for what one did`() throws {
        let one = try #require(NetworkAddress("198.51.100.7"))
        var tally = Tally(at: .zero)
        for _ in 0..<100 { tally.add(.probe, by: one, at: .zero, policy) }
        #expect(!tally.isNetworkDue(policy))
        for last in 8...10 {
            let other = try #require(NetworkAddress("198.51.100.\(last)"))
            tally.add(.probe, by: other, at: .zero, policy)
        }
        #expect(tally.isNetworkDue(policy))
    }

    @Test(arguments: [
        ("198.51.100.7", "198.51.100.7", "198.51.100.0/24"), ("::ffff:198.51.100.7", "198.51.100.7", "198.51.100.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"), ("2001:db8::1", "2001:db8::/64", "2001:db8::/48"),
    ])
    func `a subscriber has an address or a 64, and a network is a 24 or a 48`(address: String, subscriber: String, network: String) throws {
        let address = try #require(NetworkAddress(address))
        #expect(address.subscriberRange.description == subscriber)
        #expect(address.networkRange.description == network)
        #expect(address.subscriberRange.contains(address))
    }

    @Test func `ranges have one spelling`() throws {
        #expect(AddressRange("10.1.2.3/8") == AddressRange("10.0.0.0/8"))
        #expect(AddressRange("10.0.0.0/8")?.description == "10.0.0.0/8")
        #expect(AddressRange("2001:DB8::7/128")?.description == "2001:db8::7")
        #expect(AddressRange("0.0.0.0/0")?.description == "0.0.0.0/0")
        #expect(AddressRange("::/0")?.description == "::/0")
        for wrong in ["", "10.0.0", "10.0.0.0/33", "10.0.0.0/-1", "::/129", "example.com", "1.2.3.4/", "1.2.3.4/8/8"] {
            #expect(AddressRange(wrong) == nil, "\(wrong)")
        }
    }

    @Test(arguments: ["/.env", "/.git/config", "/wp-login.php", "/index.PHP", "/a/b.asp", "/cgi-bin/luci", "/x/../../etc/passwd"])
    func `what scanners ask for is known`(path: String) { #expect(ScannersPath.matches(path)) }

    @Test func `a file of somebody who is signed in may be called anything`() {
        #expect(!ScannersPath.matches("/collections/files/notes.sql", isSignedIn: true))
        #expect(ScannersPath.matches("/collections/files/notes.sql"))
        #expect(ScannersPath.matches("/.env", isSignedIn: true))
    }

    @Test(arguments: [
        "/", "/sign-in", "/api/v1/collections/packages/records", "/collections/backlog", "/assets/portal.css", "/oauth/token", "/audit",
        "/.well-known/openid-configuration", "/trust", "/bans", "/people", "/favicon.ico",
    ])
    func `what people ask for is not`(path: String) { #expect(!ScannersPath.matches(path)) }
}
