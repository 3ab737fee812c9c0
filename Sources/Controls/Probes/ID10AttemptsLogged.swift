import Audit
import Identity
import Storage
import Vocabulary

extension Control {
    static let attemptsLogged = automated(
        "ID-10", "Every sign-in attempt is on record", "B",
        "Each attempt to sign in, right or wrong, is in the audit log once, with its result.",
        every: .hours(6), AttemptsLogged())
}

/// Makes attempts that must fail, each for a name that nobody has, and finds exactly one event for each.
struct AttemptsLogged: Probe {
    static let attempts = 3

    func check(_ platform: Platform) async throws -> Evidence {
        var findings = Findings()
        findings.count("attempts", Self.attempts)
        var found = 0
        let start = try await AuditEntries(database: platform.control).count()
        for _ in 0..<Self.attempts {
            let identifier = "probe-\(platform.entropy.words().0)@holdfast.invalid"
            let password = Secret(platform.entropy.bytes(24).map { 33 + $0 % 90 })
            do {
                _ = try await platform.signIn.password(
                    identifier: identifier, password: password, by: Principal(.platform(component: "controls")), agent: nil)
                return .broken("A name that nobody has could sign in.", findings.facts)
            } catch is Refusal {
                // As it must be: wrong, or slowed down after the last attempts.
            }
            let digest = platform.plane.keyedDigest(identifier, for: "audit-identifier")
            let entries = try await AuditEntries(database: platform.control)
                .page(.init(events: ["sign_in_attempted", "throttled"]), limit: AuditEntries.longestPage).entries
            let own = entries.filter { entry in
                entry.seq >= start && entry.event == "sign_in_attempted"
                    && entry.fields.contains { $0.name == "identifier_digest" && $0.value == .reference(digest) }
            }
            findings.expect(own.count == 1, "an attempt left \(own.count) events instead of one")
            findings.expect(own.allSatisfy { $0.fields.contains { $0.name == "outcome" } }, "an attempt's event has no result")
            found += own.count
        }
        findings.count("events", found)
        return findings.evidence("Each of \(Self.attempts) failing attempts left exactly one event with its result.")
    }
}
