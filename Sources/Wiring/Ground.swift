import Cluster
import Logging
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
        await engine.shutdown()
        await keyringEngine?.shutdown()
        for engine in elsewhere.values { await engine.shutdown() }
        leave()
    }

    /// Files below `data`, for one process.
    package static func files(in data: String, logger: Logger, onDiskFailure: @escaping @Sendable () -> Void) throws -> Ground {
        var options = SQLiteOptions()
        options.onDiskFailure = { name in
            logger.critical("a disk refused a commit", metadata: ["database": "\(name)"])
            onDiskFailure()
        }
        return Ground(engine: try SQLiteEngine(directory: data + "/databases", options: options), turns: LocalTurns(), isShared: false)
    }

    /// A lease for what is remembered of a database here.
    package var lease: CacheLease { isShared ? CacheLease() : .alone() }
}
