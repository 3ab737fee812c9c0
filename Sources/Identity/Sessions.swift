import Audit
import Storage
import Vocabulary

/// Every session of the installation. Only digests of their tokens are stored.
package struct Sessions: Sendable {
    let plane: ControlPlane
    let life: SessionLife

    package init(_ plane: ControlPlane, life: SessionLife = SessionLife()) {
        self.plane = plane
        self.life = life
    }

    package static let migrations: [Migration] = [
        Migration("identity_0004_sessions") { dialect in
            [
                """
                CREATE TABLE session (
                    id TEXT NOT NULL PRIMARY KEY,
                    token_digest TEXT NOT NULL UNIQUE,
                    account TEXT NOT NULL REFERENCES account (id),
                    environment TEXT,
                    tenant TEXT,
                    parent TEXT REFERENCES session (id),
                    stage TEXT NOT NULL CHECK (stage IN ('factor', 'enrolment', 'complete')),
                    created_at \(dialect.instant) NOT NULL,
                    authenticated_at \(dialect.instant) NOT NULL,
                    last_seen_at \(dialect.instant) NOT NULL,
                    idle_life \(dialect.instant) NOT NULL,
                    ends_at \(dialect.instant) NOT NULL,
                    ended_at \(dialect.instant),
                    ending TEXT,
                    address TEXT,
                    agent TEXT,
                    methods TEXT NOT NULL,
                    CHECK ((environment IS NULL) = (parent IS NULL))
                )\(dialect.strict)
                """,
                "CREATE INDEX session_by_account ON session (account, ended_at)",
                "CREATE INDEX session_by_parent ON session (parent)",
                "CREATE INDEX session_by_end ON session (ends_at) WHERE ended_at IS NULL",
            ]
        }
    ]

    // MARK: Finding

    /// The live session that `token` belongs to; nil for every other token. Writes down that it was seen, at most once a minute.
    ///
    /// A session that is found past its end is marked as ended for good, so that a clock set back can't revive it.
    package func find(token: String) async throws -> Session? {
        // Anything else can't be ours, and an attacker's megabyte isn't worth hashing.
        guard token.utf8.count == 43 else { return nil }
        let digest = TokenDigest(of: token)
        let now = plane.clock.now()
        if let cached = plane.sessions[digest], cached.isAlive(at: now), now < cached.lastSeenAt + Self.seenInterval { return cached }
        let generation = plane.sessions.generation
        let found = try await plane.database.read { reader in
            try reader.row(
                """
                SELECT \(Session.columns) FROM session JOIN account ON account.id = session.account
                WHERE session.token_digest = \(digest) AND session.ended_at IS NULL AND account.state = 'active'
                """
            ).map(Session.init(row:))
        }
        guard let found else { return nil }
        guard found.isAlive(at: now) else {
            try await expire(found, at: now)
            return nil
        }
        guard now >= found.lastSeenAt + Self.seenInterval else {
            plane.sessions.insert(found, for: digest, readAt: generation)
            return found
        }
        // The parent is kept alive by its child: a person at work at a tenant's host is not idle.
        let seen = try await plane.write { transaction in
            try transaction.run(
                """
                UPDATE session SET last_seen_at = \(now) WHERE id = \(found.parent) AND ended_at IS NULL AND last_seen_at < \(now)
                """)
            return try transaction.row(
                "UPDATE session SET last_seen_at = \(now) WHERE id = \(found.id) AND ended_at IS NULL RETURNING \(Session.columns)"
            ).map(Session.init(row:))
        }
        if let seen { plane.sessions.insert(seen, for: digest, readAt: generation) }
        return seen
    }

    /// A live session by its identifier: what a token's `sid` points to.
    package func find(_ id: SessionID) async throws -> Session? {
        let now = plane.clock.now()
        return try await plane.database.read { reader in
            try Self.find(id, in: reader).flatMap { $0.isAlive(at: now) ? $0 : nil }
        }
    }

    /// The live sessions of an account, newest use first.
    package func list(of account: AccountID) async throws -> [Session] {
        let now = plane.clock.now()
        return try await plane.database.read { reader in
            try reader.rows(
                """
                SELECT \(Session.columns) FROM session WHERE account = \(account) AND ended_at IS NULL
                ORDER BY last_seen_at DESC, id DESC LIMIT 1000
                """
            ).map(Session.init(row:)).filter { $0.isAlive(at: now) }
        }
    }

    /// When each member of a tenant last did something at one of its hosts. Who was not there for ``kept`` is missing.
    ///
    /// For the tenant's administrators, so it says nothing of other tenants' hosts and of the apex: what a person does there is not theirs
    /// to know.
    package func lastSeen(in tenant: TenantID) async throws -> [AccountID: Instant] {
        try await plane.database.read { reader in
            let rows = try reader.rows(
                """
                SELECT session.account, max(session.last_seen_at) FROM membership
                JOIN session ON session.account = membership.account AND session.tenant = membership.tenant
                WHERE membership.tenant = \(tenant) GROUP BY session.account
                """)
            return try Dictionary(rows.map { (try $0.get(0), try $0.get(1)) }) { first, _ in first }
        }
    }

    // MARK: Starting

    /// The session of a tenant's host, as a child of a finished apex session. The caller has checked the authorization code.
    package func startEnvironment(
        _ environment: EnvironmentID, of tenant: TenantID, under parent: SessionID, address: String?, agent: String?
    ) async throws -> IssuedSession {
        try await plane.write { transaction in
            let now = plane.clock.now()
            guard let apex = try Self.find(parent, in: transaction), apex.isAlive(at: now), apex.environment == nil,
                apex.stage == .complete,
                let account = try Accounts.find(apex.account, in: transaction), account.isActive,
                try Memberships.active(apex.account, in: tenant, reader: transaction) != nil,
                try SignInRules.rule(of: tenant, in: transaction).admits(apex.methods),
                try !Devices.isEnded(apex.device, in: tenant, since: apex.authenticatedAt, reader: transaction)
            else { throw Self.signInAgain }
            let issued = make(
                account: account.id, environment: environment, tenant: tenant, parent: apex, stage: .complete, address: address,
                agent: agent.map { UserAgent($0) }, device: apex.device, methods: apex.methods, at: now)
            if let device = apex.device { try Devices.noteUse(of: device, in: tenant, at: now, in: transaction) }
            try insert(issued, by: Principal(.account(account.id), session: issued.session.id, address: address), in: transaction)
            return issued
        }
    }

    // MARK: Ending

    /// Ends the apex session and everything below it, wherever the person pressed "sign out".
    package func signOut(_ session: Session, by principal: Principal) async throws {
        try await end(
            session.parent ?? session.id, of: session.account, because: .signedOut, event: .signedOut(session: session.id), by: principal)
    }

    /// One of the person's own sessions, from the list of sessions.
    package func revoke(_ id: SessionID, by principal: Principal) async throws {
        guard let account = principal.account else { throw Refusal.notFound("session") }
        try await end(id, of: account, because: .revoked, event: .sessionRevoked(session: id, account: account), by: principal)
    }

    /// All sessions of the person but the one in use.
    package func revokeOthers(than current: Session, by principal: Principal) async throws {
        guard principal.account == current.account else { throw Refusal.notFound("session") }
        let keep = current.parent ?? current.id
        try await plane.write { transaction in
            let now = plane.clock.now()
            let ended = try transaction.rows(
                """
                UPDATE session SET ended_at = \(now), ending = 'revoked'
                WHERE account = \(current.account) AND ended_at IS NULL AND id <> \(keep) AND (parent IS NULL OR parent <> \(keep))
                RETURNING id
                """)
            for row in ended {
                try plane.audit.record(
                    .sessionRevoked(session: try row.get(0), account: current.account), by: principal, at: now, in: transaction)
            }
            try plane.invalidate(.account(current.account), in: transaction)
        }
    }

    /// Marks what has ended by itself, and forgets rows that ended long ago. Run it every minute or so.
    /// Returns how many were marked.
    @discardableResult
    package func sweep() async throws -> Int {
        let now = plane.clock.now()
        return try await plane.write { transaction in
            let marked = try transaction.rows(
                """
                UPDATE session SET ended_at = \(now), ending = 'expired'
                WHERE ended_at IS NULL AND (ends_at <= \(now) OR last_seen_at + idle_life <= \(now)) RETURNING account
                """)
            let accounts = try Set(marked.map { try $0.get(0, as: AccountID.self) })
            if accounts.count > Self.namedAtOnce {
                try plane.invalidate(.rights, in: transaction)
            } else {
                for account in accounts { try plane.invalidate(.account(account), in: transaction) }
            }
            try transaction.run(
                """
                DELETE FROM session WHERE ended_at < \(now - Self.kept)
                AND NOT EXISTS (SELECT 1 FROM session AS child WHERE child.parent = session.id)
                """)
            return marked.count
        }
    }

    private func end(
        _ root: SessionID, of account: AccountID, because ending: Session.Ending, event: AuditEvent, by principal: Principal
    ) async throws {
        try await plane.write { transaction in
            let now = plane.clock.now()
            let ended = try transaction.run(
                """
                UPDATE session SET ended_at = \(now), ending = \(ending.rawValue)
                WHERE (id = \(root) OR parent = \(root)) AND account = \(account) AND ended_at IS NULL
                """)
            guard ended > 0 else {
                if ending == .revoked { throw Refusal.notFound("session") }
                return
            }
            try plane.audit.record(event, by: principal, at: now, in: transaction)
            try plane.invalidate(.account(account), in: transaction)
        }
    }

    private func expire(_ session: Session, at now: Instant) async throws {
        try await plane.write { transaction in
            try transaction.run(
                """
                UPDATE session SET ended_at = \(now), ending = 'expired' WHERE (id = \(session.id) OR parent = \(session.id))
                    AND ended_at IS NULL
                """)
            try plane.invalidate(.account(session.account), in: transaction)
        }
    }

    static let seenInterval = Duration.minutes(1)
    /// When more people than this have to be forgotten at once, everybody is.
    private static let namedAtOnce = 50
    /// Ended sessions stay as long as any grant that was given in them, since that asks how its session ended.
    static let kept = Duration.days(92)
    static let signInAgain = Refusal(.unauthenticated, "sign-in-again", "Your session has ended. Please sign in again.")
}

