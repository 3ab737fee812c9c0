import Audit
import Identity
import Vocabulary

extension Control {
    static let riskySignIns = automated(
        "ID-9", "Risky sign-ins are caught", "B",
        "Sign-ins that look like somebody else's (impossible travel, a new device far away, a spray before), and tokens used far from where they were, are recognised and held up or stopped by each "
            + "customer's rule, and their risk is shown to their owner and the administrators, who settle it.",
        every: .hours(6), RiskCaught())
}

/// Signs somebody who is nobody in as they always do, and then as an attacker would who knows everything.
struct RiskCaught: Probe {
    private static let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    // For documentation only (RFC 5737): known to no table of places.
    private static let home = "192.0.2.66"

    func check(_ platform: Platform) async throws -> Evidence {
        try await ScratchAccount.with(platform.signIn) { account in
            var findings = Findings()
            let risks = platform.signIn.risks
            // Two places so far apart that nobody gets from one to the other in a moment, where there is a table of places.
            let places = risks.locations.farApart
            let home = places?.0.text ?? Self.home
            func agent() -> UserAgent { UserAgent(Self.agent, device: Token(entropy: platform.entropy).text) }
            let own = agent()
            for _ in 0..<3 { try await expectIn(account, own, home, "an everyday sign-in", &findings) }
            let before = try await risks.list(of: account.id).count
            findings.expect(before == 0, "everyday sign-ins were noted as unusual")

            var planted = 1
            try await account.spray(30)
            try await expectHeld(account, agent(), ScratchAccount.sprayer, "a sign-in on a new device after a spray", &findings)
            if let far = places?.1 {
                planted += 1
                try await expectHeld(account, agent(), far.text, "impossible travel on a new device", &findings)
            }
            planted += try await plantToken(account, own, places, platform, &findings)
            let events = try await risks.list(of: account.id)
            findings.expect(events.count == planted, "\(events.count) of \(planted) planted sign-ins were noted")
            findings.expect(
                events.allSatisfy { $0.action != .allow && !$0.risk.reasons.isEmpty }, "a planted sign-in has no reasons, or was let in")
            let entries = try await AuditEntries(database: platform.control).page(.init(events: ["risk_found"]), limit: 50).entries
            findings.expect(
                entries.filter { entry in entry.fields.contains { $0.name == "account" && $0.value == .reference(account.id.description) } }
                    .count == planted, "what was found is not in the audit log")
            findings.expect(account.mails.count >= planted, "the owner was not told of each by mail")
            try await expectIn(account, own, home, "the owner's own sign-in while that went on", &findings)
            findings.count("planted", planted)
            findings.count("caught", events.count)
            findings.facts["places"] = .bool(places != nil)
            return findings.evidence(
                "Planted sign-ins of an attacker who knew everything were held up or stopped, the owner's own were not.")
        }
    }

    /// A copy of an application's token, used at the other end of the world. Returns how many were planted: none without places or provider.
    private func plantToken(
        _ account: ScratchAccount, _ agent: UserAgent, _ places: (NetworkAddress, NetworkAddress)?, _ platform: Platform,
        _ findings: inout Findings
    ) async throws -> Int {
        guard let (home, far) = places, let grants = platform.grants else { return 0 }
        do {
            let session = try await account.arrive(with: agent, from: home.text).session
            let token = try await grants.issue(for: account, in: session)
            for _ in 0..<2 {
                findings.expect(try await grants.isTaken(token, of: account, from: home.text), "a token was refused where it always was")
            }
            findings.expect(try await !grants.isTaken(token, of: account, from: far.text), "a copied token was taken far away")
            findings.expect(try await !grants.stands(token), "a token that was copied still stands")
            try await grants.erase(account)
            return 1
        } catch {
            try? await grants.erase(account)
            throw error
        }
    }

    private func expectIn(
        _ account: ScratchAccount, _ agent: UserAgent, _ address: String, _ what: String, _ findings: inout Findings
    ) async throws {
        _ = try await findings.attempt("\(what) was refused") { try await account.arrive(with: agent, from: address) }
    }

    private func expectHeld(
        _ account: ScratchAccount, _ agent: UserAgent, _ address: String, _ what: String, _ findings: inout Findings
    ) async throws {
        do {
            _ = try await account.arrive(with: agent, from: address)
            findings.expect(false, "\(what) went through")
        } catch let refusal as Refusal where [SignIn.confirmByMail.code, SignIn.stopped.code].contains(refusal.code) {}
    }
}
