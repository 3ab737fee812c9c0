import Storage
import Vocabulary

/// People who are nobody, for probes that must see what happens to one.
///
/// Their addresses lie in a domain that can't exist (RFC 2606): no mail reaches them, so nobody can become one of them, and none of them
/// can be somebody. They begin signed in, have no password and no factor, and are gone without a trace in the tables afterwards.
package struct ScratchPeople: Sendable {
    package struct Person: Sendable {
        package let account: AccountID
        package let identifier: String
        /// As after a sign-in with two factors.
        package let session: IssuedSession
    }

    static let domain = "@holdfast.invalid"
    private let sessions: Sessions
    private var plane: ControlPlane { sessions.plane }

    package init(_ sessions: Sessions) { self.sessions = sessions }

    /// `identifier`: before the `@`; nil: one that nobody has.
    package func make(_ identifier: String? = nil, by principal: Principal) async throws -> Person {
        let name = identifier ?? "probe-\(String(plane.entropy.words().0, radix: 36))"
        return try await plane.write { [sessions] transaction in
            let account = try Accounts(plane).create(
                identifier: name + Self.domain, displayName: "Nobody", by: principal, in: transaction)
            guard account.identifier.hasSuffix(Self.domain) else { throw Accounts.wrongIdentifier }
            let session = try sessions.startApex(
                account: account.id, stage: .complete, methods: ["pwd", "otp"], by: Principal(.account(account.id)), agent: nil,
                in: transaction)
            return Person(account: account.id, identifier: account.identifier, session: session)
        }
    }

    /// Takes them away with everything of theirs, those that a crash left behind too.
    package func forgetAll() async throws {
        try await plane.write { transaction in
            let left = try transaction.rows("SELECT id FROM account WHERE identifier LIKE \("%" + Self.domain)").map {
                try $0.get(0, as: AccountID.self)
            }
            for account in left {
                try transaction.run("DELETE FROM one_time_code WHERE subject = \(account.description)")
                try transaction.run("DELETE FROM arrival WHERE account = \(account)")
                try transaction.run("DELETE FROM device WHERE account = \(account)")
                try transaction.run(
                    "DELETE FROM membership_role WHERE membership IN (SELECT id FROM membership WHERE account = \(account))")
                try transaction.run("DELETE FROM membership WHERE account = \(account)")
                try transaction.run("DELETE FROM session WHERE account = \(account) AND parent IS NOT NULL")
                try transaction.run("DELETE FROM session WHERE account = \(account)")
                try transaction.run("DELETE FROM password WHERE account = \(account)")
                try transaction.run("DELETE FROM account WHERE id = \(account)")
                try plane.invalidate(.account(account), in: transaction)
            }
        }
    }
}
