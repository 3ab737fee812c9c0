import Storage
import Vocabulary

extension Control {
    static let secondFactor = automated(
        "ID-4", "A second factor before any data", "BL",
        "Everybody, guests included, sets up a second factor when they join (a passkey or an authenticator app, with recovery codes), and no session "
            + "reaches data before it was shown.",
        every: .hours(6), SecondFactor())
}

/// Looks at every session there is: those that reach data belong to accounts with a factor (an authenticator
/// application or a passkey), were shown two (a password and another one, or a passkey that was unlocked; that alone only where the customer
/// takes it), and hang on a finished sign-in.
struct SecondFactor: Probe {
    func check(_ platform: Platform) async throws -> Evidence {
        var findings = Findings()
        let counts = try await platform.control.read { reader in
            func count(_ sql: SQL) throws -> Int { try reader.value(sql, as: Int.self) ?? 0 }
            return (
                sessions: try count("SELECT count(*) FROM session WHERE ended_at IS NULL"),
                unfinished: try count("SELECT count(*) FROM session WHERE environment IS NOT NULL AND stage <> 'complete'"),
                orphans: try count(
                    """
                    SELECT count(*) FROM session AS s LEFT JOIN session AS p ON p.id = s.parent
                    WHERE s.environment IS NOT NULL AND s.ended_at IS NULL AND (p.id IS NULL OR p.stage <> 'complete')
                    """),
                single: try count(
                    """
                    SELECT count(*) FROM session WHERE stage = 'complete' AND ended_at IS NULL
                    AND NOT (' ' || methods || ' ' LIKE '% pop %' AND ' ' || methods || ' ' LIKE '% mfa %')
                    AND NOT (' ' || methods || ' ' LIKE '% pwd %' AND (' ' || methods || ' ' LIKE '% otp %'
                        OR ' ' || methods || ' ' LIKE '% rec %' OR ' ' || methods || ' ' LIKE '% pop %'))
                    """),
                bare: try count(
                    """
                    SELECT count(*) FROM session AS s WHERE s.stage = 'complete' AND s.ended_at IS NULL AND NOT EXISTS (
                        SELECT 1 FROM totp_factor AS f WHERE f.account = s.account AND f.state = 'active')
                    AND NOT EXISTS (SELECT 1 FROM passkey AS k WHERE k.account = s.account)
                    """),
                alone: try count(
                    """
                    SELECT count(*) FROM session AS s JOIN sign_in_rule AS r ON r.tenant = s.tenant AND r.passkey_alone = 0
                    WHERE s.ended_at IS NULL AND NOT (' ' || s.methods || ' ' LIKE '% pwd %' OR ' ' || s.methods || ' ' LIKE '% otp %'
                        OR ' ' || s.methods || ' ' LIKE '% rec %')
                    """)
            )
        }
        findings.count("live_sessions", counts.sessions)
        findings.expect(counts.unfinished == 0, "\(counts.unfinished) sessions reach an environment without a finished sign-in")
        findings.expect(counts.orphans == 0, "\(counts.orphans) sessions at an environment hang on no finished sign-in")
        findings.expect(counts.single == 0, "\(counts.single) finished sessions showed one factor only")
        findings.expect(counts.bare == 0, "\(counts.bare) finished sessions belong to accounts without a second factor")
        findings.expect(counts.alone == 0, "\(counts.alone) sessions began with a passkey alone where the customer doesn't take one")
        return findings.evidence("Every session that reaches data was opened with two factors.")
    }
}
