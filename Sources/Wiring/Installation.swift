import Alarms
import Audit
import Backup
import Cluster
import Controls
import Guarding
import Identity
import Jobs
import Logging
import Mail
import OIDCProvider
import ObjectStores
import OwnCopies
import Records
import Recovery
import Sealing
import Storage
import Tenants
import Vocabulary
import Web

/// Every store and domain of one running installation.
package struct Installation: Sendable {
    /// What an installation can't make for itself.
    package struct Surroundings: Sendable {
        package var data: String
        package var gateway: Gateway
        package var keyring: Keyring
        package var mailer: any Mailer
        /// Where the logs' hashes are published. Nil where they aren't.
        package var objects: (any ObjectStore)?
        /// Where every commit of databases in files is shipped to.
        package var backups: [Destination]
        /// What the server was started with.
        package var serving = ServeFacts()
        package var hasher: PasswordHasher
        package var clock: any Clock
        package var entropy: any Entropy
        package var logger: Logger
        package var product: String
        /// This machine's name, and what runs on it: for the list of nodes.
        package var node: String
        package var version: String
        /// Where it listens.
        package var address: String
        /// Inside the operator's own network, where webhooks may go.
        package var webhookNetworks: [AddressRange]
        package var breachedPasswords: BreachedPasswords?
        /// The address of `objects`, without secrets.
        package var objectsPlace: String
        /// Which country an address is in.
        package var locations: Locations
        /// Called when a disk refused a commit: what is in memory can't be trusted from then on.
        package var onDiskFailure: @Sendable () -> Void

        package init(
            data: String, gateway: Gateway, keyring: Keyring, mailer: any Mailer, objects: (any ObjectStore)? = nil,
            backups: [Destination] = [], hasher: PasswordHasher = PasswordHasher(), clock: any Clock = SystemClock(),
            entropy: any Entropy = SystemEntropy(),
            logger: Logger, product: String = "Holdfast", node: String = "this machine", version: String = "",
            address: String = "", objectsPlace: String = "", webhookNetworks: [AddressRange] = [],
            breachedPasswords: BreachedPasswords? = nil, locations: Locations = .nowhere,
            onDiskFailure: @escaping @Sendable () -> Void = {}
        ) {
            self.data = data
            self.gateway = gateway
            self.keyring = keyring
            self.mailer = mailer
            self.objects = objects
            self.backups = backups
            self.hasher = hasher
            self.clock = clock
            self.entropy = entropy
            self.logger = logger
            self.product = product
            self.node = node
            self.version = version
            self.address = address
            self.objectsPlace = objectsPlace
            self.webhookNetworks = webhookNetworks
            self.breachedPasswords = breachedPasswords
            self.locations = locations
            self.onDiskFailure = onDiskFailure
        }
    }

    package let surroundings: Surroundings
    package let ground: Ground
    package let control: any Database
    package let audit: AuditLog
    package let plane: ControlPlane
    package let outbox: Outbox
    package let tenants: Tenants
    package let identity: IdentityDesk
    package let bans: Bans
    package let alarms: AlarmDesk
    package let alarmRoutes: AlarmRoutes
    package let provider: Provider
    package let controlResults: ControlResults
    package let designs: DesignCache
    package let board: OperationBoard
    package let importDesk = ImportDesk()
    private let workspaces: @Sendable (EnvironmentID) async throws -> Workspace
    package let recovery: Recovery
    package let restores: Restores
    package let ownCopies: OwnCopies
    package var drills: Drills { Drills(recovery) }
    package let coherence: Coherence
    package let leadership: Leadership
    package let nodes: Nodes

    package var clock: any Clock { surroundings.clock }
    package var entropy: any Entropy { surroundings.entropy }
    package var keyring: Keyring { surroundings.keyring }
    package var gateway: Gateway { surroundings.gateway }
    package var engine: any Engine { ground.engine }

    /// Opens the installation, made if nothing is there. The keyring must be unsealed.
    /// - Parameters:
    ///   - ground: files in `surroundings.data` unless it says otherwise.
    ///   - elsewhere: further engines that environments can be moved to, by the name of their place.
    package static func open(
        _ surroundings: Surroundings, on ground: Ground? = nil, elsewhere: [Places.Name: any Engine] = [:]
    ) async throws -> Installation {
        var ground =
            try ground
            ?? .files(
                in: surroundings.data, backups: surroundings.backups, clock: surroundings.clock, entropy: surroundings.entropy,
                logger: surroundings.logger, onDiskFailure: surroundings.onDiskFailure)
        ground.elsewhere = elsewhere
        var attempts = 0
        while true {
            do { return try await open(surroundings, on: ground) } catch let refusal as Refusal where refusal.code == Keyring.away.code {
                // A machine that is busy starting may be late with looking at a shared keyring.
                attempts += 1
                guard attempts < 20 else { throw refusal }
                await surroundings.keyring.refresh()
            }
        }
    }

    private static func open(_ surroundings: Surroundings, on ground: Ground) async throws -> Installation {
        let keyring = surroundings.keyring
        let engine = ground.engine
        // A key is never destroyed here: an empty data directory may be a disk that is not mounted, or a mistyped path.
        let exists = try await engine.exists(.control)
        var hasKey = try keyring.contains(.control)
        if exists, !hasKey, ground.isShared {
            // Another node may just have made both: its key is known here a lease's length later at most.
            try await Task.sleep(for: CacheLease.length)
            hasKey = try await keyring.apart { try $0.contains(.control) }
        }
        if exists, !hasKey { throw InstallationFault.keyringIsForeign }
        if !exists {
            // A crash between the two leaves the control key alone behind. Environments' keys mean that their databases are elsewhere.
            guard try keyring.owners().allSatisfy({ $0 == .control }) else { throw InstallationFault.dataIsElsewhere }
            // Another node may be at the same, and be faster with either.
            if !hasKey { do { try await keyring.apart { try $0.create(for: .control) } } catch SealingFault.keyExists {} }
            let key = try await keyring.apart { try $0.subkey(for: .control, purpose: .database) }
            do { try await engine.create(.control, key: key, schema: Schemas.control) { _ in } } catch StorageError.exists {}
        }
        let control = try await engine.open(.control, schema: Schemas.control) { try keyring.subkey(for: .control, purpose: .database) }
        let coherence = Coherence(control, lease: ground.lease)
        try await coherence.catchUp()
        await keyring.refresh()
        let installation = try Installation(surroundings, ground: ground, control: control, coherence: coherence)
        try await installation.tenants.learnPlacements()
        return installation
    }

    private init(_ surroundings: Surroundings, ground: Ground, control: any Database, coherence: Coherence) throws {
        let (keyring, clock, entropy) = (surroundings.keyring, surroundings.clock, surroundings.entropy)
        let audit = AuditLog()
        let outbox = Outbox(of: .control, keyring: keyring, entropy: entropy)
        let letters = LetterBox(outbox, clock: clock)
        let watch = AlarmWatch(outbox, entropy: entropy, product: surroundings.product, origin: surroundings.gateway.apexOrigin)
        let watched = AuditLog(watch: watch)
        let plane = ControlPlane(
            database: control, clock: clock, entropy: entropy, audit: watched,
            digestKey: try keyring.subkey(for: .control, purpose: .identifierDigest), origin: surroundings.gateway.apexOrigin,
            product: surroundings.product, breachedPasswords: surroundings.breachedPasswords, coherence: coherence)
        self.surroundings = surroundings
        self.ground = ground
        self.coherence = coherence
        self.control = control
        self.audit = audit
        self.plane = plane
        self.outbox = outbox
        tenants = Tenants(
            control: control, engine: ground.engine, elsewhere: ground.elsewhere, keyring: keyring, environmentSchema: Schemas.environment,
            clock: clock,
            entropy: entropy, audit: audit, coherence: coherence, turns: ground.turns, derivation: RecordDerivation(),
            placements: ground.placements)
        identity = try IdentityDesk(
            plane, keyring: keyring, hasher: surroundings.hasher, letters: letters, locations: surroundings.locations)
        bans = Bans(plane)
        alarms = AlarmDesk(plane)
        alarmRoutes = AlarmRoutes(plane, keyring: keyring, watch: watch, reach: Reach(inside: surroundings.webhookNetworks))
        provider = try Provider(
            identity, hosts: OIDCProvider.TenantHosts(tenants, origin: surroundings.gateway.apexOrigin),
            keyring: keyring)
        controlResults = ControlResults(database: control, clock: clock, audit: watched)
        designs = DesignCache()
        let leadership = Leadership(ground.turns, logger: surroundings.logger)
        self.leadership = leadership
        let run = ID<Node>(at: clock.now(), entropy: entropy).description
        let nodes = Nodes(
            control, turns: ground.turns,
            itself: Node(
                run: run, name: surroundings.node, version: surroundings.version, startedAt: clock.now(), address: surroundings.address,
                settings: .init(apex: surroundings.gateway.apex, objects: surroundings.objectsPlace)),
            clock: clock, logger: surroundings.logger, leads: { leadership.isLeader })
        self.nodes = nodes
        board = OperationBoard(run: run) { try await nodes.isAtWork($0) }
        let (tenants, designs, board, importDesk, logger) = (tenants, designs, board, importDesk, surroundings.logger)
        workspaces = { environment in
            let workspace = Workspace(
                database: try await tenants.database(of: environment), clock: clock, entropy: entropy, audit: audit, designs: designs,
                board: board)
            try await importDesk.meet(workspace) { logger.error("an import failed", metadata: ["error": "\(type(of: $0))"]) }
            return workspace
        }
        recovery = Recovery(
            control: control, tenants: tenants, keyring: keyring, schema: Schemas.environment, destinations: ground.destinations,
            cluster: ground.cluster, scratch: surroundings.data + "/restoring", audit: audit, watched: watched, workspaces: workspaces,
            clock: clock,
            entropy: entropy, logger: logger)
        restores = Restores(recovery)
        ownCopies = OwnCopies(
            .init(
                control: control, tenants: tenants, keyring: keyring, memberships: identity.memberships, accounts: identity.accounts,
                objects: surroundings.objects, scratch: surroundings.data + "/copying", audit: audit, watched: watched,
                workspaces: workspaces, product: "\(surroundings.product) \(surroundings.version)", clock: clock, entropy: entropy,
                logger: surroundings.logger))
        // One process has its data directory for itself, and it has only begun.
        if !ground.isShared || ground.cluster != nil { recovery.sweep() }
    }

    // MARK: One environment's stores

    package func workspace(of environment: EnvironmentID) async throws -> Workspace { try await workspaces(environment) }

    package func operations(of environment: EnvironmentID) async throws -> Operations {
        Operations(database: try await tenants.database(of: environment), clock: clock, entropy: entropy, board: board)
    }

    package func database(of owner: KeyOwner) async throws -> any Database {
        switch owner {
        case .control: control
        case .environment(let id), .database(let id, _): try await tenants.database(of: id)
        }
    }

    package func checkpoints(of owner: KeyOwner) async throws -> AuditCheckpoints? {
        await keyring.refresh()
        let environment: EnvironmentID? = if case .environment(let id) = owner { id } else { nil }
        return AuditCheckpoints(
            database: try await database(of: owner), origin: AuditLog.origin(apex: gateway.apex, environment: environment),
            seed: try keyring.subkey(for: owner, purpose: .auditSigning), clock: clock)
    }

    /// The log of `owner` as others read it. Nil where logs aren't published.
    package func publishedLog(of owner: KeyOwner) async throws -> PublishedLog? {
        guard let objects = surroundings.objects, let checkpoints = try await checkpoints(of: owner) else { return nil }
        return PublishedLog(in: objects, of: owner, checkpoints: checkpoints)
    }

    /// Every environment of every tenant.
    package func places() async throws -> [Platform.Place] {
        let passing = try await tenants.passingCopies()
        return try await tenants.allEnvironments().map { Platform.Place($0, otherCopies: passing[$0.id] ?? []) }
    }

    /// Mail, and beside it what goes to other people's servers, which may be slow.
    package var couriers: [OutboxCourier] {
        let webhook = WebhookCarrier(
            control, keyring: keyring, reach: Reach(inside: surroundings.webhookNetworks), clock: clock, product: surroundings.product)
        return [
            OutboxCourier(
                outbox, in: control, carriers: ["mail": MailCarrier(surroundings.mailer)], load: .allBut(WebhookCarrier.kind), clock: clock,
                entropy: entropy, logger: surroundings.logger),
            OutboxCourier(
                outbox, in: control, carriers: [WebhookCarrier.kind: webhook], load: .only(WebhookCarrier.kind), together: 4, clock: clock,
                entropy: entropy, logger: surroundings.logger),
        ]
    }

    package func close() async {
        await ground.close()
        keyring.seal()
    }
}

/// Why an installation can't be opened; the text is for the person who starts it.
package enum InstallationFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is a control database, and the keyring has no key for it.
    case keyringIsForeign
    /// The keyring has keys of environments, and there is no control database.
    case dataIsElsewhere

    package var description: String {
        switch self {
        case .keyringIsForeign:
            "The keyring has no key for this installation's databases. Give the --keyring that belongs to this data directory; nothing was changed."
        case .dataIsElsewhere:
            "The keyring holds keys of environments, but the data directory is empty. Give the --data that belongs to this keyring, or mount its disk; nothing was changed."
        }
    }
}
