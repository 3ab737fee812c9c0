import Audit
import Backup
import Storage
import Tenants
import Vocabulary

/// Tries, again and again, whether what is backed up can be restored.
package struct Drills: Sendable {
    private let recovery: Recovery

    package init(_ recovery: Recovery) { self.recovery = recovery }

    /// How long results are kept.
    static let kept = Duration.days(400)

    /// The newest first.
    package func list(of environment: EnvironmentID, limit: Int = 60) async throws -> [Drill] {
        try await recovery.control.read {
            try $0.rows(
                "SELECT \(Drill.columns) FROM restore_drill WHERE environment = \(environment) ORDER BY at DESC LIMIT \(limit)"
            ).map(Drill.init)
        }
    }

    /// The newest of each environment.
    package func latest() async throws -> [EnvironmentID: Drill] {
        let drills = try await recovery.control.read {
            try $0.rows(
                """
                SELECT \(Drill.columns) FROM restore_drill AS drill
                WHERE at = (SELECT max(at) FROM restore_drill WHERE environment = drill.environment)
                """
            ).map(Drill.init)
        }
        return Dictionary(drills.map { ($0.environment, $0) }) { first, _ in first }
    }

    /// Environments whose turn it is: once a week, each in a slot of its own; and at once where there never was one, or the last one failed a day ago.
    package func due() async throws -> [HostedEnvironment] {
        guard recovery.keepsAnything else { return [] }
        let (now, latest) = (recovery.clock.now(), try await latest())
        return try await recovery.tenants.allEnvironments().filter { environment in
            guard (try? recovery.engine(of: environment)) != nil else { return false }
            guard let last = latest[environment.id] else { return true }
            if !last.passed { return now - last.at > .days(1) }
            let retention = Retention(.sandbox, environment.kind, of: "\(DatabaseName.environment(environment.id))")
            return retention.slot(last.at, Retention.week) < retention.slot(now, Retention.week)
        }
    }

    /// Restores a random moment of what can be restored, to scratch, and compares. Nil where there is nothing to restore from yet.
    ///
    /// What can't be done is a result too: it is written down, and raises an alarm.
    @discardableResult
    package func run(_ environment: HostedEnvironment, by principal: Principal) async throws -> Drill? {
        let engine = try recovery.engine(of: environment)
        let began = ContinuousClock.now
        let at = recovery.clock.now()
        var exposure = Duration.zero
        let drill: Drill
        do {
            let lag = try await engine.lag(of: environment)
            exposure = lag.waitingSince.map { max(.zero, at - $0) } ?? .zero
            let standing = try await recovery.standing(of: environment)
            guard let moment = moment(in: standing.stretches) else {
                // A first copy is still being made.
                if lag.failure == nil, standing.copies.isEmpty || standing.isOfCluster { return nil }
                throw Refusal.conflict("nothing-to-restore", standing.failure ?? "There is nothing to restore from.")
            }
            try await engine.reach(.moment(moment), of: environment)
            drill = try await attempt(environment, engine, at, moment, exposure, began)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let reason = (error as? Refusal)?.message ?? "\(error)"
            drill = Drill(
                environment: environment.id, at: at, moment: at, generation: 0, commit: 0, failure: reason, exposure: exposure,
                took: ContinuousClock.now - began, records: 0, size: 0)
        }
        try await recovery.control.write { [watched = recovery.watched] transaction in
            try drill.insert(in: transaction)
            try transaction.run("DELETE FROM restore_drill WHERE at < \(at - Self.kept)")
            try watched.record(
                .restoreDrilled(
                    environment: environment.id, generation: Int(drill.generation), commit: Int(clamping: drill.commit),
                    rows: drill.records, milliseconds: Int(clamping: drill.took.microseconds / 1000),
                    result: drill.passed ? "passed" : "failed"),
                by: principal, at: at, in: transaction)
        }
        return drill
    }

    private func attempt(
        _ environment: HostedEnvironment, _ engine: any BackupEngine, _ at: Instant, _ moment: Instant, _ exposure: Duration,
        _ began: ContinuousClock.Instant
    ) async throws -> Drill {
        let live = try await recovery.tenants.database(of: environment.id)
        return try await engine.borrowing(environment, as: .moment(moment)) { scratch in
            let records = try await Self.records(in: scratch.database)
            let took = ContinuousClock.now - began
            return Drill(
                environment: environment.id, at: at, moment: moment, generation: scratch.moment.commit.generation,
                commit: scratch.moment.commit.ordinal, failure: try await Self.failure(of: scratch, beside: live), exposure: exposure,
                took: took,
                records: records, size: scratch.moment.size)
        }
    }

    private static func records(in database: any Database) async throws -> Int {
        try await database.read { try $0.value("SELECT count(*) FROM record WHERE deleted_at IS NULL", as: Int.self) ?? 0 }
    }

    /// Every change of then is in the log of today, at the same place and with the same hash.
    private static func failure(of scratch: Scratch, beside live: any Database) async throws -> String? {
        let head = try await scratch.database.read { try AuditLog.head(in: $0) }
        let now = try await live.read { try AuditLog.head(at: head.size, in: $0) }
        if now != head { return "The restored audit log is not the beginning of today's." }
        return try await scratch.problems().first
    }

    /// Each moment of all stretches is as likely as any other.
    private func moment(in stretches: [Standing.Stretch]) -> Instant? {
        let lengths = stretches.map { max(1, ($0.until - $0.from).microseconds) }
        var place = Int64(recovery.entropy.words().0 % UInt64(max(1, lengths.reduce(0, +))))
        for (stretch, length) in zip(stretches, lengths) {
            if place < length { return stretch.from + .microseconds(place) }
            place -= length
        }
        return nil
    }
}
