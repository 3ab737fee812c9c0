import Audit
import Sealing
import Storage
import Vocabulary

/// What comes after a right password.
package enum SignInStep: Sendable {
    /// Ask for a code of the authenticator, or a recovery code.
    case factor(IssuedSession)
    /// No second factor yet: one must be enrolled now.
    case enrolment(IssuedSession)

    package var issued: IssuedSession {
        switch self {
        case .factor(let issued), .enrolment(let issued): issued
        }
    }
}

/// What the owner of a session shows as the second factor.
package enum FactorProof: Sendable {
    case totp(String)
    case recoveryCode(String)
    case passkey(PasskeyProof)

    /// Six digits are a code of the authenticator, everything else is taken for a recovery code.
    package init(typed text: String) {
        let plain = text.filter { !$0.isWhitespace }
        self = plain.utf8.count == TOTP.digits && plain.utf8.allSatisfy { (48...57).contains($0) } ? .totp(plain) : .recoveryCode(text)
    }

    var method: String {
        switch self {
        case .totp: "totp"
        case .recoveryCode: "recovery-code"
        case .passkey: "passkey"
        }
    }
}

/// Signing in at the apex: password, then second factor, then a finished session; or a passkey, which is both.
///
/// Every attempt is in the audit log exactly once, with its outcome. The answer is the same whether the account
/// exists, is disabled, has no password, or the password is wrong; and in each of these cases one password hash is computed.
package struct SignIn: Sendable {
    let plane: ControlPlane
    let sessions: Sessions
    let hasher: PasswordHasher
    let factors: Factors
    let letters: LetterBox
    package let passkeys: Passkeys
    private let crowd: Crowd
    package var risks: Risks

    /// `locations`: which country an address is in. Without, places are networks only.
    package init(
        _ plane: ControlPlane, sessions: Sessions, hasher: PasswordHasher, factors: Factors, letters: LetterBox,
        locations: Locations = .nowhere, crowding: Crowding = Crowding()
    ) throws {
        self.plane = plane
        risks = Risks(plane, locations: locations)
        self.letters = letters
        passkeys = try Passkeys(plane)
        self.sessions = sessions
        self.hasher = hasher
        var crowding = crowding
        // Those that are hashed or wait for it, and as many again that are looked up meanwhile.
        crowding.inside = max(crowding.inside, 2 * hasher.places)
        crowd = Crowd(crowding)
        self.factors = factors
    }

    /// The first step.
    ///
    /// `only`: whom the door would let in; anybody else's password is as wrong as can be.
    ///
    /// Throws ``Refusal`` `sign-in-failed`, `too-many-attempts`, `busy`.
    package func password(
        identifier raw: String, password: Secret, by principal: Principal, agent: UserAgent?, only: Set<AccountID>? = nil
    ) async throws -> SignInStep {
        try await crowd.enter()
        do {
            defer { crowd.leave() }
            return try await judge(identifier: raw, password, by: principal, agent, only)
        } catch let blocked as Blocked {
            await crowd.holdBack()
            throw Self.tooMany(blocked.wait)
        }
    }

    /// So many try that those who are refused should be told briefly.
    package var isCrowded: Bool { crowd.isDense }

    private struct Blocked: Error { let wait: Duration }

    private func judge(
        identifier raw: String, _ password: Secret, by principal: Principal, _ agent: UserAgent?, _ only: Set<AccountID>?
    ) async throws -> SignInStep {
        let identifier = Text.identifier(raw) ?? String(decoding: raw.lowercased().utf8.prefix(254), as: UTF8.self)
        let attempt = Attempt(identifier: identifier, digest: plane.keyedDigest(identifier, for: "audit-identifier"), principal: principal)
        let (admission, keys, account, hash): (Throttle.Admission, [ThrottleKey], Account?, String?) = try await notingTurnedAway {
            transaction in
            let account = try Accounts.find(identifier: identifier, in: transaction).flatMap { only?.contains($0.id) == false ? nil : $0 }
            // For somebody who doesn't exist the same is looked up, so that the time doesn't tell.
            let subject = account?.id ?? AccountID(at: plane.clock.now(), entropy: plane.entropy)
            let keys = try self.keys(attempt, account: subject, agent, in: transaction)
            let admission = try Throttle(plane).admit(keys, in: transaction)
            if case .blocked = admission { try record("throttled", "password", account?.id, attempt, in: transaction) }
            return (admission, keys, account, try Passwords.hash(of: subject, in: transaction))
        }
        if case .blocked(let wait) = admission { throw Blocked(wait: wait) }

        let right: Bool
        do {
            if let hash, password.count <= 1024 {
                right = try await hasher.verify(PasswordPolicy.normalise(password), against: hash)
            } else {
                try await hasher.verifyNothing(password.count <= 1024 ? PasswordPolicy.normalise(password) : Secret("x"))
                right = false
            }
        } catch {
            try await plane.write { transaction in
                try Throttle(plane).takeBack(keys, in: transaction)
                try record("busy", "password", account?.id, attempt, in: transaction)
            }
            throw error
        }

        let isCommon = right ? try await isGuessable(password) : false
        // With a cost that was raised since, the hash is made anew while the password is at hand. A busy moment leaves it for the next time.
        var stronger: String?
        if right, let hash, hasher.needsRehash(hash) { stronger = try? await hasher.hash(PasswordPolicy.normalise(password)) }

        return try await plane.write { [stronger] transaction -> Result<SignInStep, Refusal> in
            guard right, let account else {
                let outcome = account == nil ? "unknown-account" : "wrong-password"
                try risks.noteFailure(at: identifier, from: principal.address, in: transaction)
                try record(outcome, "password", account?.id, attempt, in: transaction)
                return .failure(Self.failed)
            }
            // Read again: the account may have been disabled, or the password replaced, while the hash was computed.
            guard try Accounts.find(account.id, in: transaction)?.isActive == true,
                try Passwords.hash(of: account.id, in: transaction) == hash
            else {
                try record("disabled", "password", account.id, attempt, in: transaction)
                return .failure(Self.failed)
            }
            try Throttle(plane).clear(keys, in: transaction)
            if let stronger, let hash { try Passwords.rehash(stronger, for: account.id, replacing: hash, in: transaction) }
            try record("accepted", "password", account.id, attempt, in: transaction)
            let enrolled = try Factors.isEnrolled(account.id, in: transaction)
            let issued = try sessions.startApex(
                account: account.id, stage: enrolled ? .factor : .enrolment, methods: ["pwd"], by: principal, agent: agent,
                hasCommonPassword: isCommon, in: transaction)
            return .success(enrolled ? .factor(issued) : .enrolment(issued))
        }.get()
    }

    /// A write that also puts down how many were turned away since the last one.
    private func notingTurnedAway<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) async throws -> T {
        let count = crowd.takeTurnedAway()
        do {
            return try await plane.write { transaction in
                if count > 0 {
                    try plane.audit.record(
                        .signInsTurnedAway(count: count), by: Principal(.platform(component: "sign-in")), at: plane.clock.now(),
                        in: transaction)
                }
                return try body(transaction)
            }
        } catch {
            crowd.giveBack(count)
            throw error
        }
    }

    /// The second step. Returns the finished session under a new token; the old token is worthless from then on.
    ///
    /// Throws ``Refusal`` `wrong-code`, `used-code`, `too-many-attempts`; `confirm-by-mail` and `sign-in-stopped` where it looks like somebody else's.
    package func factor(_ proof: FactorProof, in session: Session, by principal: Principal) async throws -> IssuedSession {
        guard session.stage == .factor else { throw Sessions.signInAgain }
        return try await plane.write { transaction -> Result<IssuedSession, Refusal> in
            switch try judge(proof, of: session.account, on: session.device, by: principal, in: transaction) {
            case .success(let methods): try admit(session, methods: methods, by: principal, in: transaction)
            case .failure(let refusal): .failure(refusal)
            }
        }.get()
    }

    // MARK: Onboarding

    /// What to scan; the same at each call until it is confirmed.
    ///
    /// For a new account in the stage `enrolment`, or for a change of authenticator by somebody who signed in during the last ten minutes.
    package func enrolment(in session: Session, by principal: Principal) async throws -> TOTPEnrolment {
        try requireRecent(session)
        return try await plane.write { transaction in
            guard let account = try Accounts.find(session.account, in: transaction), account.isActive else { throw Sessions.signInAgain }
            return try factors.begin(account, in: transaction)
        }
    }

    /// The person typed a code of the new authenticator. Finishes a session that waited for it; recovery codes are shown once, here.
    package func confirmEnrolment(
        code: String, in session: Session, by principal: Principal
    ) async throws -> (session: IssuedSession, recoveryCodes: [String]) {
        try requireRecent(session)
        return try await plane.write { transaction -> Result<(session: IssuedSession, recoveryCodes: [String]), Refusal> in
            let throttle = Throttle(plane)
            let key = throttle.factor(session.account)
            let attempt = try attempt(of: session.account, by: principal, in: transaction)
            if case .blocked(let wait) = try throttle.admit([key], in: transaction) {
                try record("throttled", "totp-enrolment", session.account, attempt, in: transaction)
                return .failure(Self.tooMany(wait))
            }
            guard let live = try Sessions.find(session.id, in: transaction), live.endedAt == nil, live.stage == session.stage else {
                return .failure(Sessions.signInAgain)
            }
            // Whoever is in the middle of enrolling must not replace a factor that another browser enrolled meanwhile.
            if session.stage == .enrolment, try Factors.isEnrolled(session.account, in: transaction) {
                return .failure(Sessions.signInAgain)
            }
            guard let codes = try factors.confirm(session.account, code: code, by: principal, in: transaction) else {
                try record("wrong-code", "totp-enrolment", session.account, attempt, in: transaction)
                return .failure(Self.wrongCode)
            }
            try throttle.clear([key], in: transaction)
            try record("accepted", "totp-enrolment", session.account, attempt, in: transaction)
            if session.stage == .complete {
                try letters.drop(.factorAdded(to: attempt.identifier, what: "authenticator app", product: plane.product), transaction)
            }
            let issued = try sessions.complete(session, methods: ["otp"], by: principal, in: transaction)
            return .success((session.stage == .enrolment ? try arrive(issued, by: principal, in: transaction) : issued, codes))
        }.get()
    }

    /// Ten new recovery codes; the old ones stop working.
    package func regenerateRecoveryCodes(in session: Session, by principal: Principal) async throws -> [String] {
        guard session.stage == .complete else { throw Sessions.signInAgain }
        try requireRecent(session)
        return try await plane.write { try factors.makeRecoveryCodes(session.account, by: principal, in: $0) }
    }

    /// Proof of presence again, for what needs a recent one. Gives the session a new token.
    package func reauthenticate(_ proof: FactorProof, in session: Session, by principal: Principal) async throws -> IssuedSession {
        guard session.stage == .complete, session.environment == nil else { throw Sessions.signInAgain }
        return try await plane.write { transaction -> Result<IssuedSession, Refusal> in
            try judge(proof, of: session.account, on: session.device, by: principal, in: transaction).map { methods in
                try sessions.complete(session, methods: methods, by: principal, in: transaction)
            }
        }.get()
    }

    /// Whether attackers try it first: a common one, or one out of a published breach.
    private func isGuessable(_ password: Secret) async throws -> Bool {
        if CommonPasswords.holds(password.spelledOut) { return true }
        return try await plane.breachedPasswords?.holds(PasswordPolicy.normalise(password)) ?? false
    }

    func requireRecent(_ session: Session) throws {
        switch session.stage {
        case .enrolment: return
        case .factor: throw Sessions.signInAgain
        case .complete:
            guard session.environment == nil else { throw RecentProof.refusal }
            try RecentProof.require(since: session.authenticatedAt, at: plane.clock.now())
        }
    }
}

