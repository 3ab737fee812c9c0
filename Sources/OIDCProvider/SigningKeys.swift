import Audit
import Cluster
import Crypto
import CryptoExtras
import Identity
import Sealing
import Storage
import Vocabulary

/// The provider's keys: sealed in the control database, unsealed in memory until one is made or withdrawn, on whichever node.
///
/// A new key is published ten minutes before it signs, and the old one two days after it stopped, so that no
/// application sees a signature of a key that it can't find.
package final class SigningKeys: Sendable {
    private let plane: ControlPlane
    private let sealer: Sealer
    private let loaded: BoundedCache<Whole, [SigningKey]>

    /// All keys are remembered together.
    private enum Whole: Sendable { case ring }

    /// `sealer`: of the control plane's key, purpose `.sealedColumns`.
    package init(_ plane: ControlPlane, sealer: Sealer) {
        self.plane = plane
        self.sealer = sealer
        let loaded = BoundedCache<Whole, [SigningKey]>(limit: 1, lease: plane.coherence.lease)
        self.loaded = loaded
        plane.coherence.listen { invalidation in
            switch invalidation {
            case .signingKeys, .everything: loaded.forgetAll()
            case .session, .account, .rights, .environment, .ban, .allowedRanges, .key, .masterKey: break
            }
        }
    }

    package static let migrations: [Migration] = [
        Migration("oidc_0002_signing_keys") { dialect in
            [
                """
                CREATE TABLE signing_key (
                    id TEXT NOT NULL PRIMARY KEY,
                    algorithm TEXT NOT NULL CHECK (algorithm IN ('ES256', 'RS256')),
                    sealed \(dialect.bytes) NOT NULL,
                    certificate \(dialect.bytes) NOT NULL,
                    signs_from \(dialect.instant) NOT NULL,
                    signs_until \(dialect.instant)
                )\(dialect.strict)
                """
            ]
        }
    ]

    package static let life = Duration.days(90)
    package static let announced = Duration.minutes(10)

    /// Makes the keys that are missing or due. Call it at start and once a day. Of several nodes that do so at once, one makes the key.
    package func prepare(_ algorithms: [SigningAlgorithm] = SigningAlgorithm.allCases) async throws {
        let keys = try await all()
        let now = plane.clock.now()
        for algorithm in algorithms {
            let newest = keys.filter { $0.algorithm == algorithm }.max { $0.signsFrom < $1.signsFrom }
            guard let newest, now < newest.signsFrom + Self.life, newest.signsUntil == nil else {
                try await rotate(algorithm, after: newest?.id, by: Principal(.platform(component: "signing-keys")))
                continue
            }
        }
    }

    /// A new key, which takes over after ``announced``; at once if there is none yet.
    package func rotate(_ algorithm: SigningAlgorithm, by principal: Principal) async throws {
        let newest = try await all().filter { $0.algorithm == algorithm }.max { $0.signsFrom < $1.signsFrom }
        try await rotate(algorithm, after: newest?.id, by: principal)
    }

    /// - Parameter newest: the key that was the newest one when it was decided to make another. If it no longer is, that has been done.
    private func rotate(_ algorithm: SigningAlgorithm, after newest: String?, by principal: Principal) async throws {
        let now = plane.clock.now()
        let made = try make(algorithm, at: now)
        try await plane.write { [plane] transaction in
            let present = try transaction.value(
                "SELECT id FROM signing_key WHERE algorithm = \(algorithm.rawValue) ORDER BY signs_from DESC LIMIT 1", as: String.self)
            guard present == newest else { return }
            let hasCurrent =
                try transaction.row(
                    """
                    SELECT 1 FROM signing_key WHERE algorithm = \(algorithm.rawValue) AND (signs_until IS NULL OR signs_until > \(now))
                    """) != nil
            let start = hasCurrent ? now + Self.announced : now
            try transaction.run(
                """
                UPDATE signing_key SET signs_until = \(start) WHERE algorithm = \(algorithm.rawValue) AND (signs_until IS NULL OR
                signs_until > \(start))
                """)
            try transaction.run("DELETE FROM signing_key WHERE signs_until < \(now - SigningKey.published - .days(30))")
            try transaction.run(
                """
                INSERT INTO signing_key (id, algorithm, sealed, certificate, signs_from)
                VALUES (\(made.id), \(algorithm.rawValue), \(made.sealed), \(made.certificate), \(start))
                """)
            try plane.audit.record(.signingKeyCreated(key: made.id, algorithm: algorithm.rawValue), by: principal, at: now, in: transaction)
            try plane.invalidate(.signingKeys, in: transaction)
        }
    }

    /// The key to sign with now.
    package func current(_ algorithm: SigningAlgorithm) async throws -> SigningKey {
        let now = plane.clock.now()
        let signing = try await all().filter { $0.algorithm == algorithm && $0.signs(at: now) }
        guard let key = signing.max(by: { $0.signsFrom < $1.signsFrom }) else {
            throw Refusal(
                .unavailable(retryAfter: .seconds(5)), "no-signing-key", "The server is getting ready. Try again in a few seconds.")
        }
        return key
    }

    /// The key with this identifier, while it is published.
    package func find(_ id: String) async throws -> SigningKey? {
        let now = plane.clock.now()
        return try await all().first { $0.id == id && $0.isPublished(at: now) }
    }

    /// `/.well-known/jwks.json`.
    package func publicKeys() async throws -> JSONValue {
        let now = plane.clock.now()
        return ["keys": .array(try await all().filter { $0.isPublished(at: now) }.map { try $0.publicKey })]
    }

    private func all() async throws -> [SigningKey] {
        if let keys = loaded[.ring] { return keys }
        let generation = loaded.generation
        let rows = try await plane.database.read { reader in
            try reader.rows("SELECT id, algorithm, sealed, certificate, signs_from, signs_until FROM signing_key ORDER BY signs_from")
        }
        let keys = try rows.map { row in
            let id = try row.get(0, as: String.self)
            let secret = try sealer.open(try row.get(2), context: context(id))
            let material: SigningKey.Material =
                switch SigningAlgorithm(rawValue: try row.get(1)) {
                case .es256: .p256(try secret.withBytes { try P256.Signing.PrivateKey(rawRepresentation: $0) })
                case .rs256: .rsa(try secret.withBytes { try _RSA.Signing.PrivateKey(derRepresentation: Array($0)) })
                case nil: throw StorageError.unexpectedColumn("signing_key.algorithm")
                }
            return SigningKey(
                id: id, certificate: try row.get(3), signsFrom: try row.get(4), signsUntil: try row.get(5), material: material)
        }
        loaded.insert(keys, for: .ring, readAt: generation)
        return keys
    }

    private func make(_ algorithm: SigningAlgorithm, at now: Instant) throws -> (id: String, sealed: [UInt8], certificate: [UInt8]) {
        let id = ID<SigningKey>(at: now, entropy: plane.entropy).description
        let secret: Secret
        let key: SigningCertificate.Key
        switch algorithm {
        case .es256:
            let made = P256.Signing.PrivateKey()
            secret = Secret(made.rawRepresentation)
            key = .p256(made)
        case .rs256:
            let made = try _RSA.Signing.PrivateKey(keySize: .bits2048)
            secret = Secret(made.derRepresentation)
            key = .rsa(made)
        }
        let certificate = try SigningCertificate.selfSigned(
            key, commonName: "\(plane.product) token signing \(algorithm.rawValue)", from: now, for: Self.life * 2, entropy: plane.entropy)
        return (id, try sealer.seal(secret, context: context(id)), certificate.der)
    }

    private func context(_ id: String) -> SealingContext { SealingContext(.control, object: "signing-key/\(id)") }
}
