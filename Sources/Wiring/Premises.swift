import API
import Audit
import Cluster
import Controls
import Foundation
import Guarding
import Hummingbird
import Logging
import OIDCProvider
import Portal
import Records
import Sealing
import ServiceLifecycle
import Storage
import Synchronization
import Tenants
import Vocabulary
import Web

/// An open installation made ready to serve: its routes, what answers for hosts and visitors, and what runs beside.
package struct Premises {
    /// Where it is served, for what only the server knows.
    package struct Site: Sendable {
        package var data: String
        package var keyring: String
        package var listener: Platform.Listener?
        package var recentLog: RecentLog?
        /// Whose forwarded headers are believed.
        package var trustedProxies: [AddressRange] = []
        /// Whether this machine's own addresses can be banned like any other.
        package var guardsLoopback = false

        package init(data: String, keyring: String, listener: Platform.Listener?, recentLog: RecentLog?) {
            self.data = data
            self.keyring = keyring
            self.listener = listener
            self.recentLog = recentLog
        }
    }

    package let installation: Installation
    /// Who is kept out of this node.
    package let sentry: Sentry
    let platform: Platform
    let rounds: ControlRounds
    private let watch: CoherenceWatch
    private let doors: Routes
    private let visits = Visits()
    private let problems: PortalProblems

    package init(_ installation: Installation, site: Site) throws {
        self.installation = installation
        sentry = Sentry(
            installation.bans, exemptions: .init(proxies: site.trustedProxies, loopback: !site.guardsLoopback),
            logger: installation.surroundings.logger)
        let routes = Routes()
        let (identity, provider, departures) = (installation.identity, installation.provider, installation.departures)
        ProviderRoutes(provider, sessions: identity.sessions).add(to: routes.apex)
        EnvironmentSignInRoutes(provider, sessions: identity.sessions).add(to: routes.environment)
        API(
            .init(
                workspace: { try await installation.workspace(of: $0) }, imports: installation.importDesk, tenants: installation.tenants,
                accounts: identity.accounts, passwords: identity.passwords, signInRules: identity.signInRules,
                memberships: identity.memberships,
                invitations: identity.invitations, devices: identity.devices, risks: identity.risks, staff: identity.staff,
                checkpoints: { try await installation.checkpoints(of: .environment($0)) }, controls: installation.controlResults,
                alarms: installation.alarms, alarmRoutes: installation.alarmRoutes, restores: installation.restores,
                ownCopies: installation.ownCopies)
        ).add(to: routes)
        try Portal(
            .init(
                clock: installation.clock, product: installation.surroundings.product,
                flash: Flash { try installation.keyring.sealer(for: .control, purpose: .browserState) }, tenants: installation.tenants,
                desk: identity, control: installation.control, workspace: { try await installation.workspace(of: $0) },
                operations: { try await installation.operations(of: $0) },
                checkpoints: { try await installation.checkpoints(of: $0.map(KeyOwner.environment) ?? .control) },
                imports: installation.importDesk, controls: installation.controlResults,
                nodes: installation.ground.isShared ? installation.nodes : nil, bans: installation.bans, alarms: installation.alarms,
                alarmRoutes: installation.alarmRoutes, restores: installation.restores, ownCopies: installation.ownCopies,
                offboarding: .init(
                    begin: { try await departures.begin($0, on: $1, reason: $2, by: $3) },
                    withdraw: { try await departures.withdraw($0, by: $1) }))
        ).addRoutes(to: routes)
        problems = try PortalProblems(product: installation.surroundings.product)
        doors = routes
        var platform = Platform(
            control: installation.control, engines: installation.tenants.places, derivation: RecordDerivation(),
            keyring: installation.keyring,
            environmentSchema: Schemas.environment, clock: installation.clock, entropy: installation.entropy, audit: installation.audit,
            apex: installation.gateway.apex,
            directories: installation.ground.isShared
                ? .init(written: [site.data], databases: nil, keyring: nil)
                : .init(written: [site.data, site.keyring], databases: site.data + "/databases", keyring: site.keyring),
            signIn: identity.signIn, plane: installation.plane, places: { try await installation.places() },
            database: { try await installation.tenants.database(of: $0) }, routes: Self.table(of: routes), listener: site.listener,
            recentLog: site.recentLog,
            tokens: .init(AudienceTrial(installation.plane, keys: provider.keys, verifier: provider.verifier)) {
                [gateway = installation.gateway] in
                gateway.origin(label: $0)
            }, objects: installation.surroundings.objects)
        platform.rehearsal = installation.rehearsal(version: installation.surroundings.version)
        platform.departures = installation.watchedDepartures()
        platform.ownCopies = installation.ownCopies
        platform.leavers = LeaverTrial(
            installation.plane, sessions: identity.sessions, keys: provider.keys, verifier: provider.verifier)
        if installation.ground.isShared {
            platform.nodes = { [nodes = installation.nodes] in try await nodes.list().map(\.name) }
        }
        if let engine = installation.engine as? any ServedEngine { platform.databaseServer = { try await engine.server() } }
        platform.trustsForwarded = { [proxies = site.trustedProxies] address in
            NetworkAddress(address).map { address in proxies.contains { $0.contains(address) } } ?? false
        }
        if installation.recovery.keepsAnything { platform.backups = Self.backups(of: installation) }
        if let cluster = installation.ground.cluster {
            platform.clusterBackups = { try await .init(cluster, of: installation.tenants) }
        }
        platform.grants = GrantTrial(installation.plane, keys: provider.keys, verifier: provider.verifier)
        platform.guarding = .init(bans: installation.bans, sentry: sentry)
        if let destinations = installation.ground.destinations {
            platform.destinations = destinations
            platform.placements = installation.tenants.placements
            let upkeep = BackupUpkeep(installation, destinations)
            platform.retentions = {
                try await Dictionary(upkeep.promises().map { ($0.database, $0.retention) }, uniquingKeysWith: { first, _ in first })
            }
        }
        self.platform = platform
        rounds = ControlRounds(
            platform: platform, results: installation.controlResults, logger: installation.surroundings.logger,
            isOurs: { [leadership = installation.leadership] in leadership.isLeader })
        watch = CoherenceWatch(
            [.init("control") { [coherence = installation.coherence] in try await coherence.catchUp() }],
            logger: installation.surroundings.logger)
        ShellCommands(installation, rounds: rounds).add(to: routes)
        platform.routeTable.fill(Self.table(of: routes))
    }

    private static func backups(of installation: Installation) -> Platform.Backups {
        .init(
            keeps: installation.ground.cluster == nil ? [Places.embedded] : [Places.postgres],
            reach: { id in
                let environment = try await installation.tenants.environment(id)
                let standing = try await installation.recovery.standing(of: environment)
                return .init(
                    window: standing.retention.window, since: environment.createdAt,
                    stretches: standing.stretches.map { $0.from...$0.until },
                    waitingSince: standing.waitingSince)
            },
            trials: {
                try await installation.drills.latest().mapValues {
                    .init(at: $0.at, passed: $0.passed, exposure: $0.exposure, took: $0.took)
                }
            })
    }

    private static func table(of routes: Routes) -> [Platform.Route] {
        [("apex", routes.apex), ("environment", routes.environment), ("shell", routes.shell)].flatMap { door, router in
            router.routes.map { Platform.Route(door: door, method: $0.method.rawValue, path: $0.path.description) }
        }
    }

    /// What has to be done once at start, before anything is served.
    package func prepare(version: String) async throws {
        let itself = Principal(.platform(component: "server"))
        await installation.leadership.step()
        try await installation.nodes.step()
        try await installation.nodes.agree()
        installation.nodes.listen { [installation] in await installation.takeOver() }
        _ = try await installation.tenants.recover(by: itself)
        try await installation.provider.prepare()
        try await installation.noteRecovery()
        let clock = installation.clock
        try await installation.control.write { [installation] transaction in
            try installation.audit.record(.serverStarted(version: version), by: itself, at: clock.now(), in: transaction)
        }
    }

    package var readiness: Readiness {
        Readiness(
            isSealed: { [installation] in installation.keyring.isSealed },
            obstacles: { [installation] in
                let away = [Obstacle("storage", "The control database doesn't answer.")]
                // A node among others looks all the time, and need not wait here for a server that is away.
                if installation.ground.isShared { return installation.coherence.lease.isValid ? [] : away }
                do {
                    _ = try await installation.control.position()
                    return []
                } catch {
                    return away
                }
            })
    }

    package var hosts: any Hosts { RegisteredHosts(tenants: installation.tenants, visits: visits) }
    package var authenticator: any Authenticator {
        IdentityAuthenticator(installation.identity, verifier: installation.provider.verifier)
    }
    package var passes: any Passes { KnownDevices(installation.identity, provider: installation.provider) }
    package var pages: any PageRenderer { problems }

    package func routes() -> Routes { doors }

    /// Lets probes knock at the server's door, as somebody at any address would.
    package func open(_ front: Front) {
        platform.door.open { [apex = installation.gateway.apexOrigin] address, path in
            let host = apex.split(separator: "/").last.map(String.init) ?? apex
            let answer = try await front.exchange(.get, path, host: host, from: Peer(way: .tls, address: address))
            return .init(status: answer.status.code, retryAfter: answer.headers[.retryAfter].flatMap { Int($0) })
        }
        platform.door.admit { [apex = installation.gateway.apexOrigin] path, session in
            let host = apex.split(separator: "/").last.map(String.init) ?? apex
            let answer = try await front.exchange(.get, path, host: host, headers: [.cookie: "\(HostCookie.session.name)=\(session)"])
            return answer.status.code
        }
    }

    package var services: [any Service] {
        installation.couriers + [
            rounds, Housekeeping(installation, visits: visits), ImportRounds(desk: installation.importDesk), DepartureRounds(installation),
            OwnCopyRounds(installation),
        ]
            + (installation.ground.destinations.map { [BackupUpkeep(installation, $0)] } ?? [])
            + (installation.ground.cluster.map { [ClusterUpkeep(installation, $0)] } ?? [])
            + (installation.recovery.keepsAnything ? [RestoreRounds(installation)] : [])
    }

    /// What requests rely on: start it before the server, so that it ends after it.
    package var foundations: [any Service] {
        [installation.nodes, installation.leadership, watch] + (installation.ground.news.map { [$0(watch.bell)] } ?? [])
    }

    package func close() async {
        let clock = installation.clock
        let itself = Principal(.platform(component: "server"))
        do {
            try await installation.control.write { [installation] transaction in
                try installation.audit.record(.serverStopped, by: itself, at: clock.now(), in: transaction)
            }
        } catch {
            installation.surroundings.logger.error("the stop could not be audited")
        }
        await installation.close()
    }
}

/// Imports run beside the requests that ordered them, until the server stops; what is unfinished then goes on at the next start.
struct ImportRounds: Service {
    let desk: ImportDesk

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await desk.run() }
    }
}

/// Host labels, looked up in the register of tenants.
struct RegisteredHosts: Hosts {
    let tenants: Tenants
    let visits: Visits

    func site(label: String) async throws -> Site? {
        guard let environment = try await tenants.environment(label: label) else { return nil }
        visits.note(environment.id)
        return .environment(environment.id, label: environment.label)
    }
}

/// Which environments were asked for lately: only their logs can have grown, so only they need a new checkpoint.
package final class Visits: Sendable {
    private let visited = Mutex<Set<EnvironmentID>>([])

    func note(_ environment: EnvironmentID) { visited.withLock { _ = $0.insert(environment) } }

    func drain() -> Set<EnvironmentID> {
        visited.withLock { visited in
            defer { visited = [] }
            return visited
        }
    }
}

/// The hosts of a server that is sealed: none.
package struct NoHosts: Hosts {
    package init() {}
    package func site(label: String) async throws -> Site? { nil }
}
