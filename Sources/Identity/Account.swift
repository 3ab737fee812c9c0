import Storage
import Vocabulary

/// A person. One account for every tenant that invites them.
package struct Account: Sendable, Hashable {
    package enum State: String, Sendable, Hashable, CaseIterable {
        case active
        case disabled
    }

    package let id: AccountID
    /// As ``Text/identifier(_:)`` spells it.
    package let identifier: String
    package let displayName: String
    package let state: State
    package let createdAt: Instant

    package var isActive: Bool { state == .active }
}

extension Account {
    package static let columns: SQL = "account.id, account.identifier, account.display_name, account.state, account.created_at"

    package init(row: Row) throws {
        guard let state = State(rawValue: try row.get(3)) else { throw StorageError.unexpectedColumn("account.state") }
        self.init(
            id: try row.get(0), identifier: try row.get(1), displayName: try row.get(2), state: state, createdAt: try row.get(4))
    }
}
