import Audit
import Backup
import Foundation
import ObjectStores
import Sealing
import Storage
import StorageSQLite
import Tenants
import Threads
import Vocabulary

/// Rebuilds an installation in an empty directory from a bundle, enough shares, and the archives.
///
/// What can't be brought back is named, and everything else is. Nothing outside the directory is changed, and in it only what this made.
package struct Rebuilding: Sendable {
    package struct Rebuilt: Sendable {
        package let name: String
        /// Of an environment, the label of its host.
        package let label: String?
        package let generation: UInt32
        package let ordinal: UInt64
        /// Of the newest commit; nil where that is the base itself.
        package let time: Instant?
        /// In bytes.
        package let size: UInt64
        package let took: Duration
    }

    package struct Missing: Sendable, Hashable {
        package let name: String
        package let label: String?
        package let reason: String
    }

    package struct Report: Sendable {
        package var databases: [Rebuilt] = []
        package var missing: [Missing] = []
        /// Archives of databases that the recovered installation doesn't know: left alone.
        package var unknown: [String] = []
        package var took = Duration.zero

        package var isComplete: Bool { missing.isEmpty }
    }

    /// What the first start is told: `recovered`.
    struct Note: Codable {
        let holders: String
        let madeAt: String
        let environments: Int
        let missing: Int
    }

    private let bundle: RecoveryBundle
    private let store: any ObjectStore
    private let path: String
    private let acceptsOld: Bool
    /// The labels to restore; nil for all.
    private let rehearsed: Set<String>?
    private let parallel: Int
    private let threads: BoundedThreads

    /// - Parameters:
    ///   - data: a new or empty directory; its parent must be there.
    ///   - acceptsOld: goes on with an archive that ends before the bundle was made.
    ///   - rehearsing: restores just the environments with these labels, looks of the others only whether it could, and lays no master key down.
    package init(
        _ bundle: RecoveryBundle, from store: any ObjectStore, to data: String, acceptsOld: Bool = false, rehearsing: Set<String>? = nil,
        parallel: Int = 4
    ) {
        self.bundle = bundle
        self.store = store
        path = data
        self.acceptsOld = acceptsOld
        rehearsed = rehearsing
        self.parallel = max(1, parallel)
        threads = BoundedThreads(max(1, parallel) + 1, waiting: 4096)
    }

    /// Whether a recovery into `data` goes on or was broken off: nothing there is complete.
    package static func isUnfinished(in data: String) -> Bool {
        FileManager.default.fileExists(atPath: data + "/" + RecoveredDirectory.unfinished)
    }

    /// - Parameter tell: what is done, a line at a time.
    /// - Throws: ``RecoveryFault``, ``SealingFault``, ``ArchiveFault``, ``ObjectFault``, ``StorageError`` where nothing can be recovered at all.
    package func run(with shares: [(path: String, share: RecoveryShare)], _ tell: @Sendable (String) -> Void = { _ in }) async throws
        -> Report
    {
        let begun = ContinuousClock.now
        var found = try bundle.keys(with: shares)
        // A bundle may be older than somebody's leaving.
        found.drop(try await Archive.tombstones(in: store))
        let keys = found
        tell("\(bundle.manifest.holders.needed) shares give the key; \(keys.owners.count) keys are in the bundle")
        try await bundle.checkExecutable(threads: threads)
        guard try await Archive.databases(in: store).contains("\(DatabaseName.control)") else {
            throw RecoveryFault.archiveLacks(database: "the control database")
        }
        let directory: RecoveredDirectory
        do { directory = try RecoveredDirectory(path) } catch let fault as RecoveredDirectory.NotEmpty {
            throw RecoveryFault.notEmpty(path: fault.path)
        }
        let damaged = try await threads.run { [rehearsed] in
            try keys.write(toKeyring: directory.keyring, masterKey: rehearsed == nil ? directory.masterKey : nil)
        }
        guard !damaged.contains(.control) else { throw RecoveryFault.keysUnreadable(reason: "the platform's own key doesn't open") }
        let keyring = Keyring(directory: directory.keyring, clock: SystemClock(), entropy: SystemEntropy())
        try await keyring.apart { try $0.unseal(with: keys.master) }
        defer { keyring.seal() }
        let engine = try SQLiteEngine(directory: directory.databases)
        do {
            var report = try await rebuild(directory, engine, keyring, tell)
            await engine.shutdown()
            let note = Note(
                holders: bundle.manifest.holders.id, madeAt: bundle.manifest.madeAt, environments: report.databases.count - 1,
                missing: report.missing.count)
            try directory.finish(String(decoding: try JSONEncoder().encode(note), as: UTF8.self) + "\n")
            report.took = ContinuousClock.now - begun
            return report
        } catch {
            await engine.shutdown()
            throw error
        }
    }

    private func rebuild(
        _ directory: RecoveredDirectory, _ engine: SQLiteEngine, _ keyring: Keyring, _ tell: @Sendable (String) -> Void
    ) async throws -> Report {
        var report = Report()
        let recovered = try await recover(.control, nil, .control, directory, engine, keyring)
        tell("control: as of \(recovered.time.map { "\($0)" } ?? "its base")")
        report.databases.append(recovered)
        let control = try await engine.open(.control, schema: Schemas.control) { try keyring.subkey(for: .control, purpose: .database) }
        let environments = try await control.read { try HostedEnvironment.active(in: $0) }
        let chosen = rehearsed.map { labels in environments.filter { labels.contains($0.label) } } ?? environments
        for environment in environments where !chosen.contains(environment) {
            if let reason = try await obstacle(to: environment, keyring) {
                report.missing.append(
                    Missing(name: "\(DatabaseName.environment(environment.id))", label: environment.label, reason: reason))
            }
        }
        var waiting = chosen[...]
        await withTaskGroup(of: Result<Rebuilt, Lost>.self) { group in
            func next() {
                guard let environment = waiting.popFirst() else { return }
                group.addTask { await one(environment, directory, engine, keyring) }
            }
            for _ in 0..<parallel { next() }
            for await result in group {
                switch result {
                case .success(let database):
                    tell("\(database.label ?? database.name): as of \(database.time.map { "\($0)" } ?? "its base")")
                    report.databases.append(database)
                case .failure(let lost):
                    tell("\(lost.missing.label ?? lost.missing.name): MISSING, \(lost.missing.reason)")
                    report.missing.append(lost.missing)
                }
                next()
            }
        }
        let known = Set(environments.map { "\(DatabaseName.environment($0.id))" }).union(["\(DatabaseName.control)"])
        report.unknown = try await Archive.databases(in: store).filter { !known.contains($0) }
        return report
    }

    private struct Lost: Error { let missing: Missing }

    /// What is wrong with one environment keeps no other from coming back.
    private func one(
        _ environment: HostedEnvironment, _ directory: RecoveredDirectory, _ engine: SQLiteEngine, _ keyring: Keyring
    ) async -> Result<Rebuilt, Lost> {
        let name = DatabaseName.environment(environment.id)
        func lost(_ reason: String) -> Result<Rebuilt, Lost> {
            .failure(Lost(missing: Missing(name: "\(name)", label: environment.label, reason: reason)))
        }
        do {
            if let reason = try await obstacle(to: environment, keyring) { return lost(reason) }
            return .success(try await recover(name, environment.label, environment.databaseKey, directory, engine, keyring))
        } catch {
            // What can't be relied on isn't left behind for the server to find.
            try? await engine.destroy(name)
            return lost(Self.words(for: error))
        }
    }

    /// Why an environment can't be recovered, as far as that is known without trying.
    private func obstacle(to environment: HostedEnvironment, _ keyring: Keyring) async throws -> String? {
        if environment.place != Places.embedded { return "its database lies on a PostgreSQL server, which has backups of its own" }
        if try keyring.isEntombed(environment.id) { return "its customer left, and it was destroyed for good" }
        for owner in [environment.databaseKey, .environment(environment.id)] where try !keyring.contains(owner) {
            return RecoveryFault.keyMissing(owner: "\(owner)").description
        }
        let archive = try Archive(store, database: "\(DatabaseName.environment(environment.id))")
        guard let newest = try await archive.catalogue().newest else {
            return RecoveryFault.archiveLacks(database: archive.database).description
        }
        return newest.bases.isEmpty ? "its archive has no base yet: it is younger than a moment, or its shipping began anew just now" : nil
    }

    private func recover(
        _ name: DatabaseName, _ label: String?, _ owner: KeyOwner, _ directory: RecoveredDirectory, _ engine: SQLiteEngine,
        _ keyring: Keyring
    ) async throws -> Rebuilt {
        let begun = ContinuousClock.now
        let archive = try Archive(store, database: "\(name)")
        guard try await archive.newestPosition() != nil else { throw RecoveryFault.archiveLacks(database: "\(name)") }
        if !acceptsOld { try await expectFresh(archive, name) }
        let restored = try await Restoration(archive, threads: threads).restore(.newest, to: "\(directory.databases)/\(name).db")
        let key: @Sendable () throws -> Secret = { try keyring.subkey(for: owner, purpose: .database) }
        let database = try await engine.open(name, schema: name == .control ? Schemas.control : Schemas.environment, key: key)
        let problems = try await engine.integrityProblems(of: name, key: key)
        guard problems.isEmpty else { throw StorageError.failed(problems[0]) }
        try await verifyLog(of: owner, in: database, keyring)
        return Rebuilt(
            name: "\(name)", label: label, generation: restored.generation, ordinal: restored.ordinal, time: restored.time,
            size: restored.size, took: ContinuousClock.now - begun)
    }

    /// Each destination has an archive of its own: this one has to be one of them, and not an old copy.
    private func expectFresh(_ archive: Archive, _ name: DatabaseName) async throws {
        let known = bundle.manifest.databases.filter { $0.name == "\(name)" }.compactMap(\.position)
        for position in known {
            do { return try await archive.expect(position) } catch ArchiveFault.stale { continue } catch ArchiveFault.rewritten { continue }
        }
        if !known.isEmpty { throw RecoveryFault.staleArchive(database: "\(name)") }
    }

    /// The restored log must be one that this installation signed.
    private func verifyLog(of owner: KeyOwner, in database: any Database, _ keyring: Keyring) async throws {
        let log: KeyOwner = if case .database(let id, _) = owner { .environment(id) } else { owner }
        let environment: EnvironmentID? = if case .environment(let id) = log { id } else { nil }
        guard
            let checkpoints = AuditCheckpoints(
                database: database, origin: AuditLog.origin(apex: bundle.manifest.apex, environment: environment),
                seed: try keyring.subkey(for: log, purpose: .auditSigning), clock: SystemClock())
        else { return }
        let found = try await AuditVerifier(key: checkpoints.key).verify(database)
        if let fault = found.faults.first { throw RecoveredLogFault(description: "its audit log is not whole: \(fault)") }
    }

    private struct RecoveredLogFault: Error, CustomStringConvertible { let description: String }

    private static func words(for error: any Error) -> String {
        switch error {
        case let error as RecoveryFault: error.description
        case let error as ArchiveFault: error.description
        case let error as ObjectFault: error.description
        case let error as RecoveredLogFault: error.description
        case let error as SealingFault: error.description
        case StorageError.unreadable: "it can't be opened with its key"
        case StorageError.full: "the disk is full"
        default: "\(error)"
        }
    }
}
