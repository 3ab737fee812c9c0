// OwnCopies: files with all of an environment, for its customer to keep.
//
// It promises one a week for each environment, readable by everybody's SQLite and by nobody but the customer, made from one snapshot, and that none of it ever
// lies anywhere in the clear. It refuses to know pages, and which engine an environment's database lies on.
import Audit
import Backup
import Identity
import Logging
import ObjectStores
import Records
import Sealing
import Storage
import Synchronization
import Tenants
import Threads
import Vocabulary

/// Makes, keeps and hands out customers' own copies. One at a time is made in a process.
package final class OwnCopies: Sendable {
    package struct Parts: Sendable {
        package var control: any Database
        package var tenants: Tenants
        package var keyring: Keyring
        package var memberships: Memberships
        package var accounts: Accounts
        /// Where the files are kept. Nil where nobody gave a place.
        package var objects: (any ObjectStore)?
        /// Where a file is put together, encrypted, for as long as that takes. On a disk with room for the largest.
        package var scratch: String
        /// Environments' logs.
        package var audit: AuditLog
        /// The control plane's log, which alarms look at.
        package var watched: AuditLog
        package var workspaces: @Sendable (EnvironmentID) async throws -> Workspace
        package var product: String
        package var clock: any Clock
        package var entropy: any Entropy
        package var logger: Logger
        /// In bytes; a file that would be larger is not made.
        package var longest: UInt64 = 256 << 30

        package init(
            control: any Database, tenants: Tenants, keyring: Keyring, memberships: Memberships, accounts: Accounts,
            objects: (any ObjectStore)?, scratch: String, audit: AuditLog, watched: AuditLog,
            workspaces: @escaping @Sendable (EnvironmentID) async throws -> Workspace, product: String, clock: any Clock,
            entropy: any Entropy, logger: Logger
        ) {
            (self.control, self.tenants, self.keyring, self.memberships) = (control, tenants, keyring, memberships)
            (self.accounts, self.objects, self.scratch, self.audit) = (accounts, objects, scratch, audit)
            (self.watched, self.workspaces, self.product, self.clock) = (watched, workspaces, product, clock)
            (self.entropy, self.logger) = (entropy, logger)
        }
    }

    package let parts: Parts
    /// For all that blocks: one file is made, a few are handed out.
    let threads = BoundedThreads(2, waiting: 200)
    private let orders: AsyncStream<@Sendable () async -> Void>
    private let line: AsyncStream<@Sendable () async -> Void>.Continuation
    private let waiting = Mutex(0)

    /// How many of an environment are kept.
    package static let kept = 4

    package init(_ parts: Parts) {
        self.parts = parts
        (orders, line) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1000))
    }

    /// Works until its task is cancelled. What runs then is broken off, and its operation says so.
    package func run() async {
        for await order in orders {
            await order()
            waiting.withLock { $0 -= 1 }
        }
    }

    /// How many wait or are being made.
    package var inLine: Int { waiting.withLock { $0 } }

    func stand(in order: @escaping @Sendable () async -> Void) throws {
        waiting.withLock { $0 += 1 }
        if case .dropped = line.yield(order) {
            waiting.withLock { $0 -= 1 }
            throw Refusal(.unavailable(retryAfter: .seconds(600)), "own-copies-busy", "Too many files wait to be made. Try again later.")
        }
    }

    // MARK: Looking

    /// - Throws: ``Refusal`` `not-permitted`: the file holds everything, so it takes the right to see and to export everything.
    package func require(_ actor: Actor, in environment: EnvironmentID) async throws {
        let roles = try await parts.workspaces(environment).roles
        for permission in [Permission.manageBackups, .view, .export] { try await roles.require(permission, by: actor) }
    }

    /// Those that are kept and those that could not be made, the newest first.
    package func list(of environment: EnvironmentID, limit: Int = 20) async throws -> [OwnCopy] {
        try await parts.control.read { try OwnCopy.list("environment = \(environment) ORDER BY at DESC LIMIT \(limit)", in: $0) }
    }

    /// - Throws: ``Refusal`` `not-found`
    package func find(_ id: OwnCopyID, of environment: EnvironmentID) async throws -> OwnCopy {
        let found = try await parts.control.read { try OwnCopy.list("environment = \(environment) AND id = \(id)", in: $0) }
        guard let copy = found.first, copy.failure == nil else { throw Refusal.notFound("file") }
        return copy
    }

    /// The newest try of each environment.
    package func latest() async throws -> [EnvironmentID: OwnCopy] {
        let all = try await parts.control.read {
            try OwnCopy.list("at = (SELECT max(at) FROM own_copy AS other WHERE other.environment = own_copy.environment)", in: $0)
        }
        return Dictionary(all.map { ($0.environment, $0) }) { first, _ in first }
    }

    /// The newest of each environment that can be fetched.
    package func newest() async throws -> [EnvironmentID: OwnCopy] {
        let all = try await parts.control.read {
            try OwnCopy.list(
                """
                failure IS NULL AND at = (
                    SELECT max(at) FROM own_copy AS other WHERE other.environment = own_copy.environment AND other.failure IS NULL)
                """, in: $0)
        }
        return Dictionary(all.map { ($0.environment, $0) }) { first, _ in first }
    }

    /// How many bytes of a copy lie in the store; nil where it is not there.
    package func stored(_ copy: OwnCopy) async throws -> UInt64? {
        do { return try await store().summary(of: key(of: copy)).size } catch ObjectFault.missing { return nil }
    }

    // MARK: Whose turn it is

    /// Environments whose turn it is: once a week, each in a slot of its own; a day after one that failed; and once more after nothing can be changed.
    package func due() async throws -> [HostedEnvironment] {
        guard parts.objects != nil else { return [] }
        let (now, latest) = (parts.clock.now(), try await latest())
        let leaving = Dictionary(try await parts.tenants.allLeaving().map { ($0.tenant, $0.requestedAt) }) { first, _ in first }
        return try await parts.tenants.allEnvironments().filter {
            OwnCopySchedule($0, closedSince: leaving[$0.tenant]).isDue(after: latest[$0.id], at: now)
        }
    }

    func store() throws -> any ObjectStore {
        guard let objects = parts.objects else {
            throw Refusal.conflict(
                "own-copies-off", "This server has no place for files: it was started without --objects. Its operator can change that.")
        }
        return objects
    }

    static func folder(of environment: EnvironmentID) -> String { "environment/\(environment)/own-copies/" }

    func key(of copy: OwnCopy) throws -> ObjectKey {
        guard let key = ObjectKey("\(Self.folder(of: copy.environment))\(copy.id).age") else {
            throw StorageError.failed("an own copy has no name")
        }
        return key
    }

    /// Opens what is kept under the environment's own key.
    func identity(of environment: EnvironmentID) async throws -> AgeIdentity {
        await parts.keyring.refresh()
        return try AgeIdentity(secret: try parts.keyring.subkey(for: .environment(environment), purpose: .exports))
    }
}

