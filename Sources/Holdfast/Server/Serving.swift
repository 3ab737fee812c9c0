import Backup
import Cluster
import Controls
import Foundation
import Identity
import Logging
import Mail
import NIOCore
import ObjectStores
import Sealing
import ServiceLifecycle
import Storage
import StoragePostgres
import Vocabulary
import Web
import Wiring

/// Runs the server until it is told to stop.
struct Serving {
    let configuration: Configuration
    let drain: Drain
    let clock = SystemClock()
    let entropy = SystemEntropy()

    static func run(_ configuration: Configuration) async throws {
        do {
            try await Serving(configuration: configuration, drain: Drain(configuration.drain)).run()
        } catch let failure as CommandFailure {
            throw failure
        } catch let refusal as Refusal {
            throw CommandFailure(message: refusal.message)
        } catch let fault as SealingFault {
            throw CommandFailure(message: Self.words(for: fault))
        } catch let error as StorageError {
            throw CommandFailure(
                message: configuration.database.map { Self.words(for: error, on: $0) }
                    ?? Self.words(for: error, data: configuration.data.path))
        } catch let fault as ObjectFault {
            throw CommandFailure(message: "The place for published logs can't be used: \(fault).")
        } catch let fault as InstallationFault {
            throw CommandFailure(message: fault.description)
        } catch let fault as ForeignApex {
            throw CommandFailure(message: fault.description)
        } catch let error as IOError {
            throw CommandFailure(
                message:
                    "The server can't listen on \(configuration.listen.host):\(configuration.listen.port): \(String(cString: strerror(error.errnoCode)))."
            )
        }
    }

    private func run() async throws {
        let (recentLog, sink, clock) = (RecentLog(), LogSink(), clock)
        LoggingSystem.bootstrap { label in
            MultiplexLogHandler([JSONLines(label: label, sink: sink, clock: clock), recentLog.handler(label: label)])
        }
        var logger = Logger(label: "holdfast")
        logger.logLevel = .info
        try makeDataDirectory()
        raiseDescriptorLimit()

        let gateway = Gateway(apex: configuration.apex, port: configuration.publicPort ?? configuration.listen.port)
        let certificates = try certificates()
        let ground = try await ground(gateway, certificates, logger)
        let shelf = try await ground?.keyShelf(place: "the keyring's database")
        let keyring =
            shelf.map { Keyring(shelf: $0, clock: clock, entropy: entropy) }
            ?? Keyring(directory: configuration.keyring.path, clock: clock, entropy: entropy)
        // From now on, and until everything else has ended: without it no key is given.
        let follower = shelf.map { KeyringFollower(keyring, on: $0, logger: logger) { try masterKeys() } }
        let following = follower.map { [logger] follower in Task { try await CoherenceWatch([follower.look], logger: logger).run() } }
        defer { following?.cancel() }
        let isOpen = try await keyring.apart { try unseal($0) }
        follower?.begin()

        guard isOpen else {
            let front = Front(
                try parts(
                    gateway, readiness: Readiness(isSealed: { true }), hosts: NoHosts(), authenticator: NobodyAuthenticator(),
                    pages: PlainPages(), logger),
                routes: Routes())
            let server = try webServer(front, certificates, logger)
            return try await serve([server], certificates: certificates, logger)
        }

        let elsewhere = try await further()
        var surroundings = Installation.Surroundings(
            data: configuration.data.path, gateway: gateway, keyring: keyring, mailer: try mailer(), objects: try await objects(),
            backups: try await backups(),
            clock: clock,
            entropy: entropy, logger: logger, node: ProcessInfo.processInfo.hostName, version: Holdfast.version,
            address: "\(configuration.listen.host):\(configuration.listen.port)", objectsPlace: configuration.objects.description,
            webhookNetworks: configuration.webhookNetworks, breachedPasswords: try breachedPasswords(),
            locations: try locations(),
            onDiskFailure: {
                // A failed fsync is never retried: the kernel may have dropped the pages. The next start reads what is really on the disk.
                sink.flush()
                Terminal.note(
                    "holdfast: the disk refused a write. Check it and its free space, then start again; what was acknowledged is safe.")
                _exit(1)
            })
        surroundings.serving = configuration.facts
        let installation = try await Installation.open(surroundings, on: ground, elsewhere: elsewhere)
        var site = Premises.Site(
            data: configuration.data.path, keyring: configuration.keyring.path,
            listener: certificates == nil
                ? nil
                : .init(
                    host: configuration.listen.reachable, port: configuration.listen.port, serverName: configuration.apex,
                    greeting: greeting()),
            recentLog: recentLog)
        site.trustedProxies = try trustedProxies()
        site.guardsLoopback = configuration.guardsLoopback
        let premises = try Premises(installation, site: site)
        try await premises.prepare(version: Holdfast.version)
        if configuration.demo {
            guard try await installation.tenants.count() == 0 else {
                throw CommandFailure(message: "--demo fills an empty installation, and this one has tenants. Start without --demo.")
            }
            try await fillWithDemo(installation)
        }
        var parts = try parts(
            gateway, readiness: premises.readiness, hosts: premises.hosts, authenticator: premises.authenticator, pages: premises.pages,
            logger)
        parts.sentry = premises.sentry
        parts.passes = premises.passes
        parts.closed = { try await installation.closure(of: $0) }
        let front = Front(parts, routes: premises.routes())
        premises.open(front)
        let server = try webServer(front, certificates, logger)
        let welcome = Welcome(configuration: configuration, installation: installation)
        try await welcome.say()
        try await serve(premises.foundations + [server] + premises.services, certificates: certificates, logger)
        await premises.close()
    }