// MARK: Inside a transaction of somebody else

extension Sessions {
    package static func find(_ id: SessionID, in reader: any Reader) throws -> Session? {
        try reader.row("SELECT \(Session.columns) FROM session WHERE id = \(id)").map(Session.init(row:))
    }

    func startApex(
        account: AccountID, stage: Session.Stage, methods: [String], by principal: Principal, agent: UserAgent?,
        hasCommonPassword: Bool = false, in transaction: any Transaction
    ) throws -> IssuedSession {
        let known = try Devices.find(agent?.device, of: account, in: transaction)
        let issued = make(
            account: account, environment: nil, tenant: nil, parent: nil, stage: stage, address: principal.address, agent: agent,
            device: known?.id, hasCommonPassword: hasCommonPassword, methods: methods, at: plane.clock.now())
        try insert(issued, by: principal, in: transaction)
        return issued
    }

    /// The second factor was shown: a new token for the same session, since whoever knew the old one must gain nothing by it.
    func complete(_ session: Session, methods shown: [String], by principal: Principal, in transaction: any Transaction) throws
        -> IssuedSession
    {
        let now = plane.clock.now()
        let token = Token(entropy: plane.entropy)
        let methods = (session.methods.filter { !shown.contains($0) } + shown).joined(separator: " ")
        let row = try transaction.row(
            """
            UPDATE session SET stage = 'complete', token_digest = \(token.digest), authenticated_at = \(now), last_seen_at = \(now),
                idle_life = \(life.idle.microseconds), ends_at = \(now + life.absolute), methods = \(methods)
            WHERE id = \(session.id) AND ended_at IS NULL RETURNING \(Session.columns)
            """)
        guard let row else { throw Self.signInAgain }
        try plane.invalidate(.session(session.id), in: transaction)
        return IssuedSession(session: try Session(row: row), token: token)
    }

