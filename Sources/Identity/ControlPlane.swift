import Audit
import Crypto
import Storage
import Synchronization
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
    private let digestKey: Secret

    let sessions = BoundedCache<TokenDigest, Session>(limit: 20_000)
    let roles = BoundedCache<RoleKey, [String]>(limit: 20_000)
    private let revocationCount = RevocationCount()

    /// `digestKey`: the subkey `.identifierDigest` of the control plane; keys the digests under which unknown identifiers and addresses appear in the audit log.
    package init(
        database: any Database, clock: any Clock, entropy: any Entropy, audit: AuditLog, digestKey: Secret, origin: String,
        product: String = "Holdfast"
    ) {
        self.database = database
        self.clock = clock
        self.entropy = entropy
        self.audit = audit
        self.digestKey = digestKey
        self.origin = origin
        self.product = product
    }

    /// The same plane with another source of randomness: for what has to come out the same each time, the demo's people.
    /// Shares the caches.
    package func with(entropy: any Entropy) -> ControlPlane {
        var copy = self
        copy.entropy = entropy
        return copy
    }

    /// Grows whenever something that a token or session rests on was taken away: whatever was checked before has to be checked again.
    package var revocations: UInt64 { revocationCount.value }

    /// To be called after the commit of a change that takes something away.
    package func revoked() { revocationCount.grow() }

    /// The same for sessions that ended.
    func ended(where matches: (Session) -> Bool) {
        sessions.forget(where: matches)
        revoked()
    }

    /// 32 hexadecimal digits that stand for `text` where it must not be kept itself. Equal texts of one `purpose` have equal digests.
    package func keyedDigest(_ text: String, for purpose: StaticString) -> String {
        let key = digestKey.withBytes { SymmetricKey(data: $0) }
        let code = HMAC<SHA256>.authenticationCode(for: Array("\(purpose)\u{0}\(text)".utf8), using: key)
        return Hex.encode(code.prefix(16))
    }
}

private final class RevocationCount: Sendable {
    private let count = Mutex<UInt64>(0)

    var value: UInt64 { count.withLock { $0 } }
    func grow() { count.withLock { $0 &+= 1 } }
}

struct RoleKey: Hashable, Sendable {
    let account: AccountID
    let tenant: TenantID
}
