import Backup
import Foundation
import ObjectStores
import Sealing
import Storage
import StorageSQLite
import Tenants
import Threads
import Vocabulary

/// Databases in files, by the archive of them at one place.
struct ArchivedBackups: BackupEngine {
    let line: Destinations.Line
    let recovery: Recovery

    private static let threads = BoundedThreads(2, waiting: 1000)

    var place: String { line.destination.name }
    private var shipping: Shipping { line.shipping }

    private func archive(of environment: HostedEnvironment) throws -> Archive {
        try shipping.archive(of: .environment(environment.id))
    }

    func standing(of environment: HostedEnvironment, _ edition: Edition, at now: Instant) async throws -> Standing {
        let name = DatabaseName.environment(environment.id)
        let retention = Retention(edition, environment.kind, of: "\(name)")
        let status = shipping.status(of: name)
        return try await Recovery.telling {
            let archive = try archive(of: environment)
            let catalogue = try await archive.catalogue()
            var stretches: [Standing.Stretch] = []
            var generations: [Retention.Generation] = []
            var size: UInt64 = 0
            for generation in catalogue.generations {
                var newest = try await archive.newestTime(of: generation)
                generations.append(.init(number: generation.opening.generation, newestAt: newest))
                size += generation.bases.reduce(0) { $0 + $1.size } + generation.segments.reduce(0) { $0 + UInt64($1.size) }
                // Where everything is stored, now is as good as the last commit.
                if generation.opening.generation == status?.generation, status?.waiting == 0 { newest = max(newest, now) }
                guard let whole = generation.bases.map(\.endedAt).min() else { continue }
                let from = max(whole, now - retention.window)
                if from <= newest {
                    stretches.append(
                        .init(
                            generation: generation.opening.generation, from: from, until: newest, reason: generation.opening.reason))
                }
            }
            let points = catalogue.generations.flatMap(\.bases)
            let plan = retention.plan(points.map(Retention.Point.init), generations, at: now)
            let copies = points.map { base in
                Standing.Copy(
                    generation: base.generation, at: base.endedAt, size: base.size,
                    reasons: plan.kept.first { $0.point == Retention.Point(base) }?.reasons ?? [])
            }
            return Standing(
                edition: edition, retention: retention, stretches: stretches, copies: copies.sorted { $0.at > $1.at }, size: size,
                storedUntil: status?.storedUntil ?? generations.map(\.newestAt).max(), waiting: status?.waiting ?? 0,
                waitingSince: status?.waitingSince, lagMost: status?.lagMost ?? .zero, failure: status?.failure)
        }
    }

    func lag(of environment: HostedEnvironment) async throws -> (waitingSince: Instant?, failure: String?) {
        let status = shipping.status(of: .environment(environment.id))
        return (status?.waitingSince, status?.failure)
    }

    func require(_ target: Restoration.Target, of environment: HostedEnvironment) async throws {
        guard target != .newest else { return }
        try await Recovery.telling {
            _ = try await Restoration(try archive(of: environment), threads: .init(1, waiting: 10)).plan(target)
        }
    }

    func catchUp(_ environment: HostedEnvironment) async throws {
        try await Recovery.telling { try await shipping.caughtUp(.environment(environment.id)) }
    }

    /// What was done until a moment may still be on its way.
    func reach(_ target: Restoration.Target, of environment: HostedEnvironment) async throws {
        guard let since = shipping.status(of: .environment(environment.id))?.waitingSince else { return }
        if case .moment(let moment) = target, moment < since { return }
        try await catchUp(environment)
    }

    func newest(of environment: HostedEnvironment) async throws -> Restore.Commit {
        try await catchUp(environment)
        guard let status = shipping.status(of: .environment(environment.id)), let generation = status.generation,
            let ordinal = status.ordinal
        else {
            throw Refusal(
                .unavailable(retryAfter: .seconds(60)), "backup-behind", "It is not known how far the backups are. Nothing was changed.")
        }
        return .init(generation: generation, ordinal: ordinal)
    }

    /// To an engine of its own.
    func borrowing<T: Sendable>(
        _ environment: HostedEnvironment, as target: Restoration.Target, _ body: (Scratch) async throws -> T
    ) async throws -> T {
        let (archive, keyring) = (try archive(of: environment), recovery.keyring)
        let name = DatabaseName.environment(environment.id)
        let folder = recovery.newScratch()
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StorageError.failed("\(folder) can't be made")
        }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let report = try await Recovery.telling {
            try await Restoration(archive, threads: Self.threads).restore(target, to: folder + "/restored.db")
        }
        var options = SQLiteOptions()
        (options.readerThreads, options.writerThreads, options.descriptors) = (2, 1, 32)
        let engine = try SQLiteEngine(directory: folder + "/databases", options: options)
        do {
            try await engine.adopt(name, from: folder + "/restored.db")
            await keyring.refresh()
            let key: @Sendable () throws -> Secret = { try keyring.subkey(for: environment.databaseKey, purpose: .database) }
            let database: any Database
            do {
                database = try await engine.open(name, schema: recovery.schema, key: key)
            } catch StorageError.unreadable {
                throw Recovery.keyIsGone
            }
            let moment = Scratch.Moment(
                commit: .init(generation: report.generation, ordinal: report.ordinal), time: report.time, size: report.size)
            let result = try await body(
                Scratch(database: database, moment: moment) {
                    try await engine.integrityProblems(of: name, key: key).map { "SQLite's own check found: \($0)" }
                })
            await engine.shutdown()
            return result
        } catch {
            await engine.shutdown()
            throw error
        }
    }
}
