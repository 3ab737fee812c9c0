import Backup
import Foundation
import PgBackRest
import Sealing
import Storage
import StoragePostgres
import Synchronization
import Tenants
import Vocabulary

/// All databases of a PostgreSQL server together, by pgBackRest.
package struct ClusterBackups: Sendable {
    package let program: PgBackRest
    package let engine: PostgresEngine

    /// What commits and certificates call it.
    package var place: String { "pgbackrest:\(program.settings.stanza)" }

    package init(_ program: PgBackRest, of engine: PostgresEngine) {
        self.program = program
        self.engine = engine
    }

    /// What is kept, and how far the server's log is on its way there.
    package struct State: Sendable {
        package let repository: Repository
        package let log: ServerLog

        /// When the oldest of what is not in the repository was written, at the earliest. Nil where all of it is there.
        package var waitingSince: Instant? {
            guard let archived = log.archived else { return repository.backups.last?.endedAt ?? log.now }
            guard let end = LogPlace.end(ofSegment: archived, size: log.segmentSize), LogPlace.timeline(ofSegment: archived) == log.timeline
            else {
                return log.archivedAt
            }
            // A piece that was just begun has nothing but its head.
            return log.position > end + Self.head ? log.archivedAt : nil
        }

        private static let head: UInt64 = 64

        package var failure: String? {
            if let problem = repository.problem { return "the repository can't be used: \(problem)" }
            if repository.clusters.last?.system != log.system { return "the repository is of another cluster" }
            if !log.isArchived { return "PostgreSQL archives nothing (archive_mode is off)" }
            if log.refusedAt != nil { return "PostgreSQL's archive_command fails" }
            return nil
        }
    }

    package func state() async throws -> State { State(repository: try await program.repository(), log: try await engine.log()) }
}

/// One environment's way back from a cluster's backups: the cluster is restored to scratch with this database alone, and a server is started on it.
struct ClusterWayBack: BackupEngine {
    let backups: ClusterBackups
    let recovery: Recovery

    /// For a server on what was restored, after its files are there: it has a day's log to read at most.
    private static let patience = Duration.hours(6)

    var place: String { backups.place }

    func standing(of environment: HostedEnvironment, _ edition: Edition, at now: Instant) async throws -> Standing {
        let promised = Retention(edition, environment.kind, of: "\(DatabaseName.environment(environment.id))")
        // What is kept is kept of all databases alike, by pgBackRest's own rules.
        let retention = Retention(window: promised.window, weeks: 0, months: 0, offset: promised.offset)
        let state = try await Recovery.telling { try await backups.state() }
        let all = state.repository.backups
        var stretches: [Standing.Stretch] = []
        if let first = all.first {
            let from = max(first.endedAt + .seconds(1), now - retention.window, environment.createdAt)
            // What is not archived yet is, before anything is restored.
            let until = state.failure == nil ? now : state.log.archivedAt ?? first.endedAt
            if from <= until { stretches = [.init(generation: state.log.timeline, from: from, until: until, reason: .first)] }
        }
        let copies = all.map { backup in
            var reasons: Set<Retention.Reason> = []
            if backup == all.last { reasons.insert(.newest) }
            if backup.endedAt >= now - retention.window || backup == state.repository.backup(before: now - retention.window) {
                reasons.insert(.window)
            }
            if all.contains(where: { $0.needs.contains(backup.label) }) { reasons.insert(.foundation) }
            return Standing.Copy(
                generation: backup.timeline, at: backup.endedAt, size: backup.size, reasons: reasons, kind: backup.kind.title)
        }
        let waiting = state.waitingSince
        var standing = Standing(
            edition: edition, retention: retention, stretches: stretches, copies: copies.reversed(), size: all.reduce(0) { $0 + $1.size },
            storedUntil: waiting == nil ? now : state.log.archivedAt, waiting: waiting == nil ? 0 : 1, waitingSince: waiting,
            lagMost: .zero,
            failure: state.failure)
        standing.isOfCluster = true
        return standing
    }

    func lag(of environment: HostedEnvironment) async throws -> (waitingSince: Instant?, failure: String?) {
        let state = try await Recovery.telling { try await backups.state() }
        return (state.waitingSince, state.failure)
    }

    func require(_ target: Restoration.Target, of environment: HostedEnvironment) async throws {
        _ = try await Recovery.telling { try await plan(target) }
    }

    func catchUp(_ environment: HostedEnvironment) async throws {
        try await Recovery.telling {
            do {
                // Recovery to a moment stops before the first commit behind it: there has to be one.
                try await backups.engine.mark()
                try await backups.program.check()
            } catch let fault as PgBackRestFault {
                throw Refusal(
                    .unavailable(retryAfter: .seconds(60)), "backup-behind",
                    "The newest changes can't be brought to the backups at the moment: \(fault). Nothing was changed.")
            }
        }
    }

    /// What was archived last may be of later than what was not.
    func reach(_ target: Restoration.Target, of environment: HostedEnvironment) async throws { try await catchUp(environment) }

    /// It is in the server's log, from where it goes to the repository; waiting for that would keep writers waiting.
    func newest(of environment: HostedEnvironment) async throws -> Restore.Commit {
        let log = try await backups.engine.log()
        return .init(generation: log.timeline, ordinal: log.position)
    }

    // MARK: Restoring

