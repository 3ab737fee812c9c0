import Audit
import Identity
import OIDCProvider
import Vocabulary

extension Control {
    static let knownDevices = automated(
        "ID-17", "Known and revocable devices", "BY",
        "Each device that signs in is known with its platform, last use and sign-ins; its owner hears of a new one, and revoking a lost one ends its sessions "
            + "and tokens within a second; administrators end what is open on one at their own organisation. Wiping caches comes with applications that work offline.",
        every: .hours(6), DevicesKnown())
}

/// Signs somebody who is nobody in on two devices, revokes one of them, and looks at what still works.
struct DevicesKnown: Probe {
    static let limit = Duration.seconds(1)
    // For documentation only (RFC 5737).
    private static let addresses = ["192.0.2.66", "198.51.100.66"]
    private static let agents = [
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Mozilla/5.0 (iPhone) Version/26.0 Mobile Safari/604.1",
    ]

    /// Tests replace it, to see that the probe notices.
    var revoke: @Sendable (Devices, DeviceID, Principal) async throws -> Void = { try await $0.revoke($1, by: $2) }
    var endHere: @Sendable (Devices, DeviceID, ScratchAccount, TenantID) async throws -> Void = {
        try await $0.endSessions(on: $1, of: $2.id, in: $3, by: $2.principal)
    }

    func check(_ platform: Platform) async throws -> Evidence {
        guard let grants = platform.grants else { throw CannotProbe("no provider stands beside this platform") }
        return try await ScratchAccount.with(platform.signIn) { account in
            do {
                let evidence = try await look(account, grants, platform)
                try await grants.erase(account)
                return evidence
            } catch {
                try? await grants.erase(account)
                throw error
            }
        }
    }

    private func look(_ account: ScratchAccount, _ grants: GrantTrial, _ platform: Platform) async throws -> Evidence {
        var findings = Findings()
        let (devices, sessions) = (Devices(platform.plane), Sessions(platform.plane))
        var arrivals: [(session: IssuedSession, token: String)] = []
        for (agent, address) in zip(Self.agents, Self.addresses) {
            let kept = Token(entropy: platform.entropy).text
            // Twice: the second time it is known already.
            _ = try await account.arrive(with: UserAgent(agent, device: kept), from: address)
            let session = try await account.arrive(with: UserAgent(agent, device: kept), from: address)
            arrivals.append((session, try await grants.issue(for: account, in: session.session)))
        }
        let known = try await devices.list(of: account.id)
        findings.count("devices", known.count)
        findings.expect(known.count == 2, "two devices that signed in twice are \(known.count) in the register")
        findings.expect(
            Set(known.map(\.platform.name)) == ["Firefox on Linux", "Safari on iPhone"], "the register doesn't know the devices' platforms")
        findings.expect(
            try await devices.arrivals(of: account.id).count == 4, "four sign-ins are not four in the access log")
        findings.expect(account.mails.count == 1, "\(account.mails.count) notices were sent about one device that was new")
        guard let lost = arrivals[0].session.session.device, let kept = arrivals[1].session.session.device, lost != kept else {
            findings.expect(false, "the sessions don't know their devices")
            return findings.evidence("")
        }
        for arrival in arrivals {
            findings.expect(try await stands(arrival, sessions, grants), "a session or token did not work before anything was revoked")
        }
        try await endAtOneTenant(account, arrivals[1], kept, grants, platform, &findings)
        let start = ContinuousClock.now
        try await revoke(devices, lost, account.principal)
        var ended: Duration?
        while ended == nil, ContinuousClock.now - start < Self.limit * 2 {
            let session = try await sessions.find(token: arrivals[0].session.token.text)
            let token = try await grants.stands(arrivals[0].token)
            if session == nil, !token { ended = ContinuousClock.now - start } else { try await Task.sleep(for: .milliseconds(20)) }
        }
        findings.count("milliseconds_to_the_end", Int((ended ?? .zero).microseconds / 1000))
        findings.expect(ended.map { $0 <= Self.limit } ?? false, "the revoked device's session or token still worked after a second")
        findings.expect(try await stands(arrivals[1], sessions, grants), "the other device was signed out, too")
        findings.expect(try await devices.list(of: account.id).map(\.id) == [kept], "the revoked device is still in the register")
        let events = try await AuditEntries(database: platform.control).page(.init(events: ["device_revoked"]), limit: 20).entries
        findings.expect(
            events.contains { $0.fields.contains { $0.name == "device" && $0.value == .reference(lost.description) } },
            "the revocation is not in the audit log")
        return findings.evidence("Of two devices of one person one was revoked: its session and token ended at once, the other's went on.")
    }

    /// As an administrator does, at a tenant that nobody has.
    private func endAtOneTenant(
        _ account: ScratchAccount, _ arrival: (session: IssuedSession, token: String), _ device: DeviceID, _ grants: GrantTrial,
        _ platform: Platform, _ findings: inout Findings
    ) async throws {
        let (devices, sessions, now) = (Devices(platform.plane), Sessions(platform.plane), platform.clock.now())
        let (tenant, environment) = (
            TenantID(at: now, entropy: platform.entropy), EnvironmentID(at: now, entropy: platform.entropy)
        )
        try await Memberships(platform.plane).join(
            account.id, to: tenant, roles: ["owner"], by: Principal(.platform(component: "controls")))
        func enter() async throws -> IssuedSession {
            try await sessions.startEnvironment(
                environment, of: tenant, under: arrival.session.session.id, address: nil, agent: nil)
        }
        let inside = try await enter()
        try await endHere(devices, device, account, tenant)
        findings.expect(try await sessions.find(token: inside.token.text) == nil, "what an administrator ended on a device went on")
        findings.expect(try await stands(arrival, sessions, grants), "an administrator ended more than what was open at their own tenant")
        do {
            _ = try await enter()
            findings.expect(false, "what an administrator ended was open again without a new proof")
        } catch is Refusal {}
    }

    private func stands(_ arrival: (session: IssuedSession, token: String), _ sessions: Sessions, _ grants: GrantTrial) async throws -> Bool
    {
        guard try await sessions.find(token: arrival.session.token.text) != nil else { return false }
        return try await grants.stands(arrival.token)
    }
}
