import Identity
import Storage
import Vocabulary

/// Something that people were told of at once, and what became of it.
package struct Alarm: Sendable, Hashable {
    package enum State: String, Sendable, Hashable, CaseIterable {
        case open
        /// Somebody saw it and works on it.
        case acknowledged
        case closed
    }

    package let id: AlarmID
    package let rule: AlarmRule
    package let side: AlarmSide
    /// Whom it is about.
    package let subject: AccountID?
    package let detail: String
    /// Who did it: an account's identifier, `shell/root`, `platform/guard`.
    package let actor: String
    /// Whether the other side was told too.
    package let isShared: Bool
    /// To how many places it went.
    package let told: Int
    package let raisedAt: Instant
    package let state: State
    package let assignee: AccountID?

    package var severity: AlarmSeverity { rule.severity }
    package var actorAccount: AccountID? { AccountID(actor) }
}

/// What somebody did about an alarm.
package struct AlarmStep: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case acknowledged
        case assigned
        case closed
        case reopened
    }

    package let kind: Kind
    package let at: Instant
    package let actor: String
    package let assignee: AccountID?
    package let note: String?

    package var actorAccount: AccountID? { AccountID(actor) }
}

extension Alarm {
    static let columns: SQL = "id, rule, tenant, subject, detail, actor, is_shared, told, raised_at, state, assignee"

    init(row: Row) throws {
        id = try row.get(0)
        guard let rule = AlarmRule(rawValue: try row.get(1)) else { throw StorageError.unexpectedColumn("alarm.rule") }
        self.rule = rule
        side = AlarmSide(try row.get(2))
        subject = try row.get(3)
        detail = try row.get(4)
        actor = try row.get(5)
        isShared = try row.get(6, as: Int.self) != 0
        told = try row.get(7)
        raisedAt = try row.get(8)
        guard let state = State(rawValue: try row.get(9)) else { throw StorageError.unexpectedColumn("alarm.state") }
        self.state = state
        assignee = try row.get(10)
    }
}

extension AlarmStep {
    init(row: Row) throws {
        guard let kind = Kind(rawValue: try row.get(0)) else { throw StorageError.unexpectedColumn("alarm_step.step") }
        self.kind = kind
        at = try row.get(1)
        actor = try row.get(2)
        assignee = try row.get(3)
        note = try row.get(4)
    }
}

extension Principal {
    /// How a principal is kept in a column.
    var keptName: String {
        switch kind {
        case .account(let id): id.description
        case .client(let client): "client/\(client)"
        case .shell(let user): "shell/\(user)"
        case .platform(let component): "platform/\(component)"
        case .anonymous: "anonymous"
        }
    }
}
