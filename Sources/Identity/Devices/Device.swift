import Storage
import Vocabulary

/// A browser that completed a sign-in to an account, known by a token that it keeps.
///
/// One browser in which two people sign in is two devices: neither account learns of the other.
package struct Device: Sendable, Hashable {
    package let id: DeviceID
    package let account: AccountID
    /// Given by its owner.
    package let name: String?
    package let platform: DevicePlatform
    package let firstSeenAt: Instant
    package let lastSeenAt: Instant
    /// Of the last sign-in, see ``Neighbourhood``.
    package let network: String?
    /// When its owner said, with a fresh proof, that it is theirs alone.
    package let trustedAt: Instant?
    package let revokedAt: Instant?

    package var isTrusted: Bool { trustedAt != nil }
    /// What its owner calls it, or what it says of itself.
    package var title: String { name ?? platform.name }
}

/// One completed sign-in.
package struct Arrival: Sendable, Hashable {
    package let at: Instant
    package let device: DeviceID?
    package let platform: DevicePlatform
    package let network: String?
    /// RFC 8176 names of what was shown.
    package let methods: [String]
}

/// What a tenant's administrators see of a member's device: nothing of where it was or of what it did elsewhere.
package struct DeviceUse: Sendable, Hashable {
    package let device: DeviceID
    package let platform: DevicePlatform
    package let isTrusted: Bool
    package let isRevoked: Bool
    /// At this tenant's hosts.
    package let firstSeenAt: Instant
    package let lastSeenAt: Instant
    /// When an administrator last ended what was open there, and who.
    package let endedAt: Instant?
    package let endedBy: AccountID?
    /// Open now, at this tenant's hosts.
    package let sessions: Int
}

extension Device {
    static let columns: SQL = """
        device.id, device.account, device.name, device.browser, device.system, device.first_seen_at, device.last_seen_at, device.network,
        device.trusted_at, device.revoked_at
        """

    init(row: Row) throws {
        self.init(
            id: try row.get(0), account: try row.get(1), name: try row.get(2),
            platform: DevicePlatform(browser: try row.get(3), system: try row.get(4)), firstSeenAt: try row.get(5),
            lastSeenAt: try row.get(6), network: try row.get(7), trustedAt: try row.get(8), revokedAt: try row.get(9))
    }
}
