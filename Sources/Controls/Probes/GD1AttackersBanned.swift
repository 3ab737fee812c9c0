import Audit
import Guarding
import Identity
import Vocabulary

extension Control {
    static let attackersBanned = automated(
        "GD-1", "Attackers are banned by themselves", "Y",
        "Failed sign-ins, error floods and scans lead to bans that grow, users and administrators alike, while others can still get in.",
        every: .hours(6), AttackersBanned())
}

/// Knocks at the server's door as a scanner at an address that is nobody's, until the door stays shut; then lifts the ban.
struct AttackersBanned: Probe {
    /// For documentation only (RFC 5737).
    static let attacker = "203.0.113.66"
    static let bystander = "203.0.113.67"
    static let scanned = ["/.env", "/wp-login.php", "/.git/config", "/phpmyadmin/index.php"]
    /// Far more than it takes: a platform that doesn't ban must not keep the probe busy.
    static let patience = 8
    private static let itself = Principal(.platform(component: "controls"))

    func check(_ platform: Platform) async throws -> Evidence {
        guard let guarding = platform.guarding else { throw CannotProbe("nobody stands at the door") }
        guard let address = NetworkAddress(Self.attacker) else { throw CannotProbe("no address") }
        let range = address.subscriberRange
        // What a probe that was interrupted left behind.
        try await lift(range, guarding)
        var findings = Findings()
        do {
            try await attack(range, platform, guarding, &findings)
        } catch {
            try? await lift(range, guarding)
            throw error
        }
        try await lift(range, guarding)
        let after = try await platform.door.get("/sign-in", from: Self.attacker)
        findings.expect(after.status < 400, "the address was still refused after its ban was lifted")
        return findings.evidence("A scanner was banned by its behaviour, its neighbour wasn't, and the ban ended when it was lifted.")
    }

    private func attack(_ range: AddressRange, _ platform: Platform, _ guarding: Platform.Guarding, _ findings: inout Findings) async throws
    {
        let before = try await platform.door.get("/sign-in", from: Self.attacker)
        guard before.status < 400 else { throw CannotProbe("the sign-in page answers \(before.status)") }
        let start = try await AuditEntries(database: platform.control).count()
        var requests = 0
        var refused: Platform.Door.Answer?
        while requests < Self.patience, refused == nil {
            let path = Self.scanned[requests % Self.scanned.count]
            let answer = try await platform.door.get(path, from: Self.attacker)
            requests += 1
            if answer.status == 429 { refused = answer }
        }
        findings.count("requests", requests)
        findings.expect(refused != nil, "a scanner was not banned after \(requests) requests")
        let ban = try await guarding.bans.newest(of: range)
        guard let refused, let ban, ban.isInForce(at: platform.clock.now()) else {
            findings.expect(refused == nil, "a ban is in force that is not in the register")
            return
        }
        findings.count("retry_after_seconds", refused.retryAfter ?? 0)
        findings.expect(refused.retryAfter.map { $0 > 0 } == true, "the refusal doesn't say until when")
        findings.expect(
            guarding.bans.policy.length(ofStrike: ban.strike + 1) > ban.length || ban.length >= .hours(24),
            "bans don't grow with repetition")
        let everywhere = try await platform.door.get("/sign-in", from: Self.attacker)
        findings.expect(everywhere.status == 429, "a banned address still gets the sign-in page")
        let neighbour = try await platform.door.get("/sign-in", from: Self.bystander)
        findings.expect(neighbour.status < 400, "a neighbour who did nothing was refused too (\(neighbour.status))")
        let entries = try await AuditEntries(database: platform.control).page(.init(events: ["banned"]), limit: AuditEntries.longestPage)
            .entries
        let own = entries.filter { entry in
            entry.seq >= start && entry.fields.contains { $0.name == "ban" && $0.value == .reference(ban.id.description) }
        }
        findings.expect(own.count == 1, "the ban left \(own.count) events in the audit log instead of one")
    }

    private func lift(_ range: AddressRange, _ guarding: Platform.Guarding) async throws {
        guard let ban = try await guarding.bans.newest(of: range), ban.liftedAt == nil else { return }
        _ = try await guarding.bans.lift(ban.id, by: Self.itself)
    }
}
