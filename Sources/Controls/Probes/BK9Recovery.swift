import Audit
import Storage
import Tenants
import Vocabulary

extension Control {
    static let recovery = automated(
        "BK-9", "Recovery is rehearsed", "YM",
        "One command rebuilds everything on an empty machine; the procedure is written down and exercised.",
        every: .hours(24), RecoveryRehearsed())
}

/// Rehearses a recovery with keys that go through shares, and sees whether the newest real bundle would do.
struct RecoveryRehearsed: Probe {
    func check(_ platform: Platform) async throws -> Evidence {
        guard let rehearse = platform.rehearsal else {
            throw CannotProbe("databases are shipped nowhere, so there is nothing to recover from: start the server with --backup")
        }
        var findings = Findings()
        let rehearsal = try await rehearse()
        for problem in rehearsal.problems { findings.expect(false, problem) }
        findings.count("databases_restored", rehearsal.restored)
        findings.count("keys_through_shares", rehearsal.keys)
        findings.count("milliseconds", Int(clamping: rehearsal.took.microseconds / 1000))
        let (madeAt, younger) = try await platform.control.read { reader in
            let madeAt: Instant? =
                try reader.value("SELECT max(at) FROM audit_entry WHERE event = 'recovery_bundle_made'", as: Instant?.self) ?? nil
            let younger: Int =
                try reader.value("SELECT count(*) FROM environment WHERE created_at > \(madeAt ?? Instant(microseconds: 0))") ?? 0
            return (madeAt, younger)
        }
        findings.facts["bundle_made_at"] = madeAt.map { .string("\($0)") } ?? .null
        findings.expect(madeAt != nil, "no recovery bundle was ever made: run 'holdfast backup bundle'")
        if madeAt != nil { findings.expect(younger == 0, "\(younger) environments are younger than the newest recovery bundle") }
        return findings.evidence(
            "A recovery was rehearsed from the archive, with keys put together from two of three shares, and the newest bundle knows every environment."
        )
    }
}

extension Platform {
    /// What came of rehearsing a recovery.
    package struct Rehearsal: Sendable {
        package let restored: Int
        package let keys: Int
        package let took: Duration
        package let problems: [String]

        package init(restored: Int, keys: Int, took: Duration, problems: [String]) {
            (self.restored, self.keys, self.took, self.problems) = (restored, keys, took, problems)
        }
    }
}
