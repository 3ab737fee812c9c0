import Backup
import Logging
import ServiceLifecycle
import Storage
import Tenants
import Vocabulary

/// Once an hour: each database's weekly base, and what no promise needs any more is deleted.
struct BackupUpkeep: Service {
    private let installation: Installation
    private let destinations: Destinations
    private let anchors: BackupAnchors

    init(_ installation: Installation, _ destinations: Destinations) {
        self.installation = installation
        self.destinations = destinations
        anchors = BackupAnchors(installation.control, clock: installation.clock, audit: installation.audit)
    }

    func run() async throws {
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            do {
                try await cancelWhenGracefulShutdown {
                    await round()
                    try await Task.sleep(for: .seconds(3600))
                }
            } catch is CancellationError {
                return
            }
        }
    }

    /// One database whose archive can't be kept up must not keep the others from it.
    func round() async {
        var failures: [DatabaseName: any Error] = [:]
        do {
            for promise in try await promises() {
                let (name, retention) = (promise.database, promise.retention)
                guard !Task.isCancelled else { return }
                for line in destinations.keeping(name) {
                    do {
                        if let id = promise.environment, try await line.shipping.needsOpening(name, retention) {
                            _ = try await installation.tenants.database(of: id)
                            await line.shipping.attached(name)
                        }
                        try await line.shipping.keepUp(name, retention)
                        if let position = line.shipping.status(of: name)?.position {
                            try await anchors.note(
                                position, of: name, at: line.destination.name, by: Principal(.platform(component: "backup")))
                        }
                    } catch {
                        failures[name] = error
                    }
                }
            }
        } catch {
            installation.surroundings.logger.error("backups could not be kept up", metadata: ["error": "\(type(of: error))"])
        }
        guard !Task.isCancelled, let (name, error) = failures.first else { return }
        installation.surroundings.logger.error(
            "backups could not be kept up", metadata: ["databases": "\(failures.count)", "first": "\(name)", "reason": "\(error)"])
    }

    struct Promise {
        let database: DatabaseName
        /// Nil for the control database.
        let environment: EnvironmentID?
        let retention: Retention
    }

    /// What each database in files was promised. The control database is kept as long as any.
    func promises() async throws -> [Promise] {
        var promises = [
            Promise(database: .control, environment: nil, retention: Retention(.enterprise, .production, of: "\(DatabaseName.control)"))
        ]
        var editions: [TenantID: Edition] = [:]
        var tenants = try await installation.tenants.list()
        while let last = tenants.last {
            for tenant in tenants { editions[tenant.id] = Edition(named: tenant.edition) }
            tenants = try await installation.tenants.list(after: last.slug)
        }
        for environment in try await installation.tenants.allEnvironments() where environment.place == Places.embedded {
            // Nothing is deleted of whom nobody knows what was promised to.
            guard let edition = editions[environment.tenant] else { continue }
            let name = DatabaseName.environment(environment.id)
            promises.append(
                Promise(database: name, environment: environment.id, retention: Retention(edition, environment.kind, of: "\(name)")))
        }
        return promises
    }
}