    /// One more thing was shown in a finished session: a new token for it. When the person last proved who they are stays as it was.
    func add(_ method: String, to session: Session, in transaction: any Transaction) throws -> IssuedSession {
        let token = Token(entropy: plane.entropy)
        let methods = (session.methods.filter { $0 != method } + [method]).joined(separator: " ")
        let row = try transaction.row(
            """
            UPDATE session SET token_digest = \(token.digest), last_seen_at = \(plane.clock.now()), methods = \(methods)
            WHERE id = \(session.id) AND stage = 'complete' AND ended_at IS NULL RETURNING \(Session.columns)
            """)
        guard let row else { throw Self.signInAgain }
        try plane.invalidate(.session(session.id), in: transaction)
        return IssuedSession(session: try Session(row: row), token: token)
    }

    /// For `disable`, a new password, and the like: all sessions of the account but `kept` and its children.
    func endAll(
        of account: AccountID, but kept: SessionID? = nil, because ending: Session.Ending, at now: Instant, in transaction: any Transaction
    ) throws {
        let others: SQL = kept.map { "AND id <> \($0) AND (parent IS NULL OR parent <> \($0))" } ?? ""
        try transaction.run(
            """
            UPDATE session SET ended_at = \(now), ending = \(ending.rawValue)
            WHERE account = \(account) AND ended_at IS NULL \(others)
            """)
        try plane.invalidate(.account(account), in: transaction)
    }

