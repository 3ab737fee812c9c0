import Audit
import Storage
import Vocabulary
import WebAuthn

// MARK: Signing in with a passkey alone

extension SignIn {
    /// For a browser that nobody has signed in with yet. `browser`: the token of the cookie that the answer must come back with.
    package func passkeyOptions(browser: String) async throws -> JSONValue {
        try await passkeys.requestOptions(for: .alone(browser: TokenDigest(of: browser).text), account: nil)
    }

    /// A finished session for whoever holds the passkey and unlocked it: two factors in one.
    ///
    /// Not throttled: a signature can't be guessed, and whoever has their passkey must get in while somebody else is guessing passwords.
    /// The refusal is one and the same, `passkey-refused`, for an unknown passkey, a wrong answer, a used challenge and a disabled account.
    ///
    /// `only`: whom the door would let in.
    package func passkey(
        _ json: String, browser: String, by principal: Principal, agent: UserAgent?, only: Set<AccountID>? = nil
    ) async throws -> IssuedSession {
        let proof = try await passkeys.examine(json, for: .alone(browser: TokenDigest(of: browser).text))
        return try await plane.write { transaction -> Result<IssuedSession, Refusal> in
            let use = try passkeys.redeem(proof, in: transaction)
            let account = try use.flatMap { try Accounts.find($0.passkey.account, in: transaction) }
            let attempt = attempt(account?.identifier ?? "", by: principal)
            guard let use, let account else {
                try record("wrong-passkey", "passkey", nil, attempt, in: transaction)
                return .failure(Self.passkeyRefused)
            }
            guard account.isActive, only?.contains(account.id) != false else {
                try record(account.isActive ? "kept-out" : "disabled", "passkey", account.id, attempt, in: transaction)
                return .failure(Self.passkeyRefused)
            }
            try passkeys.noteUse(use, by: principal, in: transaction)
            try warn(of: use, account, in: transaction)
            try FactorResets.withdrawAll(of: account.id, on: plane, by: principal, in: transaction)
            try record("accepted", "passkey", account.id, attempt, in: transaction)
            let issued = try sessions.startApex(
                account: account.id, stage: .complete, methods: use.passkey.methods + ["mfa"], by: principal, agent: agent, in: transaction)
            if let event = try risks.weigh(issued.session, methods: issued.session.methods, from: principal.address, in: transaction) {
                try risks.record(event, by: principal, in: transaction)
            }
            return .success(try arrive(issued, by: principal, in: transaction))
        }.get()
    }

    static let passkeyRefused = Refusal(
        .unauthenticated, "passkey-refused",
        "This passkey could not sign you in. Try again, use another one, or sign in with your password.")
}

// MARK: As the second factor, and to confirm

extension SignIn {
    /// For a session that waits for its second factor, or a finished one that shall show it again.
    package func passkeyOptions(in session: Session) async throws -> JSONValue {
        try await passkeys.requestOptions(for: try use(in: session), account: session.account)
    }

    /// A proof for ``factor(_:in:by:)`` or ``reauthenticate(_:in:by:)``.
    package func passkeyProof(_ json: String, in session: Session) async throws -> FactorProof {
        .passkey(try await passkeys.examine(json, for: try use(in: session)))
    }

    private func use(in session: Session) throws -> PasskeyUse {
        switch (session.stage, session.environment) {
        case (.factor, nil): .factor(session.id)
        case (.complete, nil): .confirmation(session.id)
        default: throw Sessions.signInAgain
        }
    }

    /// Nil where it is no answer of a passkey of this account; else the passkey, its challenge used up and its use noted.
    func verify(_ proof: PasskeyProof, of account: AccountID, by principal: Principal, in transaction: any Transaction) throws -> Passkey? {
        guard let use = try passkeys.redeem(proof, in: transaction), use.passkey.account == account else { return nil }
        try passkeys.noteUse(use, by: principal, in: transaction)
        if let owner = try Accounts.find(account, in: transaction) { try warn(of: use, owner, in: transaction) }
        return use.passkey
    }

