import Audit
import Cluster
import Crypto
import Storage
import Vocabulary

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What every store of the control plane stands on: one value, made once at start and passed to all of them, since the
/// caches in it are shared and must be emptied together.
package struct ControlPlane: Sendable {
    package let database: any Database
    package let clock: any Clock
    package private(set) var entropy: any Entropy
    package let audit: AuditLog
    /// Where the apex is reached, such as `https://holdfast.localhost:8443`. Links in mail are made from it and never from a
    /// request's host header.
    package let origin: String
    /// What people call this installation, in mail and in authenticator applications.
    package let product: String
    /// Passwords of published breaches. Nil where the operator gave no list.
    package let breachedPasswords: BreachedPasswords?
    private let digestKey: Secret

    /// Keeps what is remembered of the control database right. Every write goes through it.
    package let coherence: Coherence
    let sessions: BoundedCache<TokenDigest, Session>
    let roles: BoundedCache<RoleKey, [String]>
    let browsers: BoundedCache<TokenDigest, [DeviceID: AccountID]>

    /// `digestKey`: the subkey `.identifierDigest` of the control plane; keys the digests under which unknown identifiers and addresses appear in the audit log.
    package init(
        database: any Database, clock: any Clock, entropy: any Entropy, audit: AuditLog, digestKey: Secret, origin: String,
        product: String = "Holdfast", breachedPasswords: BreachedPasswords? = nil, coherence: Coherence? = nil
    ) {
        self.database = database
        self.clock = clock
        self.entropy = entropy
        self.audit = audit
        self.digestKey = digestKey
        self.origin = origin
        self.product = product
        self.breachedPasswords = breachedPasswords
        let coherence = coherence ?? Coherence(database)
        self.coherence = coherence
        let sessions = BoundedCache<TokenDigest, Session>(limit: 20_000, lease: coherence.lease)
        let roles = BoundedCache<RoleKey, [String]>(limit: 20_000, lease: coherence.lease)
        self.sessions = sessions
        let browsers = BoundedCache<TokenDigest, [DeviceID: AccountID]>(limit: 20_000, lease: coherence.lease)
        self.roles = roles
        self.browsers = browsers
        coherence.listen { invalidation in
            switch invalidation {
            case .session(let id): sessions.forget { _, session in session.id == id || session.parent == id }
            case .account(let id):
                sessions.forget { _, session in session.account == id }
                roles.forget { key, _ in key.account == id }
                browsers.forget { _, owners in owners.isEmpty || owners.values.contains(id) }
            case .rights, .everything:
                sessions.forgetAll()
                roles.forgetAll()
                browsers.forgetAll()
            case .environment, .ban, .allowedRanges, .signingKeys, .key, .masterKey: break
            }
        }
    }

    /// The same plane with another source of randomness: for what has to come out the same each time, the demo's people.
    /// Shares the caches.
    package func with(entropy: any Entropy) -> ControlPlane {
        var copy = self
        copy.entropy = entropy
        return copy
    }

    /// A write of the control database. What was invalidated in it is forgotten on this node when it returns.
    @discardableResult
    package func write<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) async throws -> T {
        try await coherence.write(body)
    }

    /// To be called in the transaction of every change that takes something away, or alters what is remembered: on all nodes
    /// it is forgotten with the commit.
    package func invalidate(_ invalidation: Invalidation, in transaction: any Transaction) throws {
        try coherence.note(invalidation, in: transaction)
    }

    /// 32 hexadecimal digits that stand for `text` where it must not be kept itself. Equal texts of one `purpose` have equal digests.
    package func keyedDigest(_ text: String, for purpose: StaticString) -> String {
        let key = digestKey.withBytes { SymmetricKey(data: $0) }
        let code = HMAC<SHA256>.authenticationCode(for: Array("\(purpose)\u{0}\(text)".utf8), using: key)
        return Hex.encode(code.prefix(16))
    }
}

struct RoleKey: Hashable, Sendable {
    let account: AccountID
    let tenant: TenantID
}
