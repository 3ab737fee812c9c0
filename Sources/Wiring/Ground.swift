import Backup
import Cluster
import Logging
import ObjectStores
import Recovery
import ServiceLifecycle
import Storage
import StorageSQLite
import Tenants
import Vocabulary

/// What an installation stands on: an engine, and the means by which several nodes on it act as one.
package struct Ground: Sendable {
    package let engine: any Engine
    /// Where the keyring's database lies, if not beside the others.
    let keyringEngine: (any Engine)?
    /// Other engines that can keep environments' databases, by the name of their place.
    package var elsewhere: [Places.Name: any Engine] = [:]
    package let turns: any Turns
    /// Whether other nodes may change what this one remembers.
    package let isShared: Bool
    /// Rings when another node noted something, so that it is seen sooner. Nil where nobody tells.
    package var news: (@Sendable (Bell) -> any Service)?
    /// Where commits are shipped to. Nil where nobody asked for it.
    package var destinations: Destinations?
    /// The first of them: what is restored comes from there, unless another is asked for.
    package var shipping: Shipping? { destinations?.all.first?.shipping }
    /// What keeps the databases of a PostgreSQL server. Nil where nobody named it.
    package var cluster: ClusterBackups?
    /// What those have to know of each environment.
    let placements: Placements
    /// Lets go of every turn.
    private let leave: @Sendable () -> Void

    package init(
        engine: any Engine, keyringEngine: (any Engine)? = nil, turns: any Turns, isShared: Bool,
        news: (@Sendable (Bell) -> any Service)? = nil, placements: Placements = Placements(),
        leave: @escaping @Sendable () -> Void = {}
    ) {
        self.engine = engine
        self.keyringEngine = keyringEngine
        self.turns = turns
        self.isShared = isShared
        self.news = news
        self.placements = placements
        self.leave = leave
    }

    func close() async {
        // A stop in good order leaves nothing behind.
        await destinations?.finish(atMost: .seconds(10))
        await engine.shutdown()
        await keyringEngine?.shutdown()
        for engine in elsewhere.values { await engine.shutdown() }
        leave()
    }

    /// Files below `data`, for one process.
    ///
    /// - Parameter backups: where every commit of every database is shipped to.
    package static func files(
        in data: String, backups: [Destination] = [], clock: any Clock = SystemClock(), entropy: any Entropy = SystemEntropy(),
        logger: Logger, onDiskFailure: @escaping @Sendable () -> Void
    ) throws -> Ground {
        var options = SQLiteOptions()
        let placements = Placements()
        let destinations =
            backups.isEmpty ? nil : Destinations(backups, placements: placements, clock: clock, entropy: entropy, logger: logger)
        options.logWatcher = destinations
        options.onDiskFailure = { name in
            logger.critical("a disk refused a commit", metadata: ["database": "\(name)"])
            onDiskFailure()
        }
        let engine = try SQLiteEngine(directory: data + "/databases", options: options)
        guard let destinations else { return Ground(engine: engine, turns: LocalTurns(), isShared: false, placements: placements) }
        // From the first database that is opened until the last one is closed: longer than any service runs.
        let running = Task { await destinations.run(engine) }
        var ground = Ground(engine: engine, turns: LocalTurns(), isShared: false, placements: placements, leave: { running.cancel() })
        ground.destinations = destinations
        return ground
    }

    /// A lease for what is remembered of a database here.
    package var lease: CacheLease { isShared ? CacheLease() : .alone() }
}
