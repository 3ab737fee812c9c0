import Backup
import Cluster
import Logging
import ObjectStores
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
    /// What brings commits to archives. Nil where nobody asked for it.
    package var shipping: Shipping?
    /// Lets go of every turn.
    private let leave: @Sendable () -> Void

    package init(
        engine: any Engine, keyringEngine: (any Engine)? = nil, turns: any Turns, isShared: Bool,
        news: (@Sendable (Bell) -> any Service)? = nil,
        leave: @escaping @Sendable () -> Void = {}
    ) {
        self.engine = engine
        self.keyringEngine = keyringEngine
        self.turns = turns
        self.isShared = isShared
        self.news = news
        self.leave = leave
    }

    func close() async {
        // A stop in good order leaves nothing behind.
        await shipping?.finish(atMost: .seconds(10))
        await engine.shutdown()
        await keyringEngine?.shutdown()
        for engine in elsewhere.values { await engine.shutdown() }
        leave()
    }

    /// Files below `data`, for one process.
    ///
    /// - Parameter backup: where every commit of every database is shipped to.
    package static func files(
        in data: String, backup: (any ObjectStore)? = nil, clock: any Clock = SystemClock(), entropy: any Entropy = SystemEntropy(),
        logger: Logger, onDiskFailure: @escaping @Sendable () -> Void
    ) throws -> Ground {
        var options = SQLiteOptions()
        let shipping = backup.map { Shipping(to: $0, clock: clock, entropy: entropy, logger: logger) }
        options.logWatcher = shipping
        options.onDiskFailure = { name in
            logger.critical("a disk refused a commit", metadata: ["database": "\(name)"])
            onDiskFailure()
        }
        let engine = try SQLiteEngine(directory: data + "/databases", options: options)
        guard let shipping else { return Ground(engine: engine, turns: LocalTurns(), isShared: false) }
        // From the first database that is opened until the last one is closed: longer than any service runs.
        let running = Task { await shipping.run(engine) }
        var ground = Ground(engine: engine, turns: LocalTurns(), isShared: false, leave: { running.cancel() })
        ground.shipping = shipping
        return ground
    }

    /// A lease for what is remembered of a database here.
    package var lease: CacheLease { isShared ? CacheLease() : .alone() }
}