    private func plan(_ target: Restoration.Target) async throws -> (Repository, Repository.Backup, PgBackRest.Target) {
        let repository = try await backups.program.repository()
        switch target {
        case .newest:
            let log = try await backups.engine.log()
            guard let backup = repository.backup(before: log.position) else { throw ArchiveFault.tooEarly }
            return (repository, backup, .place(timeline: log.timeline, position: log.position))
        case .moment(let moment):
            guard let backup = repository.backup(before: moment) else { throw ArchiveFault.tooEarly }
            return (repository, backup, .time(moment))
        case .commit(let timeline, let position):
            guard let backup = repository.backup(before: position), timeline > 0 else {
                throw ArchiveFault.noCommit(generation: timeline, ordinal: position)
            }
            return (repository, backup, .place(timeline: timeline, position: position))
        }
    }

    func borrowing<T: Sendable>(
        _ environment: HostedEnvironment, as target: Restoration.Target, _ body: (Scratch) async throws -> T
    ) async throws -> T {
        let scratch = try await Recovery.telling {
            let (repository, backup, until) = try await plan(target)
            guard let version = repository.clusters.last?.version else {
                throw PgBackRestFault.unreadable("info doesn't say which PostgreSQL it is of")
            }
            let scratch = try ScratchCluster(in: recovery.newScratch(), version: version, for: backups.program)
            do {
                let others = try await others(than: environment, in: backup)
                try await scratch.fill(backups.program, backup, until: until, leavingOut: others)
                try await scratch.start(limits: backups.engine.log().limits)
            } catch {
                await scratch.remove()
                throw error
            }
            return scratch
        }
        do {
            let result = try await reading(scratch, environment, body)
            await scratch.remove()
            return result
        } catch {
            await scratch.remove()
            throw error
        }
    }

    /// By number too, since a database had a passing name while it was made.
    private func others(than environment: HostedEnvironment, in backup: Repository.Backup) async throws -> [String] {
        let wanted = try await backups.engine.identity(of: .environment(environment.id))
        let system: Set<String> = ["postgres", "template0", "template1", backups.engine.maintenanceDatabase]
        return try await backups.program.databases(in: backup).filter {
            $0.name != wanted.name && $0.oid != wanted.oid && !system.contains($0.name)
        }.map(\.name)
    }

    private func reading<T: Sendable>(
        _ scratch: ScratchCluster, _ environment: HostedEnvironment, _ body: (Scratch) async throws -> T
    ) async throws -> T {
        let (engine, position) = try await Recovery.telling { try await promoted(scratch) }
        do {
            await recovery.keyring.refresh()
            let database: any Database
            do {
                database = try await engine.open(.environment(environment.id), schema: recovery.schema) { [keyring = recovery.keyring] in
                    try keyring.subkey(for: environment.databaseKey, purpose: .database)
                }
            } catch StorageError.unreadable {
                throw Recovery.keyIsGone
            } catch StorageError.missing {
                throw Refusal.invalid("moment-too-early", "The environment was not there yet. Choose a later moment.", field: "at")
            }
            let (time, size) = try await database.read { reader in
                (
                    try reader.value("SELECT at FROM audit_entry ORDER BY seq DESC LIMIT 1", as: Instant.self),
                    try reader.value("SELECT pg_database_size(current_database())", as: Int64.self) ?? 0
                )
            }
            let moment = Scratch.Moment(commit: position, time: time, size: UInt64(clamping: size))
            let result = try await body(Scratch(database: database, moment: moment, problems: { [] }))
            await engine.shutdown()
            return result
        } catch {
            await engine.shutdown()
            throw error
        }
    }

    /// Waits until the log was read up to the target, notes where that was, and lets the server take writes: it is to be read by today's schema.
    private func promoted(_ scratch: ScratchCluster) async throws -> (PostgresEngine, Restore.Commit) {
        let end = ContinuousClock.now + Self.patience
        var options = backups.engine.options(at: scratch.folder, port: ScratchCluster.port)
        options.connectTimeout = .seconds(5)
        options.reconnecting = .milliseconds(100)
        let timeline = try await backups.engine.log().timeline
        func pause() async throws {
            try await Task.sleep(for: .milliseconds(50))
            if let fault = scratch.fault() { throw fault }
            guard ContinuousClock.now < end else { throw PgBackRestFault.scratch("it took too long") }
        }
        var started: PostgresEngine?
        while started == nil {
            do { started = try await PostgresEngine.start(options) } catch is ServerAway { try await pause() } catch StorageError.overloaded
            {
                try await pause()
            }
        }
        guard let engine = started else { throw PgBackRestFault.scratch("it doesn't answer") }
        /// Who can't answer may just end, because of what it read.
        func replay(until isThere: (ServerReplay) -> Bool) async throws -> ServerReplay {
            while true {
                do {
                    let replay = try await engine.replay()
                    if isThere(replay) { return replay }
                } catch let error as StorageError where error == .overloaded || error == .inDoubt {}
                try await pause()
            }
        }
        do {
            let stop = try await replay { $0.isPaused }
            try scratch.promote()
            _ = try await replay { !$0.isReading }
            return (engine, Restore.Commit(generation: timeline, ordinal: stop.position ?? 0))
        } catch {
            await engine.shutdown()
            throw error
        }
    }
}

extension Repository.Backup.Kind {
    fileprivate var title: String {
        switch self {
        case .full: "Full"
        case .differential: "Differential"
        case .incremental: "Incremental"
        }
    }
}
