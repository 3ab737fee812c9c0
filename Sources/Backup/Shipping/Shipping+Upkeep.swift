import ObjectStores
import Storage
import Vocabulary

extension Shipping {
    /// Makes the base or the differential that is due, if the database is in use, deletes what no promise needs any more, and merges segments.
    /// To be called every hour or so.
    ///
    /// - Throws: ``ArchiveFault``, ``ObjectFault``, ``NotShipped``.
    @discardableResult
    package func keepUp(_ name: DatabaseName, _ retention: Retention) async throws -> Archive.Pruned {
        let archive = try archive(of: name)
        let status = status(of: name)
        if let generation = status?.generation, !makesBase(of: name) {
            let points = try await archive.catalogue().generations.flatMap(\.points)
            switch retention.due(points, generation: generation, at: clock.now()) {
            case .full: _ = try await base(of: name)
            // Elsewhere entries stand in for it.
            case .differential where settings.isAppendOnly: break
            case .differential: _ = try await archive.makeDifferential(of: generation)
            case nil: break
            }
        }
        // Where nothing can be deleted, somebody else's rules say how long it is kept.
        if settings.isAppendOnly { return Archive.Pruned(kept: []) }
        let pruned = try await archive.prune(retention, at: clock.now())
        let merged = try await archive.merge(settings.merging)
        if let number = status?.generation, let ordinal = status?.ordinal, let line = known(name) {
            // A store may say that it has what it lost: what begins anew has all of it again, and is not taken for what it isn't.
            let tail = try await archive.tail()
            let isCut = tail?.position.generation == number && (tail?.position.ordinal ?? 0) < ordinal
            if isCut || merged.missing != nil {
                logger.critical("\(name): the store lost entries that it had confirmed; they are sent again, or a new generation begins")
                line.withState { state in
                    state.breakOff(.broken)
                    state.mustBegin = merged.missing != nil
                }
                call(line)
            }
        }
        return pruned
    }

    /// Whether a database has to be opened for its backup: nobody has used it since the start, and it has no archive yet, or a full is due.
    package func needsOpening(_ name: DatabaseName, _ retention: Retention) async throws -> Bool {
        guard settings.covers(name), known(name)?.snapshot.isOpened != true else { return false }
        let catalogue = try await archive(of: name).catalogue()
        guard let newest = catalogue.newest else { return true }
        return retention.due(newest.points, generation: newest.opening.generation, at: clock.now()) == .full
    }

    /// Waits, for some seconds at most, until it is known where the archive of a database that was opened goes on.
    package func attached(_ name: DatabaseName) async {
        let end = ContinuousClock.now + .seconds(10)
        while .now < end, !Task.isCancelled, status(of: name)?.generation == nil {
            do { try await Task.sleep(for: .milliseconds(20)) } catch { return }
        }
    }

    package func archive(of name: DatabaseName) throws -> Archive {
        try Archive(store, folder: settings.folder, database: name.description)
    }
}
