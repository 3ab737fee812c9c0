import Audit
import Sealing
import Storage
import Vocabulary

/// An authenticator application being enrolled: what the page shows, once.
package struct TOTPEnrolment: Sendable {
    /// For typing: groups of four Base32 characters.
    package let secretText: String
    package let uri: String
    package let qrSVG: String
}

/// What an account has beside its password.
package struct FactorSummary: Sendable, Hashable {
    /// Since when it has an authenticator application.
    package let enrolledAt: Instant?
    package let recoveryCodesLeft: Int
    package let passkeys: [Passkey]
    package var hasAuthenticator: Bool { enrolledAt != nil }
    package var isEnrolled: Bool { hasAuthenticator || !passkeys.isEmpty }
}

/// Second factors: an authenticator application (its secret sealed) and recovery codes (only digests).
package struct Factors: Sendable {
    let plane: ControlPlane
    let sealer: Sealer

    /// `sealer`: of the control plane's key, purpose `.sealedColumns`.
    package init(_ plane: ControlPlane, sealer: Sealer) {
        self.plane = plane
        self.sealer = sealer
    }

    package static let migrations: [Migration] = [
        Migration("identity_0003_factors") { dialect in
            [
                """
                CREATE TABLE totp_factor (
                    account TEXT NOT NULL REFERENCES account (id),
                    state TEXT NOT NULL CHECK (state IN ('pending', 'active')),
                    sealed \(dialect.bytes) NOT NULL,
                    last_step \(dialect.instant) NOT NULL,
                    created_at \(dialect.instant) NOT NULL,
                    PRIMARY KEY (account, state)
                )\(dialect.strict)
                """,
                """
                CREATE TABLE recovery_code (
                    account TEXT NOT NULL REFERENCES account (id),
                    digest TEXT NOT NULL,
                    created_at \(dialect.instant) NOT NULL,
                    used_at \(dialect.instant),
                    PRIMARY KEY (account, digest)
                )\(dialect.strict)
                """,
            ]
        }
    ]

    package func summary(of account: AccountID) async throws -> FactorSummary {
        try await plane.database.read { reader in
            FactorSummary(
                enrolledAt: try reader.value("SELECT created_at FROM totp_factor WHERE account = \(account) AND state = 'active'"),
                recoveryCodesLeft: try reader.value(
                    "SELECT count(*) FROM recovery_code WHERE account = \(account) AND used_at IS NULL") ?? 0,
                passkeys: try Passkeys.list(of: account, in: reader))
        }
    }

    static func isEnrolled(_ account: AccountID, in reader: any Reader) throws -> Bool {
        try reader.row(
            """
            SELECT 1 FROM totp_factor WHERE account = \(account) AND state = 'active'
            UNION ALL SELECT 1 FROM passkey WHERE account = \(account) LIMIT 1
            """) != nil
    }

    /// The pending enrolment, made if there is none: reloading the page shows the same code.
    func begin(_ account: Account, in transaction: any Transaction) throws -> TOTPEnrolment {
        let pending = try transaction.value(
            "SELECT sealed FROM totp_factor WHERE account = \(account.id) AND state = 'pending'", as: [UInt8].self)
        let secret: Secret
        if let pending {
            secret = try sealer.open(pending, context: context(account.id))
        } else {
            secret = Secret(plane.entropy.bytes(20))
            let sealed = try sealer.seal(secret, context: context(account.id))
            try transaction.run(
                """
                INSERT INTO totp_factor (account, state, sealed, last_step, created_at)
                VALUES (\(account.id), 'pending', \(sealed), 0, \(plane.clock.now()))
                """)
        }
        let uri = TOTP.uri(secret: secret, account: account.identifier, issuer: plane.product)
        guard let svg = QRCode.svg(of: uri, title: "QR code for your authenticator application") else {
            throw Refusal.invalid("identifier-long", "Your address is too long for a QR code. Type the key instead.")
        }
        return TOTPEnrolment(secretText: Self.grouped(Base32.encode(secret)), uri: uri, qrSVG: svg)
    }

    /// Turns the pending authenticator into the active one, if `code` is one of its. The old one stops working.
    /// Returns fresh recovery codes where the account has none left, else an empty list; nil for a wrong code.
    func confirm(_ account: AccountID, code: String, by principal: Principal, in transaction: any Transaction) throws -> [String]? {
        let now = plane.clock.now()
        let sealed = try transaction.value(
            "SELECT sealed FROM totp_factor WHERE account = \(account) AND state = 'pending'", as: [UInt8].self)
        guard let sealed else {
            throw Refusal.conflict("no-enrolment", "There is no authenticator to confirm. Start the enrolment again.")
        }
        let secret = try sealer.open(sealed, context: context(account))
        guard let step = TOTP.step(matching: code, secret: secret, at: now) else { return nil }
        try transaction.run("DELETE FROM totp_factor WHERE account = \(account) AND state = 'active'")
        try transaction.run(
            """
            UPDATE totp_factor SET state = 'active', last_step = \(step), created_at = \(now)
            WHERE account = \(account) AND state = 'pending'
            """)
        try plane.audit.record(.factorEnrolled(account: account, factor: "totp"), by: principal, at: now, in: transaction)
        return try recoveryCodesIfNone(account, by: principal, in: transaction)
    }

    package enum Verdict: Sendable, Hashable {
        case right
        case wrong
        /// Right, but it was used before.
        case used
    }

    /// Judges a code of the authenticator and uses its time step up.
    func verifyTOTP(_ account: AccountID, code: String, in transaction: any Transaction) throws -> Verdict {
        let sealed = try transaction.value(
            "SELECT sealed FROM totp_factor WHERE account = \(account) AND state = 'active'", as: [UInt8].self)
        guard let sealed else { return .wrong }
        let secret = try sealer.open(sealed, context: context(account))
        guard let step = TOTP.step(matching: code, secret: secret, at: plane.clock.now()) else { return .wrong }
        let used = try transaction.run(
            "UPDATE totp_factor SET last_step = \(step) WHERE account = \(account) AND state = 'active' AND last_step < \(step)")
        return used == 1 ? .right : .used
    }

    // MARK: Recovery codes

    /// What comes with a first factor: fresh codes where the account has none left, else an empty list.
    func recoveryCodesIfNone(_ account: AccountID, by principal: Principal, in transaction: any Transaction) throws -> [String] {
        let left = try transaction.value("SELECT count(*) FROM recovery_code WHERE account = \(account) AND used_at IS NULL", as: Int.self)
        return (left ?? 0) > 0 ? [] : try makeRecoveryCodes(account, by: principal, in: transaction)
    }

    /// Ten new codes; all earlier ones are worthless. Shown once, by the caller, and never again.
    func makeRecoveryCodes(_ account: AccountID, by principal: Principal, in transaction: any Transaction) throws -> [String] {
        let now = plane.clock.now()
        try transaction.run("DELETE FROM recovery_code WHERE account = \(account)")
        let codes = (0..<10).map { _ in Self.grouped(Base32.encode(plane.entropy.bytes(10)).lowercased()) }
        for code in codes {
            try transaction.run(
                "INSERT INTO recovery_code (account, digest, created_at) VALUES (\(account), \(digest(of: code, account)), \(now))")
        }
        try plane.audit.record(.recoveryCodesIssued(account: account), by: principal, at: now, in: transaction)
        return codes
    }

    func verifyRecoveryCode(_ account: AccountID, code: String, by principal: Principal, in transaction: any Transaction) throws -> Verdict
    {
        guard code.utf8.count <= 64 else { return .wrong }
        let now = plane.clock.now()
        let digest = digest(of: code, account)
        let used = try transaction.run(
            "UPDATE recovery_code SET used_at = \(now) WHERE account = \(account) AND digest = \(digest) AND used_at IS NULL")
        guard used == 1 else {
            return try transaction.row(
                """
                SELECT 1 FROM recovery_code WHERE account = \(account) AND digest = \(digest)
                """) == nil ? .wrong : .used
        }
        try plane.audit.record(.recoveryCodeUsed(account: account), by: principal, at: now, in: transaction)
        return .right
    }

    /// 80 random bits, under a key that is not in this database: a stolen copy of it is no use for guessing.
    private func digest(of code: String, _ account: AccountID) -> String {
        let plain = String(code.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) })
        return plane.keyedDigest("\(account)\u{0}\(plain)", for: "recovery-code")
    }

    func seal(_ secret: Secret, for account: AccountID) throws -> [UInt8] { try sealer.seal(secret, context: context(account)) }

    private func context(_ account: AccountID) -> SealingContext { SealingContext(.control, object: "totp/\(account)") }

    private static func grouped(_ text: String) -> String {
        stride(from: 0, to: text.utf8.count, by: 4).map { String(text.dropFirst($0).prefix(4)) }.joined(separator: "-")
    }
}
