import Cluster
import Logging
import Sealing
import ServiceLifecycle
import Storage
import StoragePostgres
import Synchronization
import Tenants
import Vocabulary
import Web
import Wiring

extension Serving {
    /// Where several nodes stand; nil where the databases are files of this one.
    ///
    /// A server that is out of reach is waited for: it may start after us, or come back. Meanwhile `/health/ready` says so. What waiting can't
    /// mend (a wrong password, a wrong certificate, a server that is too old) is thrown.
    func ground(_ gateway: Gateway, _ certificates: Certificates?, _ logger: Logger) async throws -> Ground? {
        guard let options = configuration.database else { return nil }
        do { return try await reach(options) } catch let away as ServerAway {
            Terminal.note("holdfast: waiting for the database. \(away)")
        }
        let away = Readiness(obstacles: { [Obstacle("storage", "The database doesn't answer.")] })
        let front = Front(
            try parts(gateway, readiness: away, hosts: NoHosts(), authenticator: NobodyAuthenticator(), pages: PlainPages(), logger),
            routes: Routes())
        let server = try webServer(front, certificates, logger)
        let waitingRoom = Task { try await ServiceGroup(services: [server], logger: logger).run() }
        defer { waitingRoom.cancel() }
        while true {
            try await Task.sleep(for: .seconds(1))
            do {
                let ground = try await reach(options)
                waitingRoom.cancel()
                _ = await waitingRoom.result
                return ground
            } catch is ServerAway {
                continue
            }
        }
    }

    /// Engines that environments can be moved to.
    func further() async throws -> [Places.Name: any Engine] {
        guard let options = configuration.furtherDatabase else { return [:] }
        do {
            return try await Ground.further(options)
        } catch let error as StorageError {
            throw CommandFailure(message: Self.words(for: error, on: options))
        } catch let away as ServerAway {
            throw CommandFailure(message: "The server of --further-database at \(options.host):\(options.port) doesn't answer. \(away)")
        }
    }

    /// - Throws: ``ServerAway`` where it is worth waiting.
    private func reach(_ options: PostgresOptions) async throws -> Ground {
        guard let place = configuration.clusterBackups else { return try await .postgres(options, keyring: configuration.keyringDatabase) }
        let program = try await place.program()
        let ground = try await Ground.postgres(options, keyring: configuration.keyringDatabase, backups: program)
        if let cluster = ground.cluster { try await place.check(cluster) }
        if configuration.keyringDatabase == nil {
            Terminal.note(
                "holdfast: the keyring lies on the server that --pgbackrest keeps, so every backup has the keys of then, also those that were destroyed since. Give it a server of its own with --keyring-database."
            )
        }
        return ground
    }

    static func words(for error: StorageError, on options: PostgresOptions) -> String {
        let place = "the PostgreSQL server at \(options.host):\(options.port)"
        return switch error {
        case .unreadable:
            "The databases of \(options.prefix.text) on \(place) belong to another keyring. Give the address that belongs to it; nothing was changed."
        case .newerSchema(let found): "The databases on \(place) were made by a newer release (they have '\(found)'). Start that release."
        case .full: "The disk of \(place) is full. Make room there; nothing was changed."
        case .readOnly: "\(place) takes no writes: it is a standby, or was set read-only. Give the address of the primary."
        case .unsafeEngine(let reason): "\(place) is not fit: \(reason)"
        case .missing: "A database is missing on \(place). Restore it before you start."
        case .overloaded: "\(place) doesn't answer, or has no connection left."
        case .failed(let reason): "\(place) can't be used: \(reason)"
        default: "The databases on \(place) can't be opened: \(error)."
        }
    }
}

/// Keeps this node's keyring in step with the one that all nodes share.
final class KeyringFollower: Sendable {
    private let shelf: DatabaseKeyShelf
    private let keyring: Keyring
    private let keys: @Sendable () throws -> [MasterKey]
    private let logger: Logger
    private let hasBegun = Mutex(false)

    /// - Parameter keys: the master keys that this node was given; looked up again each time.
    init(_ keyring: Keyring, on shelf: DatabaseKeyShelf, logger: Logger, keys: @escaping @Sendable () throws -> [MasterKey]) {
        self.shelf = shelf
        self.keyring = keyring
        self.keys = keys
        self.logger = logger
        shelf.listen { [self] invalidation in
            switch invalidation {
            case .key(let owner): keyring.forget(KeyOwner(owner))
            case .masterKey: Task { await follow() }
            case .everything:
                keyring.forget(nil)
                Task { await follow() }
            case .session, .account, .rights, .environment, .ban, .allowedRanges, .signingKeys: break
            }
        }
    }

    /// The keyring was opened: from now on the master key is followed.
    func begin() { hasBegun.withLock { $0 = true } }

    var look: CoherenceWatch.Look {
        .init("keyring") { [self] in
            try await shelf.catchUp()
            // The right key may have been put there meanwhile.
            if keyring.isSealed { await follow() }
        }
    }

    private func follow() async {
        guard hasBegun.withLock({ $0 }) else { return }
        let wasSealed = keyring.isSealed
        do {
            try await keyring.apart { [keys] in try $0.follow(with: keys()) }
            if wasSealed { logger.notice("the keyring is open again") }
        } catch {
            guard !wasSealed else { return }
            logger.critical(
                "sealed: the master key was changed on another node, and this node was not given the new one",
                metadata: ["error": "\(error)"])
        }
    }
}
