import Audit
import Identity
import Sealing
import Storage
import Synchronization
import Tenants
import Vocabulary

/// A control plane for a probe's eyes only: the real code on the real engine, with nobody in it. Gone when the probe is done.
struct ScratchPlane: Sendable {
    let plane: ControlPlane
    let accounts: Accounts
    let memberships: Memberships
    let invitations: Invitations
    let people: ScratchPeople
    let staff: Staff
    let clock: Later
    private let mailbag: Mailbag

    static let itself = Principal(.platform(component: "controls"))

    /// A clock that a probe may turn on.
    final class Later: Clock, Sendable {
        private let clock: any Clock
        private let turned = Mutex(Duration.zero)

        init(_ clock: any Clock) { self.clock = clock }

        func now() -> Instant { clock.now() + turned.withLock { $0 } }
        func turn(by duration: Duration) { turned.withLock { $0 += duration } }
    }

    private final class Mailbag: Sendable {
        let letters = Mutex<[Letter]>([])
    }

    /// `spoiling`: steps added to the schema, to break what a probe looks at.
    static func lend<T: Sendable>(
        on platform: Platform, spoiling: [Migration] = [], _ body: @escaping @Sendable (ScratchPlane) async throws -> T
    ) async throws -> T {
        let schema = Schema(name: "control", AuditLog.migrations, IdentitySchema.migrations, spoiling)
        return try await ScratchEnvironment.database(on: platform, schema: schema) { database in
            let clock = Later(platform.clock)
            let mailbag = Mailbag()
            let plane = ControlPlane(
                database: database, clock: clock, entropy: platform.entropy, audit: platform.audit,
                digestKey: Secret(platform.entropy.bytes(32)), origin: "https://\(platform.apex)")
            let sessions = Sessions(plane)
            let letters = LetterBox { letter, _ in mailbag.letters.withLock { $0.append(letter) } }
            return try await body(
                ScratchPlane(
                    plane: plane, accounts: Accounts(plane), memberships: Memberships(plane),
                    invitations: Invitations(plane, sessions: sessions, hasher: PasswordHasher(cost: .least), letters: letters),
                    people: ScratchPeople(sessions), staff: Staff(plane), clock: clock, mailbag: mailbag))
        }
    }

    func tenant() -> TenantID { ID(at: clock.now(), entropy: plane.entropy) }

    /// The token in the last letter to an address.
    func token(mailedTo address: String) throws -> String {
        let letter = mailbag.letters.withLock { $0.last { $0.to == address } }
        guard let word = letter?.text.split(whereSeparator: \.isWhitespace).first(where: { $0.hasPrefix(plane.origin) }),
            let token = word.split(separator: "/").last
        else { throw CannotProbe("no letter with a link") }
        return String(token)
    }

    /// Whether `work` goes through; a refusal is a no.
    func goes(_ work: () async throws -> Void) async throws -> Bool {
        do {
            try await work()
            return true
        } catch let refusal as Refusal {
            switch refusal.kind {
            case .limited, .unavailable: throw refusal
            default: return false
            }
        }
    }
}
