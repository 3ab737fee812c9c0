import Audit
import Storage
import Vocabulary

// What a tenant's administrators do about a member's device: they end what is open at their own hosts. The device stays the person's.
extension Devices {
    package static let memberMigrations: [Migration] = [
        Migration("identity_0019_device_endings") { dialect in
            [
                "ALTER TABLE device_use ADD COLUMN ended_at \(dialect.instant)",
                "ALTER TABLE device_use ADD COLUMN ended_by TEXT",
            ]
        }
    ]

    /// For a tenant's administrators: the devices that a member used at its hosts, newest use first.
    package func uses(by account: AccountID, in tenant: TenantID) async throws -> [DeviceUse] {
        let now = plane.clock.now()
        return try await plane.database.read { reader in
            guard try Memberships.find(account, in: tenant, reader: reader) != nil else { throw Refusal.notFound("member") }
            return try reader.rows(
                """
                SELECT device.id, device.browser, device.system, device.trusted_at, device.revoked_at, device_use.first_seen_at,
                    device_use.last_seen_at, device_use.ended_at, device_use.ended_by,
                    (SELECT count(*) FROM session WHERE session.device = device.id AND session.tenant = device_use.tenant
                        AND session.ended_at IS NULL AND session.ends_at > \(now) AND session.last_seen_at + session.idle_life > \(now))
                FROM device_use JOIN device ON device.id = device_use.device
                WHERE device.account = \(account) AND device_use.tenant = \(tenant)
                ORDER BY device_use.last_seen_at DESC, device.id DESC LIMIT 1000
                """
            ).map { row in
                DeviceUse(
                    device: try row.get(0), platform: DevicePlatform(browser: try row.get(1), system: try row.get(2)),
                    isTrusted: try row.get(3, as: Instant?.self) != nil, isRevoked: try row.get(4, as: Instant?.self) != nil,
                    firstSeenAt: try row.get(5), lastSeenAt: try row.get(6), endedAt: try row.get(7), endedBy: try row.get(8),
                    sessions: try row.get(9))
            }
        }
    }

    /// Ends what is open from a member's device at this tenant: its sessions at once, and tokens of applications that were let in from there.
    /// To come back on it takes a new proof; elsewhere nothing changes. Returns how many sessions ended.
    ///
    /// Throws ``Refusal`` `not-found`, `above-own-rights`, `not-an-administrator`.
    @discardableResult
    package func endSessions(
        on id: DeviceID, of account: AccountID, in tenant: TenantID, vouched: Vouched = .nothing, by principal: Principal
    ) async throws -> Int {
        try await plane.write { transaction in
            guard let membership = try Memberships.find(account, in: tenant, reader: transaction) else { throw Refusal.notFound("member") }
            try Memberships.require(principal, mayGive: Set(membership.roles), in: tenant, vouched: vouched, transaction)
            let now = plane.clock.now()
            let known = try transaction.run(
                """
                UPDATE device_use SET ended_at = \(now), ended_by = \(principal.account)
                WHERE device = \(id) AND tenant = \(tenant)
                    AND EXISTS (SELECT 1 FROM device WHERE device.id = device_use.device AND device.account = \(account))
                """)
            guard known == 1 else { throw Refusal.notFound("device") }
            let ended = try transaction.run(
                """
                UPDATE session SET ended_at = \(now), ending = 'revoked'
                WHERE account = \(account) AND tenant = \(tenant) AND device = \(id) AND ended_at IS NULL
                """)
            try plane.audit.record(
                .deviceSessionsEnded(account: account, device: id, tenant: tenant, sessions: ended), by: principal, at: now, in: transaction
            )
            try plane.invalidate(.account(account), in: transaction)
            return ended
        }
    }

    /// Whether an administrator of the tenant ended what stands on a proof of that time, on that device.
    package static func isEnded(_ device: DeviceID?, in tenant: TenantID, since proof: Instant, reader: any Reader) throws -> Bool {
        guard let device else { return false }
        return try reader.row(
            "SELECT 1 FROM device_use WHERE device = \(device) AND tenant = \(tenant) AND ended_at >= \(proof)") != nil
    }
}
