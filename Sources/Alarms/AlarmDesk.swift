import Audit
import Identity
import Storage
import Vocabulary

/// The list of alarms of each side, and what is done about them.
package struct AlarmDesk: Sendable {
    /// How long closed ones are kept; the audit log has the events for longer.
    package static let kept = Duration.days(400)
    package static let longestNote = 500

    let plane: ControlPlane

    package init(_ plane: ControlPlane) { self.plane = plane }

    // MARK: Looking

    /// Newest first. `before`: the alarms older than that one.
    package func list(
        _ side: AlarmSide, unsettled: Bool? = nil, before: AlarmID? = nil, limit: Int = 50, by principal: Principal
    ) async throws -> [Alarm] {
        try await plane.database.read { reader in
            try Self.require(side, by: principal, in: reader)
            let state: SQL = unsettled.map { $0 ? "AND state <> 'closed'" : "AND state = 'closed'" } ?? ""
            let place: SQL = before.map { "AND id < \($0)" } ?? ""
            return try reader.rows(
                "SELECT \(Alarm.columns) FROM alarm WHERE \(Self.visible(side)) \(state) \(place) ORDER BY id DESC LIMIT \(limit)"
            ).map(Alarm.init(row:))
        }
    }

    /// How many wait for somebody.
    package func openCount(_ side: AlarmSide) async throws -> Int {
        try await plane.database.read { reader in
            try reader.value("SELECT count(*) FROM alarm WHERE state = 'open' AND state <> 'closed' AND \(Self.visible(side))") ?? 0
        }
    }

    package func find(_ id: AlarmID, of side: AlarmSide, by principal: Principal) async throws -> (alarm: Alarm, steps: [AlarmStep]) {
        try await plane.database.read { reader in
            let alarm = try Self.find(id, of: side, by: principal, in: reader)
            let steps = try reader.rows("SELECT step, at, actor, assignee, note FROM alarm_step WHERE alarm = \(id) ORDER BY at, id").map(
                AlarmStep.init(row:))
            return (alarm, steps)
        }
    }

    /// Who can be given an alarm, by name.
    package func colleagues(_ side: AlarmSide, by principal: Principal) async throws -> [Account] {
        try await plane.database.read { reader in
            try Self.require(side, by: principal, in: reader)
            return try Self.colleagues(side, in: reader)
        }
    }

    // MARK: Doing

    /// Says that somebody saw it. Whoever does first has it, unless it is somebody's already.
    package func acknowledge(_ id: AlarmID, of side: AlarmSide, by principal: Principal) async throws -> Alarm {
        try await change(id, of: side, by: principal) { alarm, transaction in
            guard alarm.state == .open else { return }
            try step(.acknowledged, alarm, .acknowledged, assignee: alarm.assignee ?? principal.account, by: principal, in: transaction)
            try record(.alarmAcknowledged(alarm: id), by: principal, in: transaction)
        }
    }

    /// - Throws: ``Refusal`` `assignee`, `alarm-closed`
    package func assign(_ id: AlarmID, to account: AccountID, of side: AlarmSide, by principal: Principal) async throws -> Alarm {
        try await change(id, of: side, by: principal) { alarm, transaction in
            guard alarm.state != .closed else { throw Refusal.conflict("alarm-closed", "This alarm is closed. Open it again first.") }
            guard try Self.colleagues(side, in: transaction).contains(where: { $0.id == account }) else {
                throw Refusal.invalid("assignee", "Choose one of your colleagues.", field: "assignee")
            }
            guard alarm.assignee != account else { return }
            try step(.assigned, alarm, .acknowledged, assignee: account, by: principal, in: transaction)
            try record(.alarmAssigned(alarm: id, account: account), by: principal, in: transaction)
        }
    }

    /// - Parameter note: what it was; at most ``longestNote`` characters.
    /// - Throws: ``Refusal`` `alarm-note`
    package func close(_ id: AlarmID, note: String? = nil, of side: AlarmSide, by principal: Principal) async throws -> Alarm {
        let note = note.flatMap { $0.isEmpty ? nil : $0 }
        guard note.map({ $0.count <= Self.longestNote && !$0.utf8.contains(0) }) ?? true else {
            throw Refusal.invalid("alarm-note", "A note has at most \(Self.longestNote) characters.", field: "note")
        }
        return try await change(id, of: side, by: principal) { alarm, transaction in
            guard alarm.state != .closed else { return }
            try step(.closed, alarm, .closed, assignee: alarm.assignee, note: note, by: principal, in: transaction)
            try record(.alarmClosed(alarm: id), by: principal, in: transaction)
        }
    }

    package func reopen(_ id: AlarmID, of side: AlarmSide, by principal: Principal) async throws -> Alarm {
        try await change(id, of: side, by: principal) { alarm, transaction in
            guard alarm.state == .closed else { return }
            let state: Alarm.State = alarm.assignee == nil ? .open : .acknowledged
            try step(.reopened, alarm, state, assignee: alarm.assignee, by: principal, in: transaction)
            try record(.alarmReopened(alarm: id), by: principal, in: transaction)
        }
    }

    /// Forgets what was closed long ago.
    package func sweep() async throws {
        let before = plane.clock.now() - Self.kept
        try await plane.write { try $0.run("DELETE FROM alarm WHERE state = 'closed' AND raised_at < \(before)") }
    }

    // MARK: Inside

    private func change(
        _ id: AlarmID, of side: AlarmSide, by principal: Principal,
        _ body: @escaping @Sendable (Alarm, any Transaction) throws -> Void
    ) async throws -> Alarm {
        try await plane.write { transaction in
            try body(try Self.find(id, of: side, by: principal, in: transaction), transaction)
            return try Self.find(id, of: side, by: principal, in: transaction)
        }
    }

    private func step(
        _ kind: AlarmStep.Kind, _ alarm: Alarm, _ state: Alarm.State, assignee: AccountID?, note: String? = nil, by principal: Principal,
        in transaction: any Transaction
    ) throws {
        let now = plane.clock.now()
        try transaction.run("UPDATE alarm SET state = \(state.rawValue), assignee = \(assignee) WHERE id = \(alarm.id)")
        try transaction.run(
            """
            INSERT INTO alarm_step (id, alarm, step, at, actor, assignee, note)
            VALUES (\(ID<AlarmStep>(at: now, entropy: plane.entropy)), \(alarm.id), \(kind.rawValue), \(now), \(principal.keptName),
                \(kind == .assigned ? assignee : nil), \(note))
            """)
    }

    private func record(_ event: AuditEvent, by principal: Principal, in transaction: any Transaction) throws {
        try plane.audit.record(event, by: principal, at: plane.clock.now(), in: transaction)
    }

    private static func find(_ id: AlarmID, of side: AlarmSide, by principal: Principal, in reader: any Reader) throws -> Alarm {
        try require(side, by: principal, in: reader)
        guard let alarm = try reader.row("SELECT \(Alarm.columns) FROM alarm WHERE id = \(id) AND \(visible(side))").map(Alarm.init(row:))
        else { throw Refusal.notFound("alarm") }
        return alarm
    }

    /// The vendor sees those of customers that were told to it too.
    private static func visible(_ side: AlarmSide) -> SQL {
        side.tenant.map { "tenant = \($0)" } ?? "(tenant IS NULL OR is_shared = 1)"
    }

    private static func colleagues(_ side: AlarmSide, in reader: any Reader) throws -> [Account] {
        let place: SQL =
            switch side {
            case .vendor: "JOIN staff ON staff.account = account.id WHERE account.state = 'active'"
            case .tenant(let id):
                "JOIN membership ON membership.account = account.id WHERE membership.tenant = \(id) AND account.state = 'active' AND membership.suspended_at IS NULL"
            }
        return try reader.rows("SELECT \(Account.columns) FROM account \(place) ORDER BY account.identifier LIMIT 500").map(
            Account.init(row:))
    }

    /// Operators for the vendor's. A customer's are for its members; which of them may see alarms is decided by their roles in the environment that they come by.
    static func require(_ side: AlarmSide, by principal: Principal, in reader: any Reader) throws {
        switch (side, principal.kind) {
        case (.vendor, _): try Staff.requireOperator(principal, in: reader)
        case (.tenant, .shell), (.tenant, .platform): break
        case (.tenant(let tenant), .account(let account)):
            guard try Memberships.active(account, in: tenant, reader: reader) != nil else { throw Refusal.notFound("alarm") }
        case (.tenant, .client), (.tenant, .anonymous): throw Refusal.notFound("alarm")
        }
    }
}
