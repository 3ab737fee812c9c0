import Storage
import Vocabulary

/// An offer to one address to join one tenant with certain roles.
package struct Invitation: Sendable, Hashable {
    package enum State: String, Sendable, Hashable {
        case pending
        case accepted
        case withdrawn
    }

    /// How long a link in an invitation works.
    package static let life = Duration.days(7)
    /// What whoever invites may choose.
    package static let lives = Duration.days(1)...Duration.days(30)

    /// - Throws: `invitation-life` unless it is 1 to 30 days.
    package static func life(ofDays days: Int?) throws -> Duration {
        guard let days else { return life }
        guard (1...30).contains(days) else {
            throw Refusal.invalid("invitation-life", "An invitation is good for 1 to 30 days.", field: "days")
        }
        return .days(days)
    }

    package let id: InvitationID
    package let tenant: TenantID
    package let tenantName: String
    /// As ``Text/identifier(_:)`` spells it: whoever accepts must have this identifier.
    package let address: String
    package let roles: [Role]
    package let invitedBy: AccountID?
    package let state: State
    package let createdAt: Instant
    package let expiresAt: Instant

    package func isOpen(at now: Instant) -> Bool { state == .pending && now < expiresAt }
}

extension Invitation {
    static let columns: SQL = """
        invitation.id, invitation.tenant, invitation.tenant_name, invitation.address, invitation.roles, invitation.invited_by,
        invitation.state, invitation.created_at, invitation.expires_at
        """

    init(row: Row) throws {
        guard let state = State(rawValue: try row.get(6)) else { throw StorageError.unexpectedColumn("invitation.state") }
        self.init(
            id: try row.get(0), tenant: try row.get(1), tenantName: try row.get(2), address: try row.get(3),
            roles: try row.get(4, as: String.self).split(separator: " ").compactMap { Role(String($0)) }, invitedBy: try row.get(5),
            state: state, createdAt: try row.get(7), expiresAt: try row.get(8))
    }
}
