import Audit
import Storage
import Synchronization
import Vocabulary

/// An account that is nobody's: probes sign in with it by the front door, and it is erased afterwards.
///
/// It belongs to no tenant, so that its sessions reach nothing; and mail to it is counted instead of sent.
package final class ScratchAccount: Sendable {
    package let id: AccountID
    package let plane: ControlPlane
    package var principal: Principal { Principal(.account(id)) }

    private let identifier: String
    private let password: Secret
    private let totp: Secret
    package let signIn: SignIn
    private let outgoing: Outgoing

    /// Makes one, lends it to `body`, and erases it whatever comes of that.
    package static func with<T: Sendable>(_ signIn: SignIn, _ body: (ScratchAccount) async throws -> T) async throws -> T {
        let scratch = try await ScratchAccount(signIn)
        do {
            let result = try await body(scratch)
            try await scratch.erase()
            return result
        } catch {
            try? await scratch.erase()
            throw error
        }
    }

    private init(_ given: SignIn) async throws {
        let plane = given.plane
        self.plane = plane
        let box = Outgoing()
        var signIn = try SignIn(
            plane, sessions: given.sessions, hasher: given.hasher, factors: given.factors,
            letters: LetterBox { letter, _ in box.subjects.withLock { $0.append(letter.subject) } })
        signIn.risks = given.risks
        self.signIn = signIn
        outgoing = box
        let word = Base64URL.encode(plane.entropy.bytes(9)).lowercased().filter { $0.isLetter || $0.isNumber }
        // RFC 2606: no mail can ever reach it.
        identifier = "probe-\(word)@probe.invalid"
        password = Secret(Base64URL.encode(plane.entropy.bytes(24)))
        totp = Secret(plane.entropy.bytes(20))
        id = try await Self.make(identifier, password, totp, signIn)
    }

    /// Subjects of the mails that its owner would have got.
    package var mails: [String] { outgoing.subjects.withLock { $0 } }

    /// Password and authenticator, as a person would. A finished session.
    package func arrive(with agent: UserAgent, from address: String) async throws -> IssuedSession {
        let visitor = Principal(.anonymous, address: address)
        let step = try await signIn.password(identifier: identifier, password: password, by: visitor, agent: agent)
        // Each code works once, and the next one is half a minute away.
        try await plane.write { [id] in try $0.run("UPDATE totp_factor SET last_step = 0 WHERE account = \(id)") }
        let code = TOTP.code(secret: totp, step: TOTP.step(at: plane.clock.now()))
        return try await signIn.factor(.totp(code), in: step.issued.session, by: visitor)
    }

    /// As somebody does who tries one password on many accounts, none of which exists. From ``sprayer``.
    package func spray(_ count: Int) async throws {
        try await plane.write { [signIn, identifier] transaction in
            for number in 0..<count { try signIn.risks.noteFailure(at: "\(number)-\(identifier)", from: Self.sprayer, in: transaction) }
        }
    }

    /// From where trials spray: for documentation only (RFC 5737).
    package static let sprayer = "203.0.113.99"

    private static func make(_ identifier: String, _ password: Secret, _ totp: Secret, _ signIn: SignIn) async throws -> AccountID {
        let plane = signIn.plane
        let hash = try await signIn.hasher.hash(PasswordPolicy.normalise(password))
        return try await plane.write { transaction in
            let itself = Principal(.platform(component: "controls"))
            let account = try Accounts(plane).create(identifier: identifier, displayName: "Probe", by: itself, in: transaction)
            try Passwords.store(hash, for: account.id, on: plane, by: itself, in: transaction)
            let sealed = try signIn.factors.seal(totp, for: account.id)
            try transaction.run(
                """
                INSERT INTO totp_factor (account, state, sealed, last_step, created_at)
                VALUES (\(account.id), 'active', \(sealed), 0, \(plane.clock.now()))
                """)
            return account.id
        }
    }

    private func erase() async throws {
        try await plane.write { [plane, id, identifier] transaction in
            let throttle = Throttle(plane)
            try throttle.clear([throttle.password(identifier, knownAddress: nil)], in: transaction)
            try transaction.run("DELETE FROM membership_role WHERE membership IN (SELECT id FROM membership WHERE account = \(id))")
            for table: SQL in ["membership", "risk_event", "arrival", "device", "totp_factor", "recovery_code", "password"] {
                try transaction.run("DELETE FROM \(table) WHERE account = \(id)")
            }
            try transaction.run("DELETE FROM session WHERE account = \(id) AND parent IS NOT NULL")
            try transaction.run("DELETE FROM session WHERE account = \(id)")
            if let network = Neighbourhood.of(Self.sprayer) { try transaction.run("DELETE FROM failed_sign_in WHERE network = \(network)") }
            try transaction.run("DELETE FROM one_time_code WHERE subject = \(id.description)")
            try transaction.run("DELETE FROM account WHERE id = \(id)")
            try plane.invalidate(.account(id), in: transaction)
        }
    }
}

private final class Outgoing: Sendable {
    let subjects = Mutex<[String]>([])
}
