import Audit
import Storage
import Vocabulary

/// The register of devices: what people sign in with, when they last did, and the end of it where one is lost.
package struct Devices: Sendable {
    let plane: ControlPlane

    package init(_ plane: ControlPlane) { self.plane = plane }

    package static let migrations: [Migration] = [
        Migration("identity_0013_devices") { dialect in
            [
                """
                CREATE TABLE device (
                    id TEXT NOT NULL PRIMARY KEY,
                    account TEXT NOT NULL REFERENCES account (id),
                    token_digest TEXT NOT NULL,
                    name TEXT,
                    browser TEXT,
                    system TEXT,
                    first_seen_at \(dialect.instant) NOT NULL,
                    last_seen_at \(dialect.instant) NOT NULL,
                    network TEXT,
                    trusted_at \(dialect.instant),
                    revoked_at \(dialect.instant)
                )\(dialect.strict)
                """,
                // A revoked browser that signs in again is a new device.
                "CREATE UNIQUE INDEX device_by_token ON device (token_digest, account) WHERE revoked_at IS NULL",
                "CREATE INDEX device_by_account ON device (account, last_seen_at)",
                """
                CREATE TABLE device_use (
                    device TEXT NOT NULL REFERENCES device (id) ON DELETE CASCADE,
                    tenant TEXT NOT NULL,
                    first_seen_at \(dialect.instant) NOT NULL,
                    last_seen_at \(dialect.instant) NOT NULL,
                    PRIMARY KEY (device, tenant)
                )\(dialect.strict)
                """,
                """
                CREATE TABLE arrival (
                    session TEXT NOT NULL PRIMARY KEY,
                    account TEXT NOT NULL REFERENCES account (id),
                    device TEXT,
                    at \(dialect.instant) NOT NULL,
                    browser TEXT,
                    system TEXT,
                    network TEXT,
                    methods TEXT NOT NULL
                )\(dialect.strict)
                """,
                "CREATE INDEX arrival_by_account ON arrival (account, at)",
                "ALTER TABLE session ADD COLUMN device TEXT",
                "ALTER TABLE session ADD COLUMN browser_digest TEXT",
                "CREATE INDEX session_by_device ON session (device)",
            ]
        }
    ]

    /// How long a device that nobody uses stays known, and how long its cookie lives: as long as browsers keep one at most.
    package static let life = Duration.days(400)
    /// How long sign-ins are remembered, and devices that were revoked.
    static let kept = Duration.days(400)

    // MARK: Looking

    /// The devices of an account that are not revoked, newest use first.
    package func list(of account: AccountID) async throws -> [Device] {
        try await plane.database.read { reader in
            try reader.rows(
                """
                SELECT \(Device.columns) FROM device WHERE account = \(account) AND revoked_at IS NULL
                ORDER BY last_seen_at DESC, id DESC LIMIT 1000
                """
            ).map(Device.init(row:))
        }
    }

    /// The last sign-ins of an account, newest first.
    package func arrivals(of account: AccountID, limit: Int = 30) async throws -> [Arrival] {
        try await plane.database.read { reader in
            try reader.rows(
                """
                SELECT at, device, browser, system, network, methods FROM arrival WHERE account = \(account)
                ORDER BY at DESC, session DESC LIMIT \(min(max(limit, 1), 1000))
                """
            ).map { row in
                Arrival(
                    at: try row.get(0), device: try row.get(1), platform: DevicePlatform(browser: try row.get(2), system: try row.get(3)),
                    network: try row.get(4), methods: try row.get(5, as: String.self).split(separator: " ").map(String.init))
            }
        }
    }

    // MARK: Changing

    /// Throws ``Refusal`` `device-name`, `not-found`, as all that follows.
    package func rename(_ id: DeviceID, to rawName: String, by principal: Principal) async throws {
        guard let name = Text.name(rawName, limit: 60) else {
            throw Refusal.invalid("device-name", "A name has 1 to 60 characters, without control characters.", field: "name")
        }
        try await change(id, by: principal) { transaction, device in
            try transaction.run("UPDATE device SET name = \(name) WHERE id = \(device.id)")
        }
    }

    /// Says that the device is its owner's alone, or takes that back. Trusting takes a recent proof, since less is asked afterwards.
    package func setTrust(_ trusted: Bool, of id: DeviceID, in session: Session, by principal: Principal) async throws {
        if trusted { try RecentProof.require(since: session.authenticatedAt, at: plane.clock.now()) }
        try await change(id, by: principal) { transaction, device in
            guard device.isTrusted != trusted else { return }
            let now = plane.clock.now()
            try transaction.run("UPDATE device SET trusted_at = \(trusted ? now : nil) WHERE id = \(device.id)")
            try plane.audit.record(
                trusted
                    ? .deviceTrusted(account: device.account, device: device.id)
                    : .deviceDistrusted(account: device.account, device: device.id),
                by: principal, at: now, in: transaction)
        }
    }

    /// The device is nobody's any more: its sessions end, and with them the tokens of applications that were allowed in them, also those that
    /// outlive a session. Signing in on it again makes it a new one.
    package func revoke(_ id: DeviceID, by principal: Principal) async throws {
        try await change(id, by: principal) { transaction, device in
            let now = plane.clock.now()
            try transaction.run("UPDATE device SET revoked_at = \(now), trusted_at = NULL WHERE id = \(device.id)")
            try Sessions(plane).endForGood("account = \(device.account) AND device = \(device.id)", at: now, in: transaction)
            try plane.audit.record(.deviceRevoked(account: device.account, device: device.id), by: principal, at: now, in: transaction)
            try plane.invalidate(.account(device.account), in: transaction)
        }
    }

    /// Only one's own, and only while it is known.
    private func change(
        _ id: DeviceID, by principal: Principal, _ body: @escaping @Sendable (any Transaction, Device) throws -> Void
    ) async throws {
        guard let owner = principal.account else { throw Refusal.notFound("device") }
        try await plane.write { transaction in
            let row = try transaction.row(
                "SELECT \(Device.columns) FROM device WHERE id = \(id) AND account = \(owner) AND revoked_at IS NULL")
            guard let device = try row.map(Device.init(row:)) else { throw Refusal.notFound("device") }
            try body(transaction, device)
        }
    }

    /// Forgets what nobody used for long.
    func sweep() async throws {
        let before = plane.clock.now() - Self.kept
        try await plane.write { transaction in
            try transaction.run("DELETE FROM arrival WHERE at < \(before)")
            try transaction.run("DELETE FROM device WHERE last_seen_at < \(before)")
        }
    }
}

