import Storage
import Vocabulary

extension SignIn {
    /// Between the right factor and the finished session: a sign-in that looks like somebody else's waits for its owner's word, or is stopped.
    ///
    /// The refusals are `confirm-by-mail` and `sign-in-stopped`; what was found stays written down either way.
    func admit(
        _ session: Session, methods: [String], by principal: Principal, in transaction: any Transaction
    ) throws -> Result<IssuedSession, Refusal> {
        guard let event = try risks.weigh(session, methods: methods, from: principal.address, in: transaction) else {
            return .success(try finish(session, methods, by: principal, in: transaction))
        }
        try risks.record(event, by: principal, in: transaction)
        guard let account = try Accounts.find(session.account, in: transaction) else { return .failure(Sessions.signInAgain) }
        let wayOut = try WayOut(plane).issue(for: account.id, in: transaction)
        switch event.action {
        case .allow: return .success(try finish(session, methods, by: principal, in: transaction))
        case .stepUp:
            let token = try OneTimeCodes(plane).issue(
                .signInConfirmation, for: event.id.description, life: Self.patience, in: transaction)
            try letters.drop(
                .confirmSignIn(
                    to: account.identifier, event, link: "\(plane.origin)/sign-in/confirmation/\(token.text)", wayOut: wayOut,
                    product: plane.product, until: plane.clock.now() + Self.patience), transaction)
            return .failure(Self.confirmByMail)
        case .block:
            let now = plane.clock.now()
            _ = try sessions.endForGood("id = \(session.id)", at: now, in: transaction)
            try plane.invalidate(.session(session.id), in: transaction)
            try letters.drop(.signInStopped(to: account.identifier, event, wayOut: wayOut, product: plane.product), transaction)
            return .failure(Self.stopped)
        }
    }

    private func finish(_ session: Session, _ methods: [String], by principal: Principal, in transaction: any Transaction) throws
        -> IssuedSession
    {
        try arrive(sessions.complete(session, methods: methods, by: principal, in: transaction), by: principal, in: transaction)
    }

    /// How long a sign-in waits for the word of its owner.
    static let patience = Duration.minutes(15)

    // MARK: The owner's word

    /// What the page behind the link in the mail shows.
    ///
    /// Throws ``Refusal`` `link-spent`.
    package func inspectConfirmation(_ token: String) async throws -> RiskEvent {
        try await plane.database.read { try event(behind: token, in: $0) }
    }

    /// "It was me": the browser that waits goes on.
    package func confirm(_ token: String, by principal: Principal) async throws {
        try await plane.write { transaction in
            let event = try event(behind: token, in: transaction)
            guard case .fresh = try OneTimeCodes(plane).redeem(token, for: .signInConfirmation, in: transaction) else {
                throw PasswordReset.badLink
            }
            try risks.settle(event.id, as: .confirmed, by: principal, in: transaction)
        }
    }

    private func event(behind token: String, in reader: any Reader) throws -> RiskEvent {
        guard let code = try OneTimeCodes(plane).inspect(token, for: .signInConfirmation, in: reader), let id = RiskEventID(code.subject),
            let event = try Risks.find(id, in: reader)
        else { throw PasswordReset.badLink }
        return event
    }

    /// What a waiting browser asks now and then. Nil while its owner has said nothing; a finished session afterwards, once.
    package func resume(_ session: Session, by principal: Principal) async throws -> IssuedSession? {
        guard session.stage == .factor else { throw Sessions.signInAgain }
        return try await plane.write { transaction -> IssuedSession? in
            let since = plane.clock.now() - Self.patience
            let row = try transaction.row(
                """
                SELECT \(RiskEvent.columns) FROM risk_event
                WHERE session = \(session.id) AND action = 'step-up' AND state = 'confirmed' AND at > \(since) ORDER BY at DESC LIMIT 1
                """)
            guard let event = try row.map(RiskEvent.init(row:)),
                try Accounts.find(session.account, in: transaction)?.isActive == true,
                let live = try Sessions.find(session.id, in: transaction), live.stage == .factor, live.isAlive(at: plane.clock.now())
            else { return nil }
            return try finish(live, event.methods, by: principal, in: transaction)
        }
    }

    package static let confirmByMail = Refusal(
        .unauthenticated, "confirm-by-mail",
        "This sign-in is unusual. Look into your mailbox and confirm that it is you; this page goes on by itself then.")
    package static let stopped = Refusal(
        .unauthenticated, "sign-in-stopped",
        "This sign-in looks like somebody else's and was stopped. Use a passkey or a device that you have used before, or ask your administrator."
    )
}

extension Letter {
    static func confirmSignIn(to address: String, _ event: RiskEvent, link: String, wayOut: String, product: String, until: Instant)
        -> Letter
    {
        Letter(
            to: address, subject: "Is it you who signs in?",
            text: """
                Hello,

                somebody is signing in to your \(product) account with your password and your second factor, and it is unusual:

                \(facts(event))

                If it is you, open this link and say so, within 15 minutes:

                \(link)

                If it is not, don't. They know your password: open this link, which ends everything that is open, and then set a new one:

                \(wayOut)

                """, expiresAt: until)
    }

    static func signInStopped(to address: String, _ event: RiskEvent, wayOut: String, product: String) -> Letter {
        Letter(
            to: address, subject: "A sign-in to your account was stopped",
            text: """
                Hello,

                somebody tried to sign in to your \(product) account with your password and your second factor. It looked like somebody else's
                and was stopped:

                \(facts(event))

                If it was you, use a passkey, or a device that you have used before.

                If it was not, they know your password. Open this link, which ends everything that is open, and then set a new one:

                \(wayOut)

                """, expiresAt: event.at + WayOut.linkLife)
    }

    static func facts(_ event: RiskEvent) -> String {
        let when = event.at.description
        let place = [event.country.map { "country \($0)" }, event.network.map { "network \($0)" }].compactMap(\.self)
        return """
              When      \(when.prefix(10)), \(when.dropFirst(11).prefix(5)) UTC
              With      \(event.means)
              From      \(place.isEmpty ? "an unknown place" : place.joined(separator: ", "))
              Unusual   \(event.risk.reasons.map(\.title).joined(separator: ", "))
            """
    }
}
