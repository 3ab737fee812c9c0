import ObjectStores
import Storage
import Vocabulary

extension Shipping {
    /// Makes the base that is due, if the database is in use, and deletes what no promise needs any more. To be called every hour or so.
    ///
    /// - Throws: ``ArchiveFault``, ``ObjectFault``, ``NotShipped``.
    @discardableResult
    package func keepUp(_ name: DatabaseName, _ retention: Retention) async throws -> Archive.Pruned {
        let archive = try archive(of: name)
        if let generation = status(of: name)?.generation, !makesBase(of: name) {
            let points = try await archive.catalogue().generations.flatMap(\.bases).map(Retention.Point.init)
            // Until differentials are made, entries since the last full stand in for them.
            if retention.due(points, generation: generation, at: clock.now()) == .full { _ = try await base(of: name) }
        }
        return try await archive.prune(retention, at: clock.now())
    }

    package func archive(of name: DatabaseName) throws -> Archive {
        try Archive(store, folder: settings.folder, database: name.description)
    }
}