// MARK: Knowing one again

extension Devices {
    /// The device of `account` that keeps the token of this digest.
    static func find(_ token: TokenDigest?, of account: AccountID, in reader: any Reader) throws -> Device? {
        guard let token else { return nil }
        return try reader.row(
            "SELECT \(Device.columns) FROM device WHERE token_digest = \(token) AND account = \(account) AND revoked_at IS NULL"
        ).map(Device.init(row:))
    }

    /// Whose devices keep this token: remembered until one of them changes. For the door, which asks it about those who are kept out.
    package func owners(ofToken token: String) async throws -> [DeviceID: AccountID] {
        guard token.utf8.count == 43 else { return [:] }
        let digest = TokenDigest(of: token)
        if let known = plane.browsers[digest] { return known }
        let generation = plane.browsers.generation
        let rows = try await plane.database.read { reader in
            try reader.rows("SELECT id, account FROM device WHERE token_digest = \(digest) AND revoked_at IS NULL")
                .map { (try $0.get(0, as: DeviceID.self), try $0.get(1, as: AccountID.self)) }
        }
        let owners = Dictionary(rows) { first, _ in first }
        plane.browsers.insert(owners, for: digest, readAt: generation)
        return owners
    }

    /// Notes that a tenant's host was entered with a device.
    static func noteUse(of device: DeviceID, in tenant: TenantID, at now: Instant, in transaction: any Transaction) throws {
        try transaction.run(
            """
            INSERT INTO device_use (device, tenant, first_seen_at, last_seen_at) VALUES (\(device), \(tenant), \(now), \(now))
            ON CONFLICT (device, tenant) DO UPDATE SET last_seen_at = excluded.last_seen_at
            """)
    }
}
