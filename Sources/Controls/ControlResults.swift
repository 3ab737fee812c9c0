import Audit
import Storage
import Vocabulary

/// Keeps what probes found. In the control database.
package struct ControlResults: Sendable {
    private let database: any Database
    private let clock: any Clock
    private let audit: AuditLog
    private let controls: [Control]
    /// How many checks of one control stay in its history.
    static let kept = 200

    package init(database: any Database, clock: any Clock, audit: AuditLog, controls: [Control] = Control.all) {
        self.database = database
        self.clock = clock
        self.audit = audit
        self.controls = controls
    }

    package static let migrations: [Migration] =
        [
            Migration("controls_0001_results") { dialect in
                let time: SQL = dialect == .sqlite ? "INTEGER" : "BIGINT"
                let strict: SQL = dialect == .sqlite ? " STRICT" : ""
                return [
                    """
                    CREATE TABLE control_result (
                        control TEXT NOT NULL PRIMARY KEY, state TEXT NOT NULL CHECK (state IN ('pass', 'fail', 'unknown')),
                        checked_at \(time) NOT NULL, since \(time) NOT NULL, evidence TEXT NOT NULL
                    )\(strict)
                    """,
                    """
                    CREATE TABLE control_check (
                        control TEXT NOT NULL, checked_at \(time) NOT NULL, state TEXT NOT NULL, evidence TEXT NOT NULL,
                        PRIMARY KEY (control, checked_at)
                    )\(strict)
                    """,
                ]
            }
        ] + Witnesses.migrations

    /// Files one check; `evidence` nil means that nothing could be found out. A turned control is audited in the same transaction.
    /// Returns the state that was filed.
    @discardableResult
    package func file(_ evidence: Evidence?, of control: Control, reason: String = "") async throws -> ControlListing.State {
        let state: ControlListing.State = evidence.map { $0.holds ? .pass : .fail } ?? .unknown
        let text = (evidence?.json ?? ["summary": .string(reason)]).text
        let now = clock.now()
        try await database.write { transaction in
            let before = try transaction.row("SELECT state, since FROM control_result WHERE control = \(control.id)")
            let turned = try before?.get(0, as: String.self) != state.rawValue
            let since = turned ? now : try before?.get(1, as: Instant.self) ?? now
            try transaction.run(
                """
                INSERT INTO control_result (control, state, checked_at, since, evidence)
                VALUES (\(control.id), \(state.rawValue), \(now), \(since), \(text))
                ON CONFLICT (control) DO UPDATE
                SET state = excluded.state, checked_at = excluded.checked_at, since = excluded.since, evidence = excluded.evidence
                """)
            try transaction.run(
                """
                INSERT INTO control_check (control, checked_at, state, evidence) VALUES (\(control.id), \(now), \(state.rawValue), \(text))
                ON CONFLICT (control, checked_at) DO UPDATE SET state = excluded.state, evidence = excluded.evidence
                """)
            try transaction.run(
                """
                DELETE FROM control_check WHERE control = \(control.id) AND checked_at <= (
                    SELECT checked_at FROM control_check WHERE control = \(control.id) ORDER BY checked_at DESC LIMIT 1 OFFSET \(Self.kept)
                )
                """)
            if turned {
                try audit.record(
                    .controlTurned(control: control.id, state: state.rawValue), by: Principal(.platform(component: "controls")), at: now,
                    in: transaction)
            }
        }
        return state
    }

    /// Every control, in the order of the catalogue, as it stands now.
    package func list() async throws -> [ControlListing] {
        let rows = try await database.read { try $0.rows("SELECT control, state, checked_at, since, evidence FROM control_result") }
        var found: [String: Row] = [:]
        for row in rows { found[try row.get(0)] = row }
        let now = clock.now()
        return try controls.map { control in
            // A control whose probe went away is planned again; what it once found says nothing about now.
            guard control.kind != .planned, let row = found[control.id] else {
                return ControlListing(control: control, state: .unknown, checkedAt: nil, evidence: nil, since: nil)
            }
            let checkedAt: Instant = try row.get(2)
            let state = ControlListing.State(rawValue: try row.get(1)) ?? .unknown
            // A check in the future is no check either: the clock went back.
            let fresh = now < checkedAt + control.freshness && checkedAt <= now + .minutes(5)
            return ControlListing(
                control: control, state: fresh || state == .unknown ? state : .stale, checkedAt: checkedAt,
                evidence: (try? JSONReader.read(try row.get(4, as: String.self).utf8)) ?? .null, since: try row.get(3))
        }
    }

    package func find(_ id: String) async throws -> ControlListing? { try await list().first { $0.control.id == id } }

    /// One past check.
    package struct Check: Sendable {
        package let at: Instant
        package let state: ControlListing.State
        package let evidence: JSONValue
    }

    /// Past checks of one control, newest first.
    package func history(of id: String, limit: Int = 50) async throws -> [Check] {
        try await database.read { reader in
            try reader.rows(
                "SELECT checked_at, state, evidence FROM control_check WHERE control = \(id) ORDER BY checked_at DESC LIMIT \(limit)"
            ).map { row in
                Check(
                    at: try row.get(0), state: .init(rawValue: try row.get(1)) ?? .unknown,
                    evidence: (try? JSONReader.read(try row.get(2, as: String.self).utf8)) ?? .null)
            }
        }
    }
}
