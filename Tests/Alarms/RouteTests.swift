import Audit
import Guarding
import Identity
import IdentityTesting
import Sealing
import Storage
import Testing
import Vocabulary

@testable import Alarms

@Suite("Further ways to tell")
struct RouteTests {
    private func ban(_ street: Street, _ address: String, _ offence: Offence = .signIn) async throws {
        _ = try await Bans(street.place.plane).impose(
            on: AddressRange.typed(address), for: offence, by: Principal(.platform(component: "guard")))
    }

    @Test func `alarms go every way of their side, from its threshold on`() async throws {
        let street = try await Street()
        let (mailbox, _) = try await street.routes.add(.mail, to: " Security@Vendor.Example ", for: .vendor, by: street.operator_.principal)
        let (hook, secret) = try await street.routes.add(
            .webhook, to: "https://chat.example.com/hooks/1", threshold: .critical, for: .vendor, by: Installation.shell)
        _ = try await street.routes.add(.mail, to: "alarms@acme.example", for: .tenant(street.tenant), by: street.owner.principal)
        #expect(secret?.hasPrefix("whsec_") == true && secret?.count == 50)
        #expect(try await street.told { try await ban(street, "11.22.33.44") } == ["operator@vendor.example", mailbox.target].sorted())
        let told = try await street.told { try await ban(street, "11.22.33.45", .probe) }
        #expect(told == ["operator@vendor.example", mailbox.target, hook.id.description].sorted())
    }

    @Test func `that a way is gone is told everywhere, this last time there too`() async throws {
        let street = try await Street()
        let (mailbox, _) = try await street.routes.add(.mail, to: "security@vendor.example", for: .vendor, by: street.operator_.principal)
        let told = try await street.told {
            _ = try await street.routes.remove(mailbox.id, of: .vendor, by: street.operator_.principal)
        }
        #expect(told == ["operator@vendor.example", "security@vendor.example"])
        #expect(try await street.routes.list(.vendor, by: Installation.shell).isEmpty)
        #expect(try await street.vendors().first?.detail == "security@vendor.example")
        await #expect(throws: Refusal.self) { try await street.routes.remove(mailbox.id, of: .vendor, by: Installation.shell) }
    }

    @Test func `a test goes one way only, and waits for nobody`() async throws {
        let street = try await Street()
        let (hook, _) = try await street.routes.add(.webhook, to: "https://chat.example.com/h", for: .vendor, by: Installation.shell)
        let told = try await street.told { _ = try await street.routes.test(hook.id, of: .vendor, by: Installation.shell) }
        #expect(told == [hook.id.description])
        #expect(try await street.desk.openCount(.vendor) == 0)
    }

