import Audit
import Backup
import Jobs
import Records
import Storage
import Synchronization
import Tenants
import Vocabulary

/// Takes orders, and does them one after the other in a task that outlives the request. One per process.
package final class Restores: Sendable {
    package let recovery: Recovery
    private let orders: AsyncStream<@Sendable () async -> Void>
    private let line: AsyncStream<@Sendable () async -> Void>.Continuation

    package init(_ recovery: Recovery) {
        self.recovery = recovery
        (orders, line) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1000))
    }

    /// Works until its task is cancelled. What runs then is broken off: the old state stands, and the operation says so.
    package func run() async {
        for await order in orders { await order() }
    }

    /// - Throws: ``Refusal`` `restore-running`, `import-running`, `moment-ahead`, `moment-too-early`, `moment-unrecorded`; as ``Recovery/standing(of:)``;
    ///   those of a missing permission.
    package func order(_ order: RestoreOrder, in environment: HostedEnvironment, by actor: Actor) async throws -> Operation {
        let workspace = try await recovery.workspace(of: environment.id)
        try await workspace.roles.require(.manageBackups, by: actor)
        let engine = try recovery.engine(of: environment, at: order.place)
        try recovery.requirePast(order.target)
        guard environment.kind != .restored || order.mode.name == "in-place" else {
            throw Refusal.conflict("copy-of-a-copy", "This is a restored copy already. Restore beside from the original.")
        }
        let (clock, principal) = (recovery.clock, actor.principal)
        // What can't be restored is refused at once.
        try await engine.require(order.target, of: environment)
        let operation = try await workspace.database.write { [operations = workspace.operations] transaction in
            let open = try transaction.rows("SELECT kind FROM operation WHERE state IN ('queued', 'running')").map {
                try $0.get(0, as: String.self)
            }
            if open.contains(Restore.kind) {
                throw Refusal.conflict("restore-running", "A restore of this environment is under way. Wait until it is done.")
            }
            if order.mode.name == "in-place", open.contains(Imports.kind) {
                throw Refusal.conflict("import-running", "An import is under way. Wait until it is done, or stop it.")
            }
            return try operations.start(
                Restore.kind, total: Self.steps, message: "Waiting for its turn.", by: principal, in: transaction)
        }
        do {
            try await recovery.control.write { [watched = recovery.watched] transaction in
                try watched.record(
                    .restoreOrdered(environment: environment.id, mode: order.mode.name), by: principal, at: clock.now(), in: transaction)
            }
        } catch {
            _ = try? await workspace.operations.cancel(operation.id)
            throw error
        }
        line.yield { [self] in
            do {
                try await workspace.operations.perform(operation.id) { progress in
                    try await Recovery.telling { try await perform(order, in: environment, by: principal, progress) }
                }
            } catch {
                guard !(error is CancellationError), !(error is Refusal) else { return }
                recovery.logger.error("a restore failed", metadata: ["environment": "\(environment.label)", "error": "\(error)"])
            }
        }
        return operation
    }

    /// The newest first.
    package func list(of environment: HostedEnvironment, limit: Int = 20) async throws -> [Restore] {
        try await recovery.workspace(of: environment.id).operations.list(kind: Restore.kind, limit: limit).compactMap(Restore.init)
    }

    /// - Throws: ``Refusal`` `not-found`.
    package func find(_ id: OperationID, of environment: HostedEnvironment) async throws -> Restore {
        guard let restore = Restore(try await recovery.workspace(of: environment.id).operations.find(id)) else {
            throw Refusal.notFound("restore")
        }
        return restore
    }

    /// The order that takes a restore in place back.
    /// - Throws: ``Refusal`` `not-found`, `nothing-to-undo`.
    package func undoing(_ id: OperationID, of environment: HostedEnvironment) async throws -> RestoreOrder {
        let restore = try await find(id, of: environment)
        guard let undo = restore.undo else {
            throw Refusal.conflict("nothing-to-undo", "This restore changed nothing here that could be undone.")
        }
        return RestoreOrder(.commit(generation: undo.generation, ordinal: undo.ordinal), .inPlace(collections: nil), from: restore.place)
    }

    /// Destroys a restored copy of the same tenant, with its backups.
    package func remove(_ copy: EnvironmentID, of tenant: TenantID, by actor: Actor, in environment: HostedEnvironment) async throws {
        try await recovery.workspace(of: environment.id).roles.require(.manageBackups, by: actor)
        let found = try await recovery.tenants.environment(copy)
        guard found.tenant == tenant else { throw Refusal.notFound("environment") }
        try await recovery.tenants.removeRestored(copy, by: actor.principal)
        // Nobody can read it any more; it only takes room.
        for line in recovery.destinations?.all ?? [] where !line.destination.isAppendOnly {
            let store = line.destination.store
            let objects = (try? await store.all("backup/\(DatabaseName.environment(copy))/")) ?? []
            for object in objects { try? await store.delete(object.key) }
        }
    }

    // MARK: Doing it

    private static let steps = 3

    private func perform(
        _ order: RestoreOrder, in environment: HostedEnvironment, by principal: Principal, _ progress: OperationProgress
    ) async throws -> JSONValue {
        let began = ContinuousClock.now
        let engine = try recovery.engine(of: environment, at: order.place)
        try await progress.advance(to: 0, message: "Bringing the newest changes to the backups.")
        try await engine.catchUp(environment)
        try await progress.checkpoint()
        try await progress.advance(to: 1, message: "Fetching the state of that moment.")
        return try await engine.borrowing(environment, as: order.target) { scratch in
            guard try await scratch.problems().isEmpty else {
                throw Refusal(
                    .unavailable(retryAfter: .seconds(3600)), "backup-damaged", "What was restored is not sound. Nothing was changed.")
            }
            try await progress.checkpoint()
            try await progress.advance(to: 2, message: "Putting it in.")
            var result: [String: JSONValue] = [
                "mode": .string(order.mode.name), "place": .string(engine.place),
                "generation": .integer(Int64(scratch.moment.commit.generation)),
                "commit": .integer(Int64(clamping: scratch.moment.commit.ordinal)),
            ]
            if let time = scratch.moment.time { result["time"] = .string(time.description) }
            switch order.mode {
            case .inPlace(let collections):
                return try await putBack(collections, scratch, environment, principal, progress, engine, result, began)
            case .beside(let name):
                return try await putBeside(name, scratch, environment, principal, progress, result, began)
            }
        }
    }

    /// One transaction, and nobody writes before it is done: the commit before it is the point to which undoing goes.
    private func putBack(
        _ collections: Set<CollectionID>?, _ scratch: Scratch, _ environment: HostedEnvironment, _ principal: Principal,
        _ progress: OperationProgress, _ engine: any BackupEngine, _ known: [String: JSONValue], _ began: ContinuousClock.Instant
    ) async throws -> JSONValue {
        let (audit, clock, entropy) = (recovery.audit, recovery.clock, recovery.entropy)
        let past = PastDatabase(scratch.database)
        let commit = scratch.moment.commit
        return try await recovery.tenants.alone(with: environment.id) { database in
            let paused = ContinuousClock.now
            let undo = try await engine.newest(of: environment)
            return try await database.write { transaction in
                let now = clock.now()
                let outcome = try Rewind(collections, by: Author(principal), at: now, entropy: entropy).run(from: past, in: transaction)
                try audit.record(
                    .environmentRestored(
                        environment: environment.id, operation: progress.id, generation: Int(commit.generation),
                        commit: Int(clamping: commit.ordinal), collections: collections?.count ?? 0, records: outcome.counts.all,
                        digest: outcome.digest, undoGeneration: Int(undo.generation), undoCommit: Int(clamping: undo.ordinal)),
                    by: principal, at: now, in: transaction)
                var result = known
                result["undo_generation"] = .integer(Int64(undo.generation))
                result["undo_commit"] = .integer(Int64(clamping: undo.ordinal))
                result["records"] = .integer(Int64(outcome.records))
                result["changed"] = .integer(Int64(outcome.counts.all))
                result["set_aside"] = .integer(Int64(outcome.counts.gone))
                result["put_back"] = .integer(Int64(outcome.counts.changed))
                result["returned"] = .integer(Int64(outcome.counts.returned))
                result["digest"] = .string(outcome.digest)
                result["pause_milliseconds"] = .integer((ContinuousClock.now - paused).microseconds / 1000)
                result["milliseconds"] = .integer((ContinuousClock.now - began).microseconds / 1000)
                try progress.advance(to: Self.steps, in: transaction)
                // With the change itself: whatever happens next, the way back is known.
                try Operations.finish(
                    progress.id, .succeeded, message: "Done.", result: .object(result), at: now, in: transaction)
                return .object(result)
            }
        }
    }

    private func putBeside(
        _ name: String, _ scratch: Scratch, _ environment: HostedEnvironment, _ principal: Principal, _ progress: OperationProgress,
        _ known: [String: JSONValue], _ began: ContinuousClock.Instant
    ) async throws -> JSONValue {
        let (audit, clock, entropy) = (recovery.audit, recovery.clock, recovery.entropy)
        let live = try await recovery.tenants.database(of: environment.id)
        let rights = try await live.read { try RestoredCopy.Rights(in: $0) }
        let commit = scratch.moment.commit
        let done = try await recovery.tenants.putBeside(
            environment, named: name, from: scratch.database, following: RestoredCopy(), by: principal,
            report: { _ in try await progress.checkpoint() },
            finish: { try RestoredCopy.settle(rights, entropy: entropy, in: $0) })
        try await live.write { transaction in
            try audit.record(
                .environmentRestoredBeside(
                    environment: environment.id, copy: done.environment.id, operation: progress.id, generation: Int(commit.generation),
                    commit: Int(clamping: commit.ordinal), rows: done.digest.rows, digest: done.digest.digest),
                by: principal, at: clock.now(), in: transaction)
            try progress.advance(to: Self.steps, in: transaction)
        }
        var result = known
        result["copy"] = .string(done.environment.label)
        result["records"] = .integer(Int64(done.digest.rows))
        result["digest"] = .string(done.digest.digest)
        result["milliseconds"] = .integer((ContinuousClock.now - began).microseconds / 1000)
        return .object(result)
    }
}
