import Audit
import Storage
import Vocabulary

// What was found, and the people who say what it was.
extension Risks {
    /// Of one's own account, newest first.
    package func list(of account: AccountID, limit: Int = 50) async throws -> [RiskEvent] {
        try await plane.database.read { reader in
            try reader.rows(
                "SELECT \(RiskEvent.columns) FROM risk_event WHERE account = \(account) ORDER BY at DESC, id DESC LIMIT \(limit)"
            ).map(RiskEvent.init(row:))
        }
    }

    /// Of a tenant's members, newest first: for its administrators.
    package func list(in tenant: TenantID, limit: Int = 200) async throws -> [RiskEvent] {
        try await plane.database.read { reader in
            try reader.rows(
                """
                SELECT \(RiskEvent.columns) FROM risk_event JOIN membership ON membership.account = risk_event.account
                WHERE membership.tenant = \(tenant) AND risk_event.at >= membership.created_at
                    AND (risk_event.tenant IS NULL OR risk_event.tenant = \(tenant))
                ORDER BY risk_event.at DESC, risk_event.id DESC LIMIT \(limit)
                """
            ).map(RiskEvent.init(row:))
        }
    }

    /// Of everybody, or of a tenant's members, newest first: for whoever sits at the server.
    package func everybodys(
        in tenant: TenantID? = nil, unsettled: Bool = true, level: Risk.Level? = nil, limit: Int = 1000
    ) async throws -> [RiskEvent] {
        let scores =
            switch level {
            case nil: 0...100
            case .low?: 0...(Risk.mediumScore - 1)
            case .medium?: Risk.mediumScore...(Risk.highScore - 1)
            case .high?: Risk.highScore...100
            }
        let whose: SQL =
            tenant.map {
                """
                AND EXISTS (SELECT 1 FROM membership WHERE membership.account = risk_event.account AND membership.tenant = \($0)
                    AND risk_event.at >= membership.created_at)
                AND (risk_event.tenant IS NULL OR risk_event.tenant = \($0))
                """
            } ?? ""
        let state: SQL = unsettled ? "AND risk_event.state = 'open'" : ""
        return try await plane.database.read { reader in
            try reader.rows(
                """
                SELECT \(RiskEvent.columns) FROM risk_event
                WHERE risk_event.score >= \(scores.lowerBound) AND risk_event.score <= \(scores.upperBound) \(state) \(whose)
                ORDER BY risk_event.at DESC, risk_event.id DESC LIMIT \(limit)
                """
            ).map(RiskEvent.init(row:))
        }
    }

    /// Throws ``Refusal`` `not-found`.
    package func find(_ id: RiskEventID) async throws -> RiskEvent {
        guard let event = try await plane.database.read({ try Self.find(id, in: $0) }) else { throw Refusal.notFound("risk") }
        return event
    }

    /// By whoever sits at the server, who asked the person.
    package func dismissAtServer(_ id: RiskEventID, by principal: Principal) async throws {
        guard case .shell = principal.kind else { throw Refusal.notFound("risk") }
        try await settle(id, by: principal) { transaction in
            guard let event = try Self.find(id, in: transaction) else { throw Refusal.notFound("risk") }
            guard event.state == .open else { throw Refusal.conflict("risk-settled", "Somebody has said already what that was.") }
        }
    }

    /// By its owner: "it was me". Not from the very session that it is about: whoever came in that way must not be believed.
    package func dismiss(_ id: RiskEventID, in session: Session, by principal: Principal) async throws {
        guard principal.account == session.account else { throw Refusal.notFound("sign-in") }
        try await settle(id, by: principal) { transaction in
            guard let event = try Self.find(id, in: transaction), event.account == session.account else {
                throw Refusal.notFound("sign-in")
            }
            guard event.session != (session.parent ?? session.id) else {
                throw Refusal.forbidden(
                    "same-session",
                    "This is the sign-in that you are using. Say so from another device of yours, or ask your administrator.")
            }
        }
    }

    /// By an administrator of a tenant that the person belongs to, who asked them; never one's own.
    package func dismiss(_ id: RiskEventID, in tenant: TenantID, by principal: Principal) async throws {
        try await settle(id, by: principal) { transaction in
            guard let actor = principal.account, let event = try Self.find(id, in: transaction),
                let member = try Memberships.find(event.account, in: tenant, reader: transaction), member.createdAt <= event.at,
                event.tenant == nil || event.tenant == tenant
            else { throw Refusal.notFound("sign-in") }
            guard event.account != actor else {
                throw Refusal.forbidden("not-for-yourself", "This sign-in is your own. Look at it on the page of your account.")
            }
        }
    }

    private func settle(
        _ id: RiskEventID, by principal: Principal, _ check: @escaping @Sendable (any Transaction) throws -> Void
    ) async throws {
        try await plane.write { transaction in
            try check(transaction)
            try settle(id, as: .dismissed, by: principal, in: transaction)
        }
    }

    /// Returns whether it was open until now.
    @discardableResult
    func settle(_ id: RiskEventID, as state: RiskEvent.State, by principal: Principal, in transaction: any Transaction) throws -> Bool {
        let now = plane.clock.now()
        let account = try transaction.value(
            """
            UPDATE risk_event SET state = \(state.rawValue), settled_at = \(now), settled_by = \(principal.account)
            WHERE id = \(id) AND state = 'open' RETURNING account
            """, as: AccountID.self)
        guard let account else { return false }
        try plane.audit.record(
            .riskSettled(risk: id.description, account: account, state: state.rawValue), by: principal, at: now, in: transaction)
        return true
    }

    package static func find(_ id: RiskEventID, in reader: any Reader) throws -> RiskEvent? {
        try reader.row("SELECT \(RiskEvent.columns) FROM risk_event WHERE id = \(id)").map(RiskEvent.init(row:))
    }
}

extension RiskEvent {
    static let columns: SQL = """
        risk_event.id, risk_event.account, risk_event.session, risk_event.at, risk_event.score, risk_event.reasons, risk_event.action,
        risk_event.state, risk_event.browser, risk_event.system, risk_event.network, risk_event.country, risk_event.methods,
        risk_event.application, risk_event.tenant
        """

    init(row: Row) throws {
        guard let action = RiskPolicy.Action(rawValue: try row.get(6)), let state = State(rawValue: try row.get(7)) else {
            throw StorageError.unexpectedColumn("risk_event.action")
        }
        self.init(
            id: try row.get(0), account: try row.get(1), session: try row.get(2), at: try row.get(3),
            // Reasons of a newer release are left out.
            risk: Risk(
                score: try row.get(4),
                reasons: try row.get(5, as: String.self).split(separator: " ").compactMap { Risk.Reason(rawValue: String($0)) }),
            action: action, state: state, platform: DevicePlatform(browser: try row.get(8), system: try row.get(9)),
            network: try row.get(10), country: try row.get(11),
            methods: try row.get(12, as: String.self).split(separator: " ").map(String.init), application: try row.get(13),
            tenant: try row.get(14))
    }
}