    @Test func `another side's ways are not there`() async throws {
        let street = try await Street()
        let (hook, _) = try await street.routes.add(.webhook, to: "https://chat.example.com/h", for: .vendor, by: Installation.shell)
        let side = AlarmSide.tenant(street.tenant)
        await #expect(throws: Refusal.self) { try await street.routes.test(hook.id, of: side, by: street.owner.principal) }
        await #expect(throws: Refusal.self) { try await street.routes.remove(hook.id, of: side, by: street.owner.principal) }
        await #expect(throws: Refusal.self) { try await street.routes.list(.vendor, by: street.owner.principal) }
        await #expect(throws: Refusal.self) {
            try await street.routes.add(.mail, to: "a@b.example", for: .vendor, by: street.owner.principal)
        }
    }

    @Test(arguments: [
        "http://chat.example.com/", "ftp://chat.example.com/", "https://", "https:///path", "https://user:secret@chat.example.com/",
        "https://chat.example.com/#part", "https://chat.example.com:0/", "https://chat.example.com./",
        "https://chat.example.com\\@127.0.0.1/", "https://chat_1.example.com/", "https://[fe80::1%25eth0]/", "https://.example.com/",
        "https://chat.example.com:70000/", "chat.example.com",
        "https://chat.example.com/ä", "https://chat.example.com/a b", "https://chat.example.com/\r\nHost: x", "javascript:alert(1)", "",
        "https://chat.example.com/" + String(repeating: "a", count: 2000),
    ])
    func `an address that is none is refused`(address: String) async throws {
        let street = try await Street()
        await #expect(throws: Refusal.self) { try await street.routes.add(.webhook, to: address, for: .vendor, by: Installation.shell) }
    }

    @Test func `whose name is judged is whose name is asked`() throws {
        let address = try #require(WebhookAddress("HTTPS://Chat.Example.COM/hooks/a%20b?key=1&x"))
        #expect(address.text == "https://chat.example.com:443/hooks/a%20b?key=1&x")
        #expect(WebhookAddress("http://[::1]:8080")?.text == "http://[::1]:8080/")
        #expect(WebhookAddress("https://chat.ex%61mple.com")?.text == "https://chat.example.com:443/")
        #expect(WebhookAddress("https://10.0.0.1/")?.host == "10.0.0.1")
    }

    @Test func `the same way twice, and more than twenty, are refused`() async throws {
        let street = try await Street()
        for number in 0..<AlarmRoutes.most {
            _ = try await street.routes.add(.mail, to: "box\(number)@vendor.example", for: .vendor, by: Installation.shell)
            await #expect(throws: Refusal.self) {
                try await street.routes.add(.mail, to: "BOX\(number)@vendor.example", for: .vendor, by: Installation.shell)
            }
        }
        await #expect(throws: Refusal.self) {
            try await street.routes.add(.mail, to: "more@vendor.example", for: .vendor, by: Installation.shell)
        }
    }

    @Test func `secrets lie sealed`() async throws {
        let street = try await Street()
        let (hook, secret) = try await street.routes.add(.webhook, to: "https://chat.example.com/h", for: .vendor, by: Installation.shell)
        let kept = try await street.place.plane.database.read {
            try $0.value("SELECT secret FROM alarm_route WHERE id = \(hook.id)", as: [UInt8].self)
        }
        let opened = try AlarmRoutes.sealer(street.place.keyring).open(try #require(kept), context: AlarmRoutes.context(hook.id))
        #expect(Webhook.text(of: opened) == secret)
        #expect(kept?.count ?? 0 > 32)
    }

    @Test func `a message is signed as Standard Webhooks says`() {
        // The specification's own example.
        let webhook = Webhook(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", at: Instant(seconds: 1_614_265_330), body: Array(#"{"test": 2432232314}"#.utf8))
        let secret = Secret([
            0x31, 0xF2, 0x90, 0xF6, 0xBF, 0x06, 0x29, 0x8A, 0xAB, 0x4F, 0x08, 0xD4, 0x3C, 0x3F, 0x08, 0x2C, 0xF6, 0x48, 0xA3, 0x62, 0xDA,
            0x2D,
            0xA4, 0xB0,
        ])
        #expect(Webhook.text(of: secret) == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        #expect(webhook.signature(secret) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }
}

@Suite("Where webhooks may go")
struct ReachTests {
    @Test(arguments: [
        "127.0.0.1", "10.1.2.3", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255",
        "::1", "::", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "ff02::1",
    ])
    func `nowhere inside`(address: String) throws { #expect(!Reach().permits(try #require(NetworkAddress(address)))) }

    @Test(arguments: ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "11.0.0.1", "193.0.0.1"])
    func `the internet`(address: String) throws { #expect(Reach().permits(try #require(NetworkAddress(address)))) }

    @Test func `inside where the operator said so`() throws {
        let reach = Reach(inside: [try AddressRange.typed("10.1.0.0/16")])
        #expect(reach.permits(try #require(NetworkAddress("10.1.9.9"))))
        #expect(!reach.permits(try #require(NetworkAddress("10.2.0.1"))))
    }

    @Test func `a name is permitted only with all of its addresses`() {
        for name in ["localhost", "127.0.0.1", "[::1]", "0x7f.1", "2130706433"] {
            guard case .failure(.forbidden) = Reach().look(up: name, port: 443) else {
                Issue.record("\(name) was permitted")
                continue
            }
        }
        guard case .failure(.unknown) = Reach().look(up: "no-such-name.invalid", port: 443) else {
            Issue.record("a name that is none was found")
            return
        }
    }
}
