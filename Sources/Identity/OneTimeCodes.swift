import Storage
import Vocabulary

/// What a code is good for. A code of one purpose is nothing for another.
package enum CodePurpose: String, Sendable, Hashable, CaseIterable {
    case invitation
    case firstOperator = "first-operator"
    case passwordReset = "password-reset"
    case authorization
    case factorReset = "factor-reset"
    /// Ends everything of an account; in the mail about a new device.
    case wayOut = "way-out"
    /// Its owner's word for an unusual sign-in.
    case signInConfirmation = "sign-in-confirmation"
    // Challenges of passkeys (WebAuthn section 13.4.3): one for each ceremony, bound to the browser or session that asked.
    case passkeyRegistration = "passkey-registration"
    case passkeySignIn = "passkey-sign-in"
    case passkeyFactor = "passkey-factor"

    /// Whether a second use tells of a theft, so that the code is kept a while after its end. A stranger can have any number of challenges
    /// made, and nobody steals them.
    var isRemembered: Bool {
        switch self {
        case .invitation, .firstOperator, .passwordReset, .authorization, .factorReset, .wayOut, .signInConfirmation: true
        case .passkeyRegistration, .passkeySignIn, .passkeyFactor: false
        }
    }
}

/// A code that was found: whom it is for and what was put into it.
package struct OneTimeCode: Sendable, Hashable {
    package let purpose: CodePurpose
    /// Whom or what the code was made for: an account's or an invitation's identifier.
    package let subject: String
    /// What the issuer wants back, usually JSON.
    package let payload: String
    package let createdAt: Instant
    package let expiresAt: Instant
}

package enum Redemption: Sendable, Hashable {
    /// This call used the code up.
    case fresh(OneTimeCode)
    /// It was used before: whoever shows it again may have stolen it.
    case spent(OneTimeCode)
    case expired
    case unknown
}

/// One table for all codes that work once. Only their digests are stored.
package struct OneTimeCodes: Sendable {
    let plane: ControlPlane

    package init(_ plane: ControlPlane) { self.plane = plane }

    package static let migrations: [Migration] = [
        Migration("identity_0006_one_time_codes") { dialect in
            [
                """
                CREATE TABLE one_time_code (
                    digest TEXT NOT NULL PRIMARY KEY,
                    purpose TEXT NOT NULL,
                    subject TEXT NOT NULL,
                    payload TEXT NOT NULL,
                    created_at \(dialect.instant) NOT NULL,
                    expires_at \(dialect.instant) NOT NULL,
                    used_at \(dialect.instant)
                )\(dialect.strict)
                """,
                "CREATE INDEX one_time_code_by_subject ON one_time_code (subject)",
                "CREATE INDEX one_time_code_by_expiry ON one_time_code (expires_at)",
            ]
        }
    ]

    /// Makes a code. The token exists only in the answer.
    package func issue(
        _ purpose: CodePurpose, for subject: String, payload: String = "{}", life: Duration, in transaction: any Transaction
    ) throws -> Token {
        let token = Token(entropy: plane.entropy)
        let now = plane.clock.now()
        try transaction.run(
            """
            INSERT INTO one_time_code (digest, purpose, subject, payload, created_at, expires_at)
            VALUES (\(token.digest), \(purpose.rawValue), \(subject), \(payload), \(now), \(now + life))
            """)
        return token
    }

    /// Uses a code up. Of any number of calls at the same time, exactly one sees `.fresh`, since one statement decides.
    package func redeem(_ token: String, for purpose: CodePurpose, in transaction: any Transaction) throws -> Redemption {
        guard token.utf8.count == 43 else { return .unknown }
        let digest = TokenDigest(of: token)
        let now = plane.clock.now()
        let used = try transaction.row(
            """
            UPDATE one_time_code SET used_at = \(now)
            WHERE digest = \(digest) AND purpose = \(purpose.rawValue) AND used_at IS NULL
                AND expires_at > \(now) AND created_at <= \(now + Session.clockTolerance)
            RETURNING \(Self.columns)
            """)
        if let used { return .fresh(try Self.code(used)) }
        let row = try transaction.row(
            "SELECT \(Self.columns), used_at FROM one_time_code WHERE digest = \(digest) AND purpose = \(purpose.rawValue)")
        guard let row else { return .unknown }
        return try row.get(5, as: Instant?.self) == nil ? .expired : .spent(try Self.code(row))
    }

    /// Looks without using up: for the page behind a link in a mail.
    package func inspect(_ token: String, for purpose: CodePurpose, in reader: any Reader) throws -> OneTimeCode? {
        guard token.utf8.count == 43 else { return nil }
        let now = plane.clock.now()
        return try reader.row(
            """
            SELECT \(Self.columns) FROM one_time_code
            WHERE digest = \(TokenDigest(of: token)) AND purpose = \(purpose.rawValue) AND used_at IS NULL
                AND expires_at > \(now) AND created_at <= \(now + Session.clockTolerance)
            """
        ).map(Self.code)
    }

    /// Makes every unused code of a purpose for a subject worthless.
    package func burn(_ purpose: CodePurpose, for subject: String, in transaction: any Transaction) throws {
        try transaction.run(
            """
            UPDATE one_time_code SET used_at = \(plane.clock.now()) WHERE subject = \(subject) AND purpose = \(purpose.rawValue)
            AND used_at IS NULL
            """)
    }

    static func burnAll(of account: AccountID, at now: Instant, in transaction: any Transaction) throws {
        try transaction.run("UPDATE one_time_code SET used_at = \(now) WHERE subject = \(account.description) AND used_at IS NULL")
    }

    /// Forgets codes that ended a day ago or longer. A spent code is kept that long so that a second use is recognised as theft; what
    /// isn't remembered goes at once.
    package func sweep() async throws {
        let now = plane.clock.now()
        let fleeting: [SQL] = CodePurpose.allCases.filter { !$0.isRemembered }.map { "\($0.rawValue)" }
        try await plane.write {
            try $0.run(
                """
                DELETE FROM one_time_code WHERE expires_at < \(now - .days(1)) OR (expires_at < \(now) AND purpose IN (\(fleeting.joined())))
                """)
        }
    }

    private static let columns: SQL = "purpose, subject, payload, created_at, expires_at"

    private static func code(_ row: Row) throws -> OneTimeCode {
        guard let purpose = CodePurpose(rawValue: try row.get(0)) else { throw StorageError.unexpectedColumn("one_time_code.purpose") }
        return OneTimeCode(
            purpose: purpose, subject: try row.get(1), payload: try row.get(2), createdAt: try row.get(3), expiresAt: try row.get(4))
    }
}