/// When an environment's file is made: a function of the environment and the time.
package struct OwnCopySchedule: Sendable {
    private let environment: HostedEnvironment
    private let closedSince: Instant?
    private let slots: Retention

    /// What is too new has nothing in it yet.
    private static let youngest = Duration.days(1)

    /// - Parameter closedSince: since when nothing can be changed any more.
    package init(_ environment: HostedEnvironment, closedSince: Instant? = nil) {
        self.environment = environment
        self.closedSince = closedSince
        // Another slot than the drill's.
        slots = Retention(.sandbox, environment.kind, of: "own-copy/\(environment.id)")
    }

    package func isDue(after last: OwnCopy?, at now: Instant) -> Bool {
        // A restored copy has its original's content.
        guard environment.state == .active, environment.kind != .restored else { return false }
        if let closedSince, environment.isLeaving {
            guard let last else { return true }
            if last.failure == nil { return last.at < closedSince }
        }
        if let last, last.failure != nil { return now - last.at > .days(1) }
        guard now - environment.createdAt > Self.youngest else { return false }
        return week(of: last?.at ?? environment.createdAt) < week(of: now)
    }

    /// When the next one is made if none is ordered before.
    package func next(after last: OwnCopy?, at now: Instant) -> Instant {
        if isDue(after: last, at: now) { return now }
        // An hour is exact enough for people, and a week has few.
        var moment = now
        for _ in 0..<(24 * 9) where !isDue(after: last, at: moment) { moment = moment + .hours(1) }
        return moment
    }

    private func week(of instant: Instant) -> Int64 { slots.slot(instant, Retention.week) }
}