// MARK: Judging

extension SignIn {
    struct Attempt: Sendable {
        let identifier: String
        let digest: String
        let principal: Principal
    }

    /// What the session showed by it (RFC 8176), if the proof is right; it is used up then. Writes the one audit event of the attempt either way.
    ///
    /// `device`: one that the account is known on. Guesses there are counted apart, so that nobody else's shut its owner out.
    func judge(
        _ proof: FactorProof, of account: AccountID, on device: DeviceID? = nil, by principal: Principal, in transaction: any Transaction
    ) throws -> Result<[String], Refusal> {
        let throttle = Throttle(plane)
        // A passkey can't be guessed, so nobody's guesses keep its owner out.
        let keys =
            switch proof {
            case .totp: [throttle.factor(account, on: device)]
            case .recoveryCode: [throttle.recovery(account, on: device)]
            case .passkey: [ThrottleKey]()
            }
        let attempt = try attempt(of: account, by: principal, in: transaction)
        if case .blocked(let wait) = try throttle.admit(keys, in: transaction) {
            try record("throttled", proof.method, account, attempt, in: transaction)
            return .failure(Self.tooMany(wait))
        }
        guard try Accounts.find(account, in: transaction)?.isActive == true else {
            try record("disabled", proof.method, account, attempt, in: transaction)
            return .failure(Sessions.signInAgain)
        }
        let verdict: Factors.Verdict
        let methods: [String]
        switch proof {
        case .totp(let code): (verdict, methods) = (try factors.verifyTOTP(account, code: code, in: transaction), ["otp"])
        case .recoveryCode(let code):
            (verdict, methods) = (try factors.verifyRecoveryCode(account, code: code, by: principal, in: transaction), ["rec"])
        case .passkey(let answer):
            guard let passkey = try verify(answer, of: account, by: principal, in: transaction) else {
                try record("wrong-passkey", proof.method, account, attempt, in: transaction)
                return .failure(Self.wrongPasskey)
            }
            (verdict, methods) = (.right, passkey.methods)
        }
        switch verdict {
        case .right:
            // One proof opens both ways again: a recovery code is what helps where guesses have shut the authenticator's.
            try throttle.clear([throttle.factor(account), throttle.recovery(account)], in: transaction)
            try FactorResets.withdrawAll(of: account, on: plane, by: principal, in: transaction)
            try record("accepted", proof.method, account, attempt, in: transaction)
            return .success(methods)
        case .wrong:
            try record("wrong-code", proof.method, account, attempt, in: transaction)
            return .failure(Self.wrongCode)
        case .used:
            try record("used-code", proof.method, account, attempt, in: transaction)
            return .failure(Self.usedCode)
        }
    }