    private func warn(of use: VerifiedUse, _ account: Account, in transaction: any Transaction) throws {
        guard use.assertion.countWentBack else { return }
        try letters.drop(.passkeyCopySuspected(to: account.identifier, name: use.passkey.name, product: plane.product), transaction)
    }

    static let wrongPasskey = Refusal(
        .unauthenticated, "wrong-passkey", "This passkey did not work here, or it took too long. Try again, or use another way.")
}

// MARK: Registering one

extension SignIn {
    /// `PublicKeyCredentialCreationOptionsJSON`, for onboarding or for a finished session that was confirmed in the last ten minutes.
    package func passkeyRegistration(in session: Session) async throws -> JSONValue {
        try requireRecent(session)
        return try await plane.write { transaction in
            guard let account = try Accounts.find(session.account, in: transaction), account.isActive else { throw Sessions.signInAgain }
            let known = try Passkeys.list(of: account.id, in: transaction)
            let challenge = try OneTimeCodes(plane).issue(
                .passkeyRegistration, for: Self.registrationSubject(session), life: Passkeys.challengeLife, in: transaction)
            return passkeys.party.creationOptions(
                challenge: challenge.text, userHandle: try passkeys.userHandle(of: account.id, in: transaction),
                userName: account.identifier, displayName: account.displayName, excluding: known.map(\.descriptor),
                life: Passkeys.challengeLife)
        }
    }

    /// Registers the passkey. Finishes a session that waited for a factor; recovery codes come with the first factor, shown once, here.
    ///
    /// Throws ``Refusal`` `passkey-not-registered`, `passkey-known`, `too-many-passkeys`.
    package func registerPasskey(_ json: String, in session: Session, by principal: Principal) async throws -> (
        session: IssuedSession?, recoveryCodes: [String]
    ) {
        try requireRecent(session)
        let verdict = registration(json)
        return try await plane.write { transaction -> Result<(session: IssuedSession?, recoveryCodes: [String]), Refusal> in
            let attempt = try attempt(of: session.account, by: principal, in: transaction)
            guard let live = try Sessions.find(session.id, in: transaction), live.endedAt == nil, live.stage == session.stage,
                let account = try Accounts.find(session.account, in: transaction), account.isActive
            else { return .failure(Sessions.signInAgain) }
            // Whoever is in the middle of enrolling must not add a factor beside one that another browser enrolled meanwhile.
            if session.stage == .enrolment, try Factors.isEnrolled(account.id, in: transaction) { return .failure(Sessions.signInAgain) }
            guard let (challenge, credential) = verdict,
                case .fresh(let code) = try OneTimeCodes(plane).redeem(challenge, for: .passkeyRegistration, in: transaction),
                code.subject == Self.registrationSubject(session)
            else {
                try record("wrong-passkey", "passkey-enrolment", account.id, attempt, in: transaction)
                return .failure(Self.notRegistered)
            }
            try passkeys.add(credential, to: account.id, by: principal, in: transaction)
            try record("accepted", "passkey-enrolment", account.id, attempt, in: transaction)
            let codes = try factors.recoveryCodesIfNone(account.id, by: principal, in: transaction)
            guard session.stage == .enrolment else {
                try letters.drop(.factorAdded(to: account.identifier, what: "passkey", product: plane.product), transaction)
                return .success((nil, codes))
            }
            let methods = credential.backupEligible ? ["pop", "user", "swk"] : ["pop", "user"]
            let issued = try sessions.complete(session, methods: methods, by: principal, in: transaction)
            return .success((try arrive(issued, by: principal, in: transaction), codes))
        }.get()
    }

    private func registration(_ json: String) -> (challenge: String, credential: RegisteredCredential)? {
        guard let response = try? RegistrationResponse(json: json), let challenge = response.claimedChallenge,
            let credential = try? passkeys.party.verify(response, challenge: challenge)
        else { return nil }
        return (challenge, credential)
    }

    private static func registrationSubject(_ session: Session) -> String { "session/\(session.id)" }

    private static let notRegistered = Refusal(
        .invalid, "passkey-not-registered", "The passkey could not be registered, or it took too long. Try again.")
}