    private func locations() throws -> Locations {
        guard let path = configuration.locations else { return .nowhere }
        guard let file = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe), let locations = Locations(file) else {
            throw CommandFailure(message: "\(path) is no table of countries. Make one with script/lib/locations, or leave --locations out.")
        }
        return locations
    }

    private func fillWithDemo(_ installation: Installation) async throws {
        Terminal.note("holdfast: making the demo")
        let began = ContinuousClock.now
        do {
            let report = try await installation.fillWithDemo { Terminal.note("holdfast: \($0)") }
            let seconds = (ContinuousClock.now - began).components.seconds
            Terminal.note("holdfast: \(report.tenants) tenants, \(report.people) people, \(report.records) records in \(seconds) s")
        } catch {
            let reason = (error as? Refusal)?.message ?? "\(error)"
            throw CommandFailure(message: "The demo could not be made: \(reason). Remove \(configuration.data.path) and start again.")
        }
    }

    private func serve(_ services: [any Service], certificates: Certificates?, _ logger: Logger) async throws {
        var all = services
        if let certificates { all.append(CertificateWatch(certificates, logger: logger)) }
        all.append(drain)
        var group = ServiceGroupConfiguration(services: all, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = configuration.drain + .seconds(30)
        try await ServiceGroup(configuration: group).run()
    }

    /// What our own probes have to say first where this machine counts as a trusted proxy.
    private func greeting() -> [UInt8] {
        guard configuration.proxyProtocol,
            let own = NetworkAddress(configuration.listen.reachable == "localhost" ? "127.0.0.1" : configuration.listen.reachable),
            configuration.trustedProxies.compactMap(AddressRange.init).contains(where: { $0.contains(own) })
        else { return [] }
        return ProxyHeader.localHeader
    }

    func webServer(_ front: Front, _ certificates: Certificates?, _ logger: Logger) throws -> WebServer {
        try WebServer(front: front, bindings: try bindings(certificates), proxyProtocol: configuration.proxyProtocol, logger: logger)
    }

    private func breachedPasswords() throws -> BreachedPasswords? {
        guard let path = configuration.breachedPasswords else { return nil }
        do {
            return try BreachedPasswords(path: path)
        } catch {
            throw CommandFailure(message: "--breached-passwords \(path): \(error).", isUsage: true)
        }
    }

    private func trustedProxies() throws -> [AddressRange] {
        try configuration.trustedProxies.map { text in
            guard let range = AddressRange(text) else {
                throw CommandFailure(
                    message: "--trusted-proxy takes an address range such as 10.0.0.0/8; '\(text)' is none.", isUsage: true)
            }
            return range
        }
    }

    func parts(
        _ gateway: Gateway, readiness: Readiness, hosts: any Hosts, authenticator: any Authenticator, pages: any PageRenderer,
        _ logger: Logger
    ) throws -> Front.Parts {
        Front.Parts(
            gateway: gateway, hosts: hosts, authenticator: authenticator, pages: pages, readiness: drain.over(readiness), clock: clock,
            entropy: entropy, logger: logger, trustedProxies: try trustedProxies())
    }

    // MARK: What it needs

    /// Every connection and every open database takes descriptors; the usual soft limit of 1,024 is for programs that use `select`.
    private func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, 65_536)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private func makeDataDirectory() throws {
        let path = configuration.data.path
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            if configuration.demo, !(try FileManager.default.contentsOfDirectory(atPath: path).isEmpty) {
                throw CommandFailure(
                    message:
                        "--demo fills an empty data directory, and \(path) holds something. Give another --data, or start without --demo.")
            }
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(message: "The data directory \(path) can't be made or read. Check the path and your permission.")
        }
        guard !Rebuilding.isUnfinished(in: path) else {
            throw CommandFailure(
                message:
                    "A recovery into \(path) goes on or was broken off, so not everything is there. Run the same 'holdfast recover' again.")
        }
        guard access(path, W_OK) == 0 else {
            throw CommandFailure(
                message: "The data directory \(path) can't be written to. Check its owner and whether the disk is read-only.")
        }
    }

    /// Whether there is a master key. None is made silently except for a new development installation. May wait for the keyring.
    private func unseal(_ keyring: Keyring) throws -> Bool {
        let keys = try masterKeys()
        if !keys.isEmpty {
            try keyring.unseal(with: keys)
            return true
        }
        guard configuration.isDevelopment else {
            Terminal.note(
                "holdfast: sealed. There is no master key, so no data is served. Give --master-key FILE or the systemd credential \(Self.credential)."
            )
            return false
        }
        let path = developmentKey
        guard try keyring.isNew() else {
            let place = configuration.database == nil ? "at \(configuration.keyring.path) " : ""
            Terminal.note(
                "holdfast: sealed. The keyring \(place)is locked with a master key that is not at \(path). Put it there, or give --master-key."
            )
            return false
        }
        try keyring.unseal(with: .create(at: path, entropy: entropy))
        Terminal.note(
            "holdfast: made a development master key at \(path). It lies beside the data, so it protects nothing from whoever takes both.")
        return true
    }

    private var developmentKey: String { configuration.data.appendingPathComponent("master.key").path }

    /// Every master key that this node was given and that is there.
    private func masterKeys() throws -> [MasterKey] {
        var keys: [MasterKey] = []
        for (index, path) in configuration.masterKeys.enumerated() {
            // The first must be there; a second one may come with the rotation.
            if index > 0, !FileManager.default.fileExists(atPath: path) { continue }
            keys.append(try .load(from: .file(path)))
        }
        if let directory = configuration.credentials {
            for name in [Self.credential, Self.nextCredential] where FileManager.default.fileExists(atPath: directory + "/" + name) {
                keys.append(try .load(from: .systemdCredential(name: name, directory: directory)))
            }
        }
        if keys.isEmpty, configuration.isDevelopment, FileManager.default.fileExists(atPath: developmentKey) {
            keys.append(try .load(from: .file(developmentKey)))
        }
        return keys
    }

    static let credential = "holdfast-master-key"
    static let nextCredential = "holdfast-next-master-key"

    func certificates() throws -> Certificates? {
        if let (chain, key) = configuration.certificate { return try Certificates(chain: chain, key: key) }
        guard configuration.isDevelopment else { return nil }
        let files = try DevelopmentAuthority(
            directory: configuration.data.appendingPathComponent("tls").path, clock: clock, entropy: entropy
        )
        .files(apex: configuration.apex)
        return try Certificates(chain: files.certificate, key: files.key)
    }

    func bindings(_ certificates: Certificates?) throws -> [Binding] {
        var bindings: [Binding] = [.unixSocket(path: configuration.data.appendingPathComponent(LocalServer.socketName).path)]
        if let certificates {
            bindings.append(.tls(host: configuration.listen.host, port: configuration.listen.port, certificates: certificates))
        }
        if let plain = configuration.plain { bindings.append(.proxied(host: plain.host, port: plain.port)) }
        return bindings
    }

    private func mailer() throws -> any Mailer {
        let sender = try Sender(configuration.mailFrom, name: "Holdfast")
        guard let smtp = configuration.smtp else {
            return MailboxDirectory(directory: configuration.data.appendingPathComponent("mail").path, sender: sender, clock: clock)
        }
        guard let url = URLComponents(string: smtp.url), let host = url.host else {
            throw CommandFailure(message: "--smtp takes smtps://HOST:PORT or smtp://HOST:PORT; '\(smtp.url)' is neither.", isUsage: true)
        }
        var password: Secret?
        if let path = smtp.passwordFile { password = try SecretFile(path: path, what: "The relay's password file").secret() }
        let security: SMTPMailer.Security = url.scheme == "smtps" ? .tls : .startTLS
        return try SMTPMailer(
            .init(host: host, port: url.port ?? (security == .tls ? 465 : 587), security: security, user: smtp.user, password: password),
            sender: sender, clock: clock)
    }

    private func objects() async throws -> any ObjectStore {
        switch configuration.objects {
        case .directory(let path): return try await FileSystemStore(directory: path, entropy: entropy)
        case .s3(let place, let keyFile, let authorities):
            guard let path = keyFile ?? configuration.credentials.map({ $0 + "/" + Self.objectsCredential }) else {
                throw CommandFailure(
                    message:
                        "The object store's key is missing. Give --objects-key-file FILE, or the systemd credential \(Self.objectsCredential)."
                )
            }
            let keys = SecretFile(path: path, what: "The object store's key file", isCredential: keyFile == nil)
            return S3Store(try S3Store.Settings(place, keys: keys, authorities: authorities), clock: clock, entropy: entropy)
        }
    }

    private func backups() async throws -> [Destination] {
        var destinations: [Destination] = []
        for place in configuration.backups {
            do {
                destinations.append(try await place.destination(clock: clock, entropy: entropy))
            } catch let fault as ObjectFault {
                throw CommandFailure(message: "--backup \(place.address) can't be used: \(fault).")
            }
        }
        return destinations
    }

    static let objectsCredential = "holdfast-objects-key"

    // MARK: What went wrong

    private static func words(for fault: SealingFault) -> String {
        if case .keyringInUse = fault { return "Another server is running on this data directory. Stop it first, or give another --data." }
        return fault.description
    }

    private static func words(for error: StorageError, data: String) -> String {
        switch error {
        case .inUse: "Another server is running on \(data). Stop it first, or give another --data."
        case .unreadable:
            "A database in \(data) can't be read: it is damaged, not one of ours, or locked with another key. Nothing was changed."
        case .newerSchema(let found): "The data in \(data) was made by a newer release (it has '\(found)'). Start that release."
        case .full: "The disk that holds \(data) is full. Make room and start again; nothing was changed."
        case .readOnly: "\(data) can't be written to. Check its owner and whether the disk is read-only."
        case .unsafeEngine(let reason): "The SQLite library is not safe to use: \(reason). Run script/bootstrap and build again."
        case .missing: "A database is missing from \(data). Restore it before you start."
        default: "The databases in \(data) can't be opened: \(error)."
        }
    }
}