    /// Ends the sessions that `which` says, and marks those that fell asleep before: whatever outlives its session, an application's
    /// access, ends too. Returns how many had not ended yet. The caller invalidates.
    @discardableResult
    func endForGood(_ which: SQL, at now: Instant, in transaction: any Transaction) throws -> Int {
        try transaction.run("UPDATE session SET ending = 'revoked' WHERE \(which) AND ending = 'expired'")
        return try transaction.run("UPDATE session SET ended_at = \(now), ending = 'revoked' WHERE \(which) AND ended_at IS NULL")
    }

    /// All of them, and what applications hold by them. Returns how many had not ended yet. For when nobody is served yet.
    package func endEverybodys(at now: Instant, in transaction: any Transaction) throws -> Int {
        try endForGood("1 = 1", at: now, in: transaction)
    }

    func endAll(in tenant: TenantID, at now: Instant, in transaction: any Transaction) throws -> Int {
        try endForGood("tenant = \(tenant)", at: now, in: transaction)
    }

    func endAll(
        of account: AccountID, in tenant: TenantID, because ending: Session.Ending, at now: Instant, in transaction: any Transaction
    ) throws {
        try transaction.run(
            """
            UPDATE session SET ended_at = \(now), ending = \(ending.rawValue)
            WHERE account = \(account) AND tenant = \(tenant) AND ended_at IS NULL
            """)
        try plane.invalidate(.account(account), in: transaction)
    }

    private func make(
        account: AccountID, environment: EnvironmentID?, tenant: TenantID?, parent: Session?, stage: Session.Stage, address: String?,
        agent: UserAgent?, device: DeviceID?, hasCommonPassword: Bool = false, methods: [String], at now: Instant
    ) -> IssuedSession {
        let finished = stage == .complete
        let end = now + (finished ? life.absolute : life.unfinished)
        let session = Session(
            id: SessionID(at: now, entropy: plane.entropy), account: account, environment: environment, tenant: tenant, parent: parent?.id,
            stage: stage, createdAt: now, authenticatedAt: parent?.authenticatedAt ?? now, lastSeenAt: now,
            idleLife: finished ? life.idle : life.unfinished, endsAt: parent.map { min($0.endsAt, end) } ?? end, endedAt: nil, ending: nil,
            address: address, agent: agent?.text, methods: methods, device: device, browser: agent?.device,
            hasCommonPassword: hasCommonPassword)
        return IssuedSession(session: session, token: Token(entropy: plane.entropy))
    }

    private func insert(_ issued: IssuedSession, by principal: Principal, in transaction: any Transaction) throws {
        let session = issued.session
        try transaction.run(
            """
            INSERT INTO session (id, token_digest, account, environment, tenant, parent, stage, created_at, authenticated_at, last_seen_at,
                idle_life, ends_at, address, agent, methods, device, browser_digest, guessable)
            VALUES (\(session.id), \(issued.token.digest), \(session.account), \(session.environment), \(session.tenant), \(session.parent),
                \(session.stage.rawValue), \(session.createdAt), \(session.authenticatedAt), \(session.lastSeenAt),
                \(session.idleLife.microseconds), \(session.endsAt), \(session.address), \(session.agent),
                \(session.methods.joined(separator: " ")), \(session.device), \(session.browser),
                \(session.hasCommonPassword))
            """)
        try plane.audit.record(.sessionStarted(session: session.id), by: principal, at: session.createdAt, in: transaction)
    }
}
