import Audit
import Storage
import Vocabulary

/// An application used its access to somebody's account here, and elsewhere before.
package struct TokenUse: Sendable, Hashable {
    package let account: AccountID
    /// The sign-in in which the application was let in.
    package let session: SessionID
    /// Nil for an application that only learns who somebody is.
    package let tenant: TenantID?
    /// What people call the application.
    package let application: String
    package let country: Locations.Country
    /// Where it was before, and when it was seen there last.
    package let from: Locations.Country
    package let lastSeenAt: Instant

    package init(
        account: AccountID, session: SessionID, tenant: TenantID?, application: String, country: Locations.Country,
        from: Locations.Country, lastSeenAt: Instant
    ) {
        self.account = account
        self.session = session
        self.tenant = tenant
        self.application = application
        self.country = country
        self.from = from
        self.lastSeenAt = lastSeenAt
    }
}

extension Risks {
    package static let tokenMigrations: [Migration] = [
        Migration("identity_0018_risk_of_tokens") { _ in
            [
                "ALTER TABLE risk_event ADD COLUMN application TEXT",
                // Of an application's risk, other tenants' administrators don't hear.
                "ALTER TABLE risk_event ADD COLUMN tenant TEXT",
            ]
        }
    ]

    /// Nil where nothing speaks against it: nobody has to travel along with an application that was somewhere near, or where its owner
    /// signs in, too.
    func weigh(_ use: TokenUse, from address: String?, in reader: any Reader) throws -> RiskEvent? {
        let now = plane.clock.now()
        // Seen in the future: the clock was set back, and nobody knows how long it took.
        guard use.lastSeenAt <= now, let kilometres = locations.distance(from: use.from, to: use.country) else { return nil }
        let risk = Risk.assess(token: Travel(kilometres: kilometres, time: now - use.lastSeenAt))
        guard risk.level > .low else { return nil }
        let isHome = try reader.row(
            """
            SELECT 1 FROM arrival WHERE account = \(use.account) AND country = \(use.country) AND at > \(now - SignInHistory.reach) LIMIT 1
            """)
        guard isHome == nil else { return nil }
        let rule =
            if let tenant = use.tenant { try policy(of: tenant, in: reader) } else { try policy(for: use.account, in: reader) }
        return RiskEvent(
            id: RiskEventID(at: now, entropy: plane.entropy), account: use.account, session: use.session, at: now, risk: risk,
            action: rule.action(for: risk.level), state: .open, platform: DevicePlatform(browser: nil, system: nil),
            network: Neighbourhood.of(address), country: use.country, methods: [], application: use.application, tenant: use.tenant)
    }
}

extension SignIn {
    /// A token is somewhere else all of a sudden. What was found is noted, and its owner told by mail; whoever asks has to end the token where
    /// this returns false. To ask its owner is no way of holding a token up, since nobody waits: to have to sign in again is the further proof.
    package func admits(_ use: TokenUse, by principal: Principal, in transaction: any Transaction) throws -> TokenVerdict {
        guard let event = try risks.weigh(use, from: principal.address, in: transaction) else { return .unremarkable }
        try risks.record(event, by: principal, in: transaction)
        if let account = try Accounts.find(use.account, in: transaction) {
            let wayOut = try WayOut(plane).issue(for: account.id, in: transaction)
            try letters.drop(
                .tokenElsewhere(to: account.identifier, event, from: use.from, wayOut: wayOut, product: plane.product), transaction)
        }
        return event.action == .allow ? .noted : .ended
    }
}

/// What is to become of a token that is somewhere else all of a sudden.
package enum TokenVerdict: Sendable, Hashable {
    case unremarkable
    /// It was told of, and goes on: that is the tenant's rule.
    case noted
    case ended
}

extension Letter {
    static func tokenElsewhere(to address: String, _ event: RiskEvent, from: String, wayOut: String, product: String) -> Letter {
        let ended = event.action != .allow
        return Letter(
            to: address, subject: "An application uses your account from far away",
            text: """
                Hello,

                an application that you let into your \(product) account was in one country and then, sooner than anybody gets there,
                in another one:

                \(facts(event))
                  Before    country \(from)

                \(ended
                    ? "Its access was ended. If it is yours and all is well, sign in to it again."
                    : "By your organisation's rule it goes on. If you don't know why it is there, end its access on the page of your account.")

                If you don't use it there, somebody has a copy of what lets it in. Open this link, which ends everything that is open,
                and then set a new password:

                \(wayOut)

                """, expiresAt: event.at + WayOut.linkLife)
    }
}