    func attempt(of account: AccountID, by principal: Principal, in reader: any Reader) throws -> Attempt {
        attempt(try Accounts.find(account, in: reader)?.identifier ?? "", by: principal)
    }

    func attempt(_ identifier: String, by principal: Principal) -> Attempt {
        Attempt(identifier: identifier, digest: plane.keyedDigest(identifier, for: "audit-identifier"), principal: principal)
    }

    func record(
        _ outcome: String, _ method: String, _ account: AccountID?, _ attempt: Attempt, in transaction: any Transaction
    ) throws {
        try plane.audit.record(
            .signInAttempted(account: account, identifierDigest: attempt.digest, method: method, outcome: outcome),
            by: attempt.principal, at: plane.clock.now(), in: transaction)
    }

    private func keys(_ attempt: Attempt, account: AccountID, _ agent: UserAgent?, in reader: any Reader) throws -> [ThrottleKey] {
        let throttle = Throttle(plane)
        // Nobody else's guesses count for a device that the account is known on, not even those from its own network.
        if let device = try Devices.find(agent?.device, of: account, in: reader) {
            return [throttle.password(attempt.identifier, on: device.id)]
        }
        var known: String?
        if let address = attempt.principal.address, try isKnown(address, for: account, in: reader) {
            known = NetworkPrefix.of(address)
        }
        return [throttle.password(attempt.identifier, knownAddress: known)]
            + (throttle.address(attempt.principal.address).map { [$0] } ?? [])
    }

