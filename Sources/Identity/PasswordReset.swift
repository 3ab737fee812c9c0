import Audit
import Sealing
import Storage
import Vocabulary

/// A forgotten password: a link by mail, then the second factor, then a new password, then sign in as always.
///
/// The mail alone is not enough: whoever reads somebody's mail still needs the authenticator or a recovery code.
package struct PasswordReset: Sendable {
    let signIn: SignIn
    let letters: LetterBox
    private var plane: ControlPlane { signIn.plane }

    package init(_ signIn: SignIn, letters: LetterBox) {
        self.signIn = signIn
        self.letters = letters
    }

    /// What the page behind the link has to ask for.
    package struct Form: Sendable, Hashable {
        package let identifier: String
        /// False only for an account that has not finished its onboarding, and so has nothing to protect yet.
        package let needsFactor: Bool
        package let hasPasskey: Bool
        package let policy: PasswordPolicy
    }

    /// Sends a mail if there is such an account, and says nothing about it.
    package func request(identifier raw: String, by principal: Principal) async throws {
        let identifier = Text.identifier(raw) ?? String(decoding: raw.lowercased().utf8.prefix(254), as: UTF8.self)
        let blocked = try await plane.write { transaction -> Duration? in
            let throttle = Throttle(plane)
            let digest = plane.keyedDigest(identifier, for: "audit-identifier")
            let keys = [throttle.mail(to: identifier)] + (throttle.address(principal.address).map { [$0] } ?? [])
            if case .blocked(let wait) = try throttle.admit(keys, in: transaction) {
                try plane.audit.record(
                    .throttled(identifierDigest: digest, retryAfterSeconds: Int(wait.components.seconds)), by: principal,
                    at: plane.clock.now(),
                    in: transaction)
                return wait
            }
            // A code is made in either case, so that both cases cost the same.
            let account = try Accounts.find(identifier: identifier, in: transaction)
            let subject = account.flatMap { $0.isActive ? $0.id.description : nil } ?? "nobody"
            let life = Duration.minutes(30)
            let token = try OneTimeCodes(plane).issue(.passwordReset, for: subject, life: life, in: transaction)
            if let account, account.isActive {
                try letters.drop(
                    .passwordReset(
                        to: account.identifier, link: "\(plane.origin)/password/reset/\(token.text)", product: plane.product,
                        until: plane.clock.now() + life),
                    transaction)
            }
            return nil
        }
        if let blocked { throw SignIn.tooMany(blocked) }
    }

    package func inspect(_ token: String) async throws -> Form {
        try await plane.database.read { reader in
            guard let account = try self.account(behind: token, in: reader) else { throw Self.badLink }
            return Form(
                identifier: account.identifier, needsFactor: try Factors.isEnrolled(account.id, in: reader),
                hasPasskey: try !Passkeys.list(of: account.id, in: reader).isEmpty,
                policy: try Passwords.policy(for: account.id, in: reader))
        }
    }

    /// Sets the new password and ends all sessions. A wrong second factor leaves the link usable; guesses are throttled.
    package func finish(_ token: String, newPassword: Secret, proof: FactorProof?, by principal: Principal) async throws {
        let (account, policy): (Account, PasswordPolicy) = try await plane.database.read { reader in
            guard let account = try self.account(behind: token, in: reader) else { throw Self.badLink }
            return (account, try Passwords.policy(for: account.id, in: reader))
        }
        try await policy.check(
            newPassword, context: [account.identifier, account.displayName, plane.product], breached: plane.breachedPasswords)
        let hash = try await signIn.hasher.hash(PasswordPolicy.normalise(newPassword))
        let refusal = try await plane.write { transaction -> Refusal? in
            guard try self.account(behind: token, in: transaction)?.id == account.id else { return Self.badLink }
            if try Factors.isEnrolled(account.id, in: transaction) {
                guard let proof else {
                    return .invalid(
                        "factor-missing", "Use a passkey, or enter a code of your authenticator or a recovery code.", field: "code")
                }
                if case .failure(let refusal) = try signIn.judge(proof, of: account.id, by: principal, in: transaction) { return refusal }
            }
            guard case .fresh = try OneTimeCodes(plane).redeem(token, for: .passwordReset, in: transaction) else { return Self.badLink }
            try OneTimeCodes(plane).burn(.passwordReset, for: account.id.description, in: transaction)
            try Passwords.store(hash, for: account.id, on: plane, by: principal, in: transaction)
            try signIn.sessions.endAll(of: account.id, because: .passwordChanged, at: plane.clock.now(), in: transaction)
            let throttle = Throttle(plane)
            try throttle.clear([throttle.password(account.identifier, knownAddress: nil)], in: transaction)
            try letters.drop(.passwordChanged(to: account.identifier, product: plane.product, keepsOne: false), transaction)
            return nil
        }
        if let refusal { throw refusal }
    }

    /// What the browser is asked, where the account has a passkey.
    package func passkeyOptions(_ token: String) async throws -> JSONValue {
        guard let account = try await plane.database.read({ try self.account(behind: token, in: $0) }) else { throw Self.badLink }
        return try await signIn.passkeys.requestOptions(for: .reset(TokenDigest(of: token)), account: account.id)
    }

    /// A proof for ``finish(_:newPassword:proof:by:)``.
    package func passkeyProof(_ json: String, _ token: String) async throws -> FactorProof {
        .passkey(try await signIn.passkeys.examine(json, for: .reset(TokenDigest(of: token))))
    }

    private func account(behind token: String, in reader: any Reader) throws -> Account? {
        guard let code = try OneTimeCodes(plane).inspect(token, for: .passwordReset, in: reader), let id = AccountID(code.subject),
            let account = try Accounts.find(id, in: reader), account.isActive
        else { return nil }
        return account
    }

    static let badLink = Refusal(.gone, "link-spent", "This link was used already, or is too old. Ask for a new one.")
}
