import Audit
import Storage
import Vocabulary

/// Weighs sign-ins, keeps what was found, and lets people settle it.
package struct Risks: Sendable {
    let plane: ControlPlane
    package let locations: Locations
    /// Tests replace it.
    package var assess: @Sendable (SignInFeatures) -> Risk = { Risk.assess($0) }

    package init(_ plane: ControlPlane, locations: Locations) {
        self.plane = plane
        self.locations = locations
    }

    package static let migrations: [Migration] = [
        Migration("identity_0014_risk") { dialect in
            [
                // Of failures, only counts: how many accounts were tried from a network, from how many networks an account.
                """
                CREATE TABLE failed_sign_in (
                    network TEXT NOT NULL,
                    identifier_digest TEXT NOT NULL,
                    failures INTEGER NOT NULL,
                    last_at \(dialect.instant) NOT NULL,
                    PRIMARY KEY (network, identifier_digest)
                )\(dialect.strict)
                """,
                "CREATE INDEX failed_sign_in_by_identifier ON failed_sign_in (identifier_digest)",
                "CREATE INDEX failed_sign_in_by_time ON failed_sign_in (last_at)",
                """
                CREATE TABLE risk_policy (
                    tenant TEXT NOT NULL PRIMARY KEY,
                    medium TEXT NOT NULL CHECK (medium IN ('allow', 'step-up', 'block')),
                    high TEXT NOT NULL CHECK (high IN ('allow', 'step-up', 'block'))
                )\(dialect.strict)
                """,
                """
                CREATE TABLE risk_event (
                    id TEXT NOT NULL PRIMARY KEY,
                    account TEXT NOT NULL REFERENCES account (id),
                    session TEXT NOT NULL,
                    at \(dialect.instant) NOT NULL,
                    score INTEGER NOT NULL,
                    reasons TEXT NOT NULL,
                    action TEXT NOT NULL CHECK (action IN ('allow', 'step-up', 'block')),
                    state TEXT NOT NULL CHECK (state IN ('open', 'confirmed', 'dismissed')),
                    browser TEXT,
                    system TEXT,
                    network TEXT,
                    country TEXT,
                    methods TEXT NOT NULL,
                    settled_at \(dialect.instant),
                    settled_by TEXT
                )\(dialect.strict)
                """,
                "CREATE INDEX risk_event_by_account ON risk_event (account, at)",
                "CREATE INDEX risk_event_by_session ON risk_event (session)",
                "ALTER TABLE arrival ADD COLUMN country TEXT",
                "ALTER TABLE session ADD COLUMN guessable INTEGER NOT NULL DEFAULT 0",
            ]
        }
    ]

    static let kept = Duration.days(400)
    /// How long failures say anything.
    private static let failureMemory = Duration.days(1)

    package func country(of address: String?) -> Locations.Country? {
        address.flatMap(NetworkAddress.init).flatMap { locations.country(of: $0) }
    }

    // MARK: Weighing

    /// What a sign-in that is right in everything looks like. Nil where nothing speaks against it.
    func weigh(_ session: Session, methods: [String], from address: String?, in transaction: any Transaction) throws -> RiskEvent? {
        let now = plane.clock.now()
        let (network, country) = (Neighbourhood.of(address), country(of: address))
        let history = try history(of: session.account, in: transaction)
        let device = try Devices.find(session.browser, of: session.account, in: transaction)
        var features = history.features(of: .init(at: now, network: network, country: country), on: .new, in: locations)
        // A program keeps no token, so its network has to speak for it.
        features.device =
            device.map { $0.isTrusted ? .trusted : .known } ?? (session.browser == nil && features.isNetworkSeen ? .known : .new)
        features.hasCommonPassword = session.hasCommonPassword
        features.isPasskey = methods.contains("pop")
        if let identifier = try Accounts.find(session.account, in: transaction)?.identifier {
            let digest = digest(identifier)
            features.sprayedAccounts = try network.map { try sprayed(from: $0, but: digest, at: now, in: transaction) } ?? 0
            features.guesses = try guesses(at: digest, notFrom: network, at: now, in: transaction)
        }
        let risk = assess(features)
        guard risk.level > .low else { return nil }
        // A passkey is the further proof that would be asked for.
        let wanted = try policy(for: session.account, in: transaction).action(for: risk.level)
        let platform = DevicePlatform(agent: session.agent)
        return RiskEvent(
            id: RiskEventID(at: now, entropy: plane.entropy), account: session.account, session: session.id, at: now, risk: risk,
            action: features.isPasskey ? .allow : wanted, state: .open, platform: platform, network: network, country: country,
            methods: methods, application: nil, tenant: nil)
    }

    func record(_ event: RiskEvent, by principal: Principal, in transaction: any Transaction) throws {
        try transaction.run(
            """
            INSERT INTO risk_event (id, account, session, at, score, reasons, action, state, browser, system, network, country, methods,
                application, tenant)
            VALUES (\(event.id), \(event.account), \(event.session), \(event.at), \(event.risk.score),
                \(event.risk.reasons.map(\.rawValue).joined(separator: " ")), \(event.action.rawValue), \(event.state.rawValue),
                \(event.platform.browser), \(event.platform.system), \(event.network), \(event.country),
                \(event.methods.joined(separator: " ")), \(event.application), \(event.tenant))
            """)
        try plane.audit.record(
            .riskFound(
                risk: event.id.description, account: event.account, level: event.risk.level.rawValue, score: event.risk.score,
                action: event.action.rawValue), by: principal, at: event.at, in: transaction)
    }

    private func history(of account: AccountID, in reader: any Reader) throws -> SignInHistory {
        let since = plane.clock.now() - SignInHistory.reach
        return SignInHistory(
            try reader.rows(
                """
                SELECT at, network, country FROM arrival WHERE account = \(account) AND at > \(since)
                ORDER BY at DESC LIMIT \(SignInHistory.most)
                """
            ).map { .init(at: try $0.get(0), network: try $0.get(1), country: try $0.get(2)) })
    }

    // MARK: Failures

    /// A password that was wrong, for an account or for none.
    func noteFailure(at identifier: String, from address: String?, in transaction: any Transaction) throws {
        guard let network = Neighbourhood.of(address) else { return }
        let now = plane.clock.now()
        try transaction.run(
            """
            INSERT INTO failed_sign_in (network, identifier_digest, failures, last_at) VALUES (\(network), \(digest(identifier)), 1, \(now))
            ON CONFLICT (network, identifier_digest) DO UPDATE SET failures = failed_sign_in.failures + 1, last_at = excluded.last_at
            """)
    }

    private func sprayed(from network: String, but digest: String, at now: Instant, in reader: any Reader) throws -> Int {
        try reader.value(
            """
            SELECT count(*) FROM failed_sign_in
            WHERE network = \(network) AND identifier_digest <> \(digest) AND last_at > \(now - .hours(1))
            """, as: Int.self) ?? 0
    }

    private func guesses(at digest: String, notFrom network: String?, at now: Instant, in reader: any Reader) throws -> Int {
        try reader.value(
            """
            SELECT coalesce(sum(failures), 0) FROM failed_sign_in
            WHERE identifier_digest = \(digest) AND network <> \(network ?? "") AND last_at > \(now - Self.failureMemory)
            """, as: Int.self) ?? 0
    }

    private func digest(_ identifier: String) -> String { plane.keyedDigest(identifier, for: "failed-sign-in") }

    // MARK: Policy

    package func policy(of tenant: TenantID) async throws -> RiskPolicy {
        try await plane.database.read { try policy(of: tenant, in: $0) }
    }

    /// By the tenant's administrators; holds from the next sign-in on.
    package func setPolicy(_ policy: RiskPolicy, of tenant: TenantID, by principal: Principal) async throws {
        guard policy.medium <= policy.high else {
            throw Refusal.invalid("risk-policy", "What is done about a high risk can't be less than about a medium one.", field: "high")
        }
        try await plane.write { transaction in
            try Memberships.require(principal, mayGive: [.administrator], in: tenant, transaction)
            try transaction.run(
                """
                INSERT INTO risk_policy (tenant, medium, high) VALUES (\(tenant), \(policy.medium.rawValue), \(policy.high.rawValue))
                ON CONFLICT (tenant) DO UPDATE SET medium = excluded.medium, high = excluded.high
                """)
            try plane.audit.record(
                .riskPolicyChanged(tenant: tenant, medium: policy.medium.rawValue, high: policy.high.rawValue), by: principal,
                at: plane.clock.now(), in: transaction)
        }
    }

    func policy(of tenant: TenantID, in reader: any Reader) throws -> RiskPolicy {
        try policies(in: reader, of: [tenant])[tenant] ?? RiskPolicy()
    }

    func policy(for account: AccountID, in reader: any Reader) throws -> RiskPolicy {
        let tenants = try reader.rows("SELECT tenant FROM membership WHERE account = \(account)").map { try $0.get(0, as: TenantID.self) }
        let set = try policies(in: reader, of: tenants)
        return .strictest(of: tenants.map { set[$0] ?? RiskPolicy() })
    }

    private func policies(in reader: any Reader, of tenants: [TenantID]) throws -> [TenantID: RiskPolicy] {
        guard !tenants.isEmpty else { return [:] }
        let rows = try reader.rows(
            "SELECT tenant, medium, high FROM risk_policy WHERE tenant IN (\(tenants.map { "\($0)" as SQL }.joined()))")
        return Dictionary(
            try rows.map { row in
                guard let medium = RiskPolicy.Action(rawValue: try row.get(1)), let high = RiskPolicy.Action(rawValue: try row.get(2))
                else {
                    throw StorageError.unexpectedColumn("risk_policy")
                }
                return (try row.get(0, as: TenantID.self), RiskPolicy(medium: medium, high: high))
            }
        ) { first, _ in first }
    }

    /// Forgets what was long ago.
    func sweep() async throws {
        let now = plane.clock.now()
        try await plane.write { transaction in
            try transaction.run("DELETE FROM failed_sign_in WHERE last_at < \(now - Self.failureMemory)")
            try transaction.run("DELETE FROM risk_event WHERE at < \(now - Self.kept)")
        }
    }
}