    private func isKnown(_ address: String, for account: AccountID, in reader: any Reader) throws -> Bool {
        try reader.row(
            """
            SELECT 1 FROM session WHERE account = \(account) AND address = \(address) AND stage = 'complete'
                AND created_at > \(plane.clock.now() - .days(30)) LIMIT 1
            """) != nil
    }

    static let failed = Refusal(
        .unauthenticated, "sign-in-failed", "The address or the password is not right. Check both, or ask for a new password.")
    static let wrongCode = Refusal(
        .unauthenticated, "wrong-code", "This code is not right. Wait for the next one, and check that your device's clock is right.")
    static let usedCode = Refusal(.unauthenticated, "used-code", "This code was used already. Each one works once: take the next.")

    static func tooMany(_ wait: Duration) -> Refusal {
        let seconds = max(1, wait.components.seconds)
        let text = seconds < 120 ? "\(seconds) seconds" : seconds < 7200 ? "\(seconds / 60) minutes" : "\(seconds / 3600) hours"
        return Refusal(
            .limited(retryAfter: .seconds(seconds)), "too-many-attempts",
            "There were too many attempts that failed. Try again in \(text), or ask for a new password.")
    }
}

extension Result {
    /// As `map`, for steps that can fail otherwise.
    func map<Next>(_ step: (Success) throws -> Next) throws -> Result<Next, Failure> {
        switch self {
        case .success(let value): .success(try step(value))
        case .failure(let failure): .failure(failure)
        }
    }
}
