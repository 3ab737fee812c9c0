import Audit
import Identity
import Storage
import Vocabulary

extension Control {
    static let alarmsRaised = automated(
        "GD-3", "Alarms on what matters", "Y",
        "A new administrator, a ban or an intrusion attempt is told by mail and webhook within seconds, also when the last administrator did it.",
        every: .hours(1), AlarmsRaised())
}

/// Lets things happen that must be told of, in a transaction that is taken back, and looks whom it would have told; then looks how
/// long real alarms waited for the mail server.
struct AlarmsRaised: Probe {
    /// Longest that mail of an alarm may wait.
    static let patience = Duration.seconds(60)
    /// A customer's only administrator makes somebody else one. Nobody there is a witness.
    private struct Trial: Error {
        var ban = 0
        var bannedTold = 0
        var administrator = 0
        var witnesses = 0
    }

    func check(_ platform: Platform) async throws -> Evidence {
        var findings = Findings()
        let trial = try await trial(platform)
        findings.count("alarms_on_a_ban", trial.ban)
        findings.count("told_of_a_ban", trial.bannedTold)
        findings.expect(trial.ban == 1, "a ban raised \(trial.ban) alarms instead of one")
        findings.expect(trial.bannedTold > 0, "nobody is told of a ban")
        findings.expect(trial.administrator == 1, "a new administrator raised \(trial.administrator) alarms instead of one")
        findings.expect(trial.witnesses > 0, "nobody but those concerned is told what a last administrator does")
        findings.count("witnesses", trial.witnesses)
        try await deliveries(platform, &findings)
        return findings.evidence("A ban and a last administrator’s doing would be told at once, and no alarm waits for the mail server.")
    }

    private func trial(_ platform: Platform) async throws -> Trial {
        let plane = platform.plane
        guard try await !Staff(plane).list().isEmpty else { throw CannotProbe("there is no operator yet who could be told") }
        do {
            try await plane.write { transaction in
                var trial = Trial()
                let now = plane.clock.now()
                (trial.ban, trial.bannedTold) = try ban(plane, now, in: transaction)
                (trial.administrator, trial.witnesses) = try appointment(plane, now, in: transaction)
                // Nothing of it stays.
                throw trial
            }
        } catch let trial as Trial {
            return trial
        }
        throw CannotProbe("the trial was not taken back")
    }

    private func ban(_ plane: ControlPlane, _ now: Instant, in transaction: any Transaction) throws -> (alarms: Int, told: Int) {
        let ban = BanID(at: now, entropy: plane.entropy)
        try transaction.run(
            """
            INSERT INTO ban (id, addresses, reason, strike, since, until)
            VALUES (\(ban), '192.88.99.66', 'sign-in', 1, \(now), \(now + .minutes(1)))
            """)
        return try raised(in: transaction) {
            try plane.audit.record(
                .banned(ban: ban, reason: "sign-in", strike: 1, seconds: 60), by: Principal(.platform(component: "controls")), at: now,
                in: transaction)
        }
    }

    private func appointment(_ plane: ControlPlane, _ now: Instant, in transaction: any Transaction) throws -> (alarms: Int, told: Int) {
        let tenant = TenantID(at: now, entropy: plane.entropy)
        let people = (0..<2).map { _ in AccountID(at: now, entropy: plane.entropy) }
        for person in people {
            try transaction.run(
                """
                INSERT INTO account (id, identifier, display_name, state, created_at)
                VALUES (\(person), \("\(person)@holdfast.invalid"), 'Probe', 'active', \(now))
                """)
            let membership = MembershipID(at: now, entropy: plane.entropy)
            try transaction.run(
                "INSERT INTO membership (id, account, tenant, created_at) VALUES (\(membership), \(person), \(tenant), \(now))")
            try transaction.run("INSERT INTO membership_role (membership, role) VALUES (\(membership), 'owner')")
        }
        let found = try raised(in: transaction) {
            try plane.audit.record(
                .roleAssigned(account: people[1], role: "owner", tenant: tenant), by: Principal(.account(people[0])), at: now,
                in: transaction)
        }
        let theirs: SQL = people.map { "\("%/\($0)@holdfast.invalid")" as SQL }.map { "once LIKE \($0)" as SQL }.joined(" OR ")
        let concerned = try transaction.value("SELECT count(*) FROM outbox WHERE kind = 'mail' AND (\(theirs))", as: Int.self) ?? 0
        return (found.alarms, found.told - concerned)
    }

    /// How many alarms `event` raises, and how many messages wait because of it.
    private func raised(in transaction: any Transaction, _ event: () throws -> Void) throws -> (alarms: Int, told: Int) {
        func counts() throws -> (Int, Int) {
            (
                try transaction.value("SELECT count(*) FROM alarm") ?? 0,
                try transaction.value("SELECT count(*) FROM outbox WHERE once LIKE 'alarm/%'") ?? 0
            )
        }
        let before = try counts()
        try event()
        let after = try counts()
        return (after.0 - before.0, after.1 - before.1)
    }

    private func deliveries(_ platform: Platform, _ findings: inout Findings) async throws {
        let now = platform.clock.now()
        let row = try await platform.control.read { reader in
            try reader.row(
                """
                SELECT count(*), COALESCE(MAX(settled_at - created_at), 0) FROM outbox
                WHERE once LIKE 'alarm/%' AND kind = 'mail' AND state = 'delivered' AND created_at > \(now - .days(7))
                """)
        }
        let waiting = try await platform.control.read { reader in
            try reader.value(
                """
                SELECT count(*) FROM outbox WHERE once LIKE 'alarm/%' AND kind = 'mail' AND state = 'waiting'
                    AND created_at < \(now - Self.patience)
                """, as: Int.self) ?? 0
        }
        if let row {
            findings.count("delivered_in_a_week", try row.get(0))
            findings.count("slowest_milliseconds", Int(try row.get(1, as: Int64.self) / 1000))
        }
        findings.expect(waiting == 0, "\(waiting) messages of alarms have waited for the mail server for more than a minute")
    }
}
