import Audit
import Identity
import Storage
import Vocabulary

/// The register of bans and of addresses that are never banned.
package struct Bans: Sendable {
    let plane: ControlPlane
    package let policy: BanPolicy

    package init(_ plane: ControlPlane, policy: BanPolicy = BanPolicy()) {
        self.plane = plane
        self.policy = policy
    }

    package static let migrations: [Migration] = [
        Migration("guard_0001_bans") { dialect in
            let (instant, strict): (SQL, SQL) = dialect == .sqlite ? ("INTEGER", " STRICT") : ("BIGINT", "")
            return [
                """
                CREATE TABLE ban (
                    id TEXT NOT NULL PRIMARY KEY,
                    addresses TEXT NOT NULL,
                    reason TEXT NOT NULL,
                    strike INTEGER NOT NULL,
                    since \(instant) NOT NULL,
                    until \(instant) NOT NULL,
                    lifted_at \(instant),
                    lifted_by TEXT
                )\(strict)
                """,
                "CREATE INDEX ban_by_addresses ON ban (addresses, since)",
                "CREATE INDEX ban_by_end ON ban (until) WHERE lifted_at IS NULL",
                "CREATE INDEX ban_by_beginning ON ban (since)",
                "CREATE TABLE allowed_range (addresses TEXT NOT NULL PRIMARY KEY, since \(instant) NOT NULL, added_by TEXT NOT NULL)\(strict)",
            ]
        }
    ]

    /// One entry of the list of those who are never banned.
    package struct Allowed: Sendable, Hashable {
        package let range: AddressRange
        package let since: Instant
        package let by: String
    }

    /// Most entries of that list: each request that offends is compared with all of them.
    package static let mostAllowed = 1000
    /// Nobody's networks (RFC 5737, RFC 3849).
    package static let documentation = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"].compactMap {
        AddressRange($0)
    }
    /// How long what is over is kept.
    package static let kept = Duration.days(400)

    // MARK: Beginning

    /// Bans a block for what it did. Nil where it is banned already: of any number of calls at once, on any nodes, one makes a ban.
    @discardableResult
    package func impose(on range: AddressRange, for offence: Offence, by principal: Principal) async throws -> Ban? {
        try await plane.write { transaction in
            let now = plane.clock.now()
            let last = try newest(of: range, in: transaction)
            if let last, last.isInForce(at: now) { return nil }
            let strike = policy.strike(after: last, at: now)
            return try insert(range, .offence(offence), strike, policy.length(ofStrike: strike), by: principal, in: transaction)
        }
    }

    /// - Throws: ``Refusal`` `ban-length`, `ban-too-wide`, `already-banned`; `operators-only`, as all that follows.
    package func add(_ range: AddressRange, for length: Duration, by principal: Principal) async throws -> Ban {
        guard length >= .seconds(1), length <= .days(366) else {
            throw Refusal.invalid("ban-length", "A ban lasts from a second to 366 days.", field: "for")
        }
        try requireNarrow(range)
        return try await plane.write { transaction in
            try Staff.requireOperator(principal, in: transaction)
            let now = plane.clock.now()
            if let last = try newest(of: range, in: transaction), last.isInForce(at: now) {
                throw Refusal.conflict("already-banned", "\(range) is banned until \(last.until). Lift that ban first.", field: "addresses")
            }
            return try insert(range, .byHand, 1, length, by: principal, in: transaction)
        }
    }

    private func insert(
        _ range: AddressRange, _ reason: Ban.Reason, _ strike: Int, _ length: Duration, by principal: Principal,
        in transaction: any Transaction
    ) throws -> Ban {
        let now = plane.clock.now()
        let ban = Ban(
            id: BanID(at: now, entropy: plane.entropy), range: range, reason: reason, strike: strike, since: now, until: now + length,
            liftedAt: nil, liftedBy: nil)
        try transaction.run(
            """
            INSERT INTO ban (id, addresses, reason, strike, since, until)
            VALUES (\(ban.id), \(range.description), \(reason.name), \(strike), \(now), \(ban.until))
            """)
        try plane.audit.record(
            .banned(ban: ban.id, reason: reason.name, strike: strike, seconds: Int(length.components.seconds)), by: principal, at: now,
            in: transaction)
        try plane.invalidate(.ban(ban.id), in: transaction)
        return ban
    }

    // MARK: Ending

    /// Ends a ban early. Nothing happens to one that is lifted already.
    package func lift(_ id: BanID, by principal: Principal) async throws -> Ban {
        try await plane.write { transaction in
            try Staff.requireOperator(principal, in: transaction)
            guard let ban = try Self.find(id, in: transaction) else { throw Refusal.notFound("ban") }
            let now = plane.clock.now()
            guard ban.liftedAt == nil else { return ban }
            let row = try transaction.row(
                "UPDATE ban SET lifted_at = \(now), lifted_by = \(Self.name(of: principal)) WHERE id = \(id) RETURNING \(Ban.columns)")
            try plane.audit.record(.banLifted(ban: id), by: principal, at: now, in: transaction)
            try plane.invalidate(.ban(id), in: transaction)
            return try row.map(Ban.init(row:)) ?? ban
        }
    }

    /// Takes the lifting back; the ban goes on until its old end.
    package func reinstate(_ id: BanID, by principal: Principal) async throws -> Ban {
        try await plane.write { transaction in
            try Staff.requireOperator(principal, in: transaction)
            guard let ban = try Self.find(id, in: transaction) else { throw Refusal.notFound("ban") }
            let now = plane.clock.now()
            guard ban.liftedAt != nil else { return ban }
            guard now < ban.until else { throw Refusal.conflict("ban-over", "This ban would have ended by now.") }
            if let other = try newest(of: ban.range, in: transaction), other.id != id, other.isInForce(at: now) {
                throw Refusal.conflict("already-banned", "\(ban.range) is banned again already, until \(other.until).")
            }
            let row = try transaction.row(
                "UPDATE ban SET lifted_at = NULL, lifted_by = NULL WHERE id = \(id) RETURNING \(Ban.columns)")
            try plane.audit.record(.banReinstated(ban: id), by: principal, at: now, in: transaction)
            try plane.invalidate(.ban(id), in: transaction)
            return try row.map(Ban.init(row:)) ?? ban
        }
    }

    // MARK: Never banned

    /// - Throws: ``Refusal`` `too-many-allowed`
    package func allow(_ range: AddressRange, by principal: Principal) async throws {
        try await plane.write { transaction in
            try Staff.requireOperator(principal, in: transaction)
            let now = plane.clock.now()
            let count = try transaction.value("SELECT count(*) FROM allowed_range", as: Int.self) ?? 0
            guard count < Self.mostAllowed else {
                throw Refusal.conflict("too-many-allowed", "At most \(Self.mostAllowed) ranges can be on the list.", field: "addresses")
            }
            let added = try transaction.run(
                """
                INSERT INTO allowed_range (addresses, since, added_by) VALUES (\(range.description), \(now), \(Self.name(of: principal)))
                ON CONFLICT (addresses) DO NOTHING
                """)
            guard added == 1 else { return }
            try plane.audit.record(.rangeAllowed(bits: range.prefixBits), by: principal, at: now, in: transaction)
            try plane.invalidate(.allowedRanges, in: transaction)
        }
    }

    package func disallow(_ range: AddressRange, by principal: Principal) async throws {
        try await plane.write { transaction in
            try Staff.requireOperator(principal, in: transaction)
            guard try transaction.run("DELETE FROM allowed_range WHERE addresses = \(range.description)") == 1 else {
                throw Refusal.notFound("range on the list")
            }
            try plane.audit.record(
                .rangeNoLongerAllowed(bits: range.prefixBits), by: principal, at: plane.clock.now(), in: transaction)
            try plane.invalidate(.allowedRanges, in: transaction)
        }
    }

    package func allowed() async throws -> [Allowed] {
        try await plane.database.read { try Self.allowed(in: $0) }
    }

    // MARK: Finding

    /// Those in force, newest first, at most 1,000.
    package func inForce() async throws -> [Ban] {
        let now = plane.clock.now()
        return try await plane.database.read { reader in
            try reader.rows(
                """
                SELECT \(Ban.columns) FROM ban WHERE lifted_at IS NULL AND until > \(now) ORDER BY since DESC, id DESC LIMIT 1000
                """
            ).map(Ban.init(row:))
        }
    }

    /// Those that are over or lifted, newest first.
    package func history(limit: Int = 100) async throws -> [Ban] {
        let now = plane.clock.now()
        return try await plane.database.read { reader in
            try reader.rows(
                """
                SELECT \(Ban.columns) FROM ban WHERE lifted_at IS NOT NULL OR until <= \(now) ORDER BY since DESC, id DESC LIMIT \(limit)
                """
            ).map(Ban.init(row:))
        }
    }

    /// The ban of exactly this block that lasts longest, or lasted. Lifted ones were mistakes and don't count.
    package func newest(of range: AddressRange) async throws -> Ban? {
        try await plane.database.read { try newest(of: range, in: $0) }
    }

    private func newest(of range: AddressRange, in reader: any Reader) throws -> Ban? {
        try reader.row(
            """
            SELECT \(Ban.columns) FROM ban WHERE addresses = \(range.description) AND lifted_at IS NULL
            ORDER BY until DESC, id DESC LIMIT 1
            """
        ).map(Ban.init(row:))
    }

    package static func find(_ id: BanID, in reader: any Reader) throws -> Ban? {
        try reader.row("SELECT \(Ban.columns) FROM ban WHERE id = \(id)").map(Ban.init(row:))
    }

    static func allowed(in reader: any Reader) throws -> [Allowed] {
        try reader.rows("SELECT addresses, since, added_by FROM allowed_range ORDER BY since, addresses").compactMap { row in
            try AddressRange(try row.get(0, as: String.self)).map { Allowed(range: $0, since: try row.get(1), by: try row.get(2)) }
        }
    }

    /// Forgets what was over long ago.
    package func sweep() async throws {
        let before = plane.clock.now() - Self.kept
        try await plane.write { try $0.run("DELETE FROM ban WHERE until < \(before)") }
    }

    // MARK: Rules

    /// A slip of the finger must not shut out half of the internet.
    private func requireNarrow(_ range: AddressRange) throws {
        let isFour = range.start.isIPv4 && range.prefixBits >= 96
        guard range.prefixBits >= (isFour ? 96 + 8 : 16) else {
            throw Refusal.invalid("ban-too-wide", "A ban may be for a /8 of IPv4 or a /16 of IPv6 at most.", field: "addresses")
        }
    }

    private static func name(of principal: Principal) -> String {
        switch principal.kind {
        case .account(let id): id.description
        case .client(let client): "client/\(client)"
        case .shell(let user): "shell/\(user)"
        case .platform(let component): "platform/\(component)"
        case .anonymous: "anonymous"
        }
    }
}
