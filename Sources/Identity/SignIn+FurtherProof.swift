import Audit
import Storage
import Vocabulary

extension SignIn {
    /// The password, in a finished session that began without one: for a tenant that doesn't take a passkey alone. A code does as well, by
    /// ``reauthenticate(_:in:by:)``.
    ///
    /// Gives the session a new token, and nothing of it becomes younger: what is dangerous asks for a factor, and a password is none.
    /// Guesses are counted and in the log, as at signing in.
    ///
    /// Throws ``Refusal`` `password-wrong`, `too-many-attempts`, `busy`.
    package func further(_ password: Secret, in session: Session, by principal: Principal) async throws -> IssuedSession {
        guard session.stage == .complete, session.environment == nil, principal.account == session.account else {
            throw Sessions.signInAgain
        }
        let id = session.account
        let throttle = Throttle(plane)
        let (attempt, keys, hash, admission) = try await plane.write {
            transaction -> (Attempt, [ThrottleKey], String?, Throttle.Admission) in
            let attempt = try self.attempt(of: id, by: principal, in: transaction)
            let keys = [
                session.device.map { throttle.password(attempt.identifier, on: $0) }
                    ?? throttle.password(attempt.identifier, knownAddress: "further")
            ]
            let admission = try throttle.admit(keys, in: transaction)
            if case .blocked = admission { try record("throttled", "password", id, attempt, in: transaction) }
            return (attempt, keys, try Passwords.hash(of: id, in: transaction), admission)
        }
        if case .blocked(let wait) = admission { throw Self.tooMany(wait) }
        let isRight: Bool
        do {
            if let hash {
                isRight = try await hasher.verify(PasswordPolicy.normalise(password), against: hash)
            } else {
                isRight = false
            }
        } catch {
            // Never judged: the hasher was busy.
            try await plane.write { transaction in
                try throttle.takeBack(keys, in: transaction)
                try record("busy", "password", id, attempt, in: transaction)
            }
            throw error
        }
        return try await plane.write { transaction -> Result<IssuedSession, Refusal> in
            // The hash again: it may have been replaced meanwhile.
            guard isRight, try Passwords.hash(of: id, in: transaction) == hash else {
                try record("wrong-password", "password", id, attempt, in: transaction)
                return .failure(Self.wrongPassword)
            }
            guard try Accounts.find(id, in: transaction)?.isActive == true else {
                try record("disabled", "password", id, attempt, in: transaction)
                return .failure(Sessions.signInAgain)
            }
            try throttle.clear(keys, in: transaction)
            try record("accepted", "password", id, attempt, in: transaction)
            return .success(try sessions.add("pwd", to: session, in: transaction))
        }.get()
    }

    private static let wrongPassword = Refusal(.unauthenticated, "password-wrong", "Your password is not right.")
}
