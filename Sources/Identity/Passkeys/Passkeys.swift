import Audit
import Storage
import Vocabulary
import WebAuthn

/// The passkeys of all accounts. Only public keys are stored: a stolen copy of this database signs nobody in.
package struct Passkeys: Sendable {
    let plane: ControlPlane
    let party: RelyingParty

    /// Throws ``Refusal`` where the apex has no origin that browsers do passkeys for.
    package init(_ plane: ControlPlane) throws {
        guard let party = RelyingParty(origin: plane.origin, name: plane.product) else {
            throw Refusal.invalid("origin", "The apex must be reached by https and a name, such as https://id.example.com.")
        }
        self.plane = plane
        self.party = party
    }

    package static let migrations: [Migration] = [
        Migration("identity_0010_passkeys") { dialect in
            [
                // What an authenticator knows of the account: random, so that it names nobody to whoever holds the device.
                """
                CREATE TABLE passkey_user (
                    account TEXT NOT NULL PRIMARY KEY REFERENCES account (id),
                    handle TEXT NOT NULL UNIQUE
                )\(dialect.strict)
                """,
                """
                CREATE TABLE passkey (
                    id TEXT NOT NULL PRIMARY KEY,
                    account TEXT NOT NULL REFERENCES passkey_user (account),
                    credential TEXT NOT NULL UNIQUE,
                    public_key \(dialect.bytes) NOT NULL,
                    sign_count \(dialect.instant) NOT NULL,
                    name TEXT NOT NULL,
                    aaguid TEXT NOT NULL,
                    transports TEXT NOT NULL,
                    discoverable INTEGER,
                    user_verified INTEGER NOT NULL,
                    backup_eligible INTEGER NOT NULL,
                    backed_up INTEGER NOT NULL,
                    created_at \(dialect.instant) NOT NULL,
                    last_used_at \(dialect.instant)
                )\(dialect.strict)
                """,
                "CREATE INDEX passkey_by_account ON passkey (account)",
            ]
        }
    ]

    /// Oldest first.
    package func list(of account: AccountID) async throws -> [Passkey] {
        try await plane.database.read { try Self.list(of: account, in: $0) }
    }

    package func rename(_ id: PasskeyID, to rawName: String, by principal: Principal) async throws {
        guard let account = principal.account else { throw Refusal.notFound("passkey") }
        guard let name = Text.name(rawName, limit: 60) else {
            throw Refusal.invalid("name", "Give it a name of at most 60 characters.", field: "name")
        }
        try await plane.write { transaction in
            guard try transaction.run("UPDATE passkey SET name = \(name) WHERE id = \(id) AND account = \(account)") == 1 else {
                throw Refusal.notFound("passkey")
            }
        }
    }
}

// MARK: Inside a transaction of somebody else

extension Passkeys {
    static func list(of account: AccountID, in reader: any Reader) throws -> [Passkey] {
        try reader.rows(
            """
            SELECT \(Passkey.columns) FROM passkey JOIN passkey_user ON passkey_user.account = passkey.account
            WHERE passkey.account = \(account) ORDER BY passkey.id
            """
        ).map(Passkey.init(row:))
    }

    static func find(credential: [UInt8], in reader: any Reader) throws -> Passkey? {
        try reader.row(
            """
            SELECT \(Passkey.columns) FROM passkey JOIN passkey_user ON passkey_user.account = passkey.account
            WHERE passkey.credential = \(Base64URL.encode(credential))
            """
        ).map(Passkey.init(row:))
    }

    /// The account's random name, made at the first need.
    func userHandle(of account: AccountID, in transaction: any Transaction) throws -> [UInt8] {
        let known: SQL = "SELECT handle FROM passkey_user WHERE account = \(account)"
        if let handle = try transaction.value(known, as: String.self).flatMap({ Base64URL.decode($0) }) { return handle }
        let handle = plane.entropy.bytes(32)
        try transaction.run("INSERT INTO passkey_user (account, handle) VALUES (\(account), \(Base64URL.encode(handle)))")
        return handle
    }

    /// Throws ``Refusal`` `passkey-known`, `too-many-passkeys`.
    func add(_ credential: RegisteredCredential, to account: AccountID, by principal: Principal, in transaction: any Transaction) throws {
        let now = plane.clock.now()
        let count = try transaction.value("SELECT count(*) FROM passkey WHERE account = \(account)", as: Int.self) ?? 0
        guard count < Passkey.limit else {
            throw Refusal.conflict("too-many-passkeys", "You have \(Passkey.limit) passkeys already. Remove one that you no longer use.")
        }
        let name = PasskeyProvider.name(of: credential.aaguid) ?? "Passkey"
        let added = try transaction.run(
            """
            INSERT INTO passkey (id, account, credential, public_key, sign_count, name, aaguid, transports, discoverable, user_verified,
                backup_eligible, backed_up, created_at)
            VALUES (\(PasskeyID(at: now, entropy: plane.entropy)), \(account), \(Base64URL.encode(credential.id)), \(credential.publicKey.cose),
                \(Int64(credential.signCount)), \(name), \(credential.aaguid.description),
                \(credential.transports.map(\.rawValue).joined(separator: " ")), \(credential.isDiscoverable), \(credential.userVerified),
                \(credential.backupEligible), \(credential.backedUp), \(now))
            ON CONFLICT (credential) DO NOTHING
            """)
        // Of whoever's: section 7.1 asks for that, and the sentence says nothing of others.
        guard added == 1 else { throw Refusal.conflict("passkey-known", "This passkey is registered already. Use another one.") }
        try plane.audit.record(.factorEnrolled(account: account, factor: "passkey"), by: principal, at: now, in: transaction)
    }

    /// The passkey did what it was asked for.
    func noteUse(_ use: VerifiedUse, by principal: Principal, in transaction: any Transaction) throws {
        let now = plane.clock.now()
        try transaction.run(
            """
            UPDATE passkey SET sign_count = \(Int64(use.assertion.signCount)), backed_up = \(use.assertion.backedUp), last_used_at = \(now)
            WHERE id = \(use.passkey.id)
            """)
        guard use.assertion.countWentBack else { return }
        // An alarm, not a lock: what copied a key could otherwise shut its owner out, and counters go wrong by themselves, too.
        try plane.audit.record(
            .passkeyCopySuspected(account: use.passkey.account, passkey: use.passkey.id.description), by: principal, at: now,
            in: transaction)
    }
}
