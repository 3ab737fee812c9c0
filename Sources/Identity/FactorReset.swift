import Storage
import Vocabulary

package typealias FactorResetID = ID<FactorReset>

/// A new start for somebody who has lost every factor, which two administrators of one tenant vouch for together.
///
/// It removes nothing by itself. It gives the person a link by mail; with that and their password they enrol anew, and only then the old
/// factors go. So neither the administrators, who know no password, nor a stolen mailbox, nor a stolen password is enough alone.
package struct FactorReset: Sendable, Hashable {
    package enum State: String, Sendable, Hashable {
        case requested
        case approved
        /// By an administrator, or because the person showed a factor after all.
        case withdrawn
        case used
    }

    package let id: FactorResetID
    package let account: AccountID
    package let tenant: TenantID
    package let requestedBy: AccountID
    package let requestedAt: Instant
    package let state: State
    /// From when on the link works. Nil until it is approved.
    package let opensAt: Instant?

    /// How long a request waits for the second administrator.
    static let patience = Duration.days(3)
    /// How long somebody who belongs to other tenants, too, has to object: these two don't speak for those.
    static let objection = Duration.hours(24)
    static let linkLife = Duration.hours(24)

    package func isOpen(at now: Instant) -> Bool {
        switch state {
        case .requested: now < requestedAt + Self.patience
        case .approved: opensAt.map { now < $0 + Self.linkLife } ?? false
        case .withdrawn, .used: false
        }
    }

    /// Whether the link that was mailed works.
    func admits(at now: Instant) -> Bool { state == .approved && isOpen(at: now) && opensAt.map { $0 <= now } ?? false }
}

extension FactorReset {
    static let columns: SQL = "id, account, tenant, requested_by, requested_at, state, opens_at"

    init(row: Row) throws {
        guard let state = State(rawValue: try row.get(5)) else { throw StorageError.unexpectedColumn("factor_reset.state") }
        self.init(
            id: try row.get(0), account: try row.get(1), tenant: try row.get(2), requestedBy: try row.get(3), requestedAt: try row.get(4),
            state: state, opensAt: try row.get(6))
    }
}
