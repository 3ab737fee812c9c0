import Audit
import Backup
import ObjectStores
import Sealing
import Threads
import Vocabulary

extension Installation {
    /// Whatever is needed to rebuild this installation elsewhere, sealed to `holders`; `write` gets the file's bytes.
    ///
    /// - Throws: ``Refusal`` `no-archive`, `sealed`, `keyring-changing`; ``RecoveryFault``
    package func writeBundle(
        for holders: RecoveryHolders, version: String, by principal: Principal, to write: @escaping ([UInt8]) async throws -> Void
    ) async throws {
        let contents = try await bundleContents(for: holders, version: version)
        let threads = BoundedThreads(1, waiting: 100)
        try await control.write { [audit, clock] transaction in
            try audit.record(
                .recoveryBundleMade(holders: holders.id, needed: holders.needed, of: holders.holders.count), by: principal, at: clock.now(),
                in: transaction)
        }
        try await RecoveryBundle.write(contents, at: clock.now(), entropy: entropy, threads: threads) { [keyring] note in
            try await keyring.apart { try $0.copy(note: note) }
        } to: {
            try await write($0)
        }
    }

    /// What a bundle says in the clear.
    package func bundleContents(for holders: RecoveryHolders, version: String) async throws -> RecoveryBundle.Contents {
        _ = try holders.check()
        guard !ground.isShared, !surroundings.backups.isEmpty else {
            throw Refusal.conflict(
                "no-archive",
                "This server ships its databases nowhere, so a bundle could not bring them back. Start it with --backup. Databases on PostgreSQL are recovered by PostgreSQL's own means."
            )
        }
        var databases: [RecoveryBundle.Manifest.Database] = []
        for destination in surroundings.backups {
            do {
                for name in try await Archive.databases(in: destination.store) {
                    guard let (position, time) = try await Archive(destination.store, database: name).newestPosition() else { continue }
                    databases.append(.init(name: name, place: destination.name, position: position, time: time))
                }
            } catch let fault as ObjectFault {
                // The bundle is worth having without: a recovery then can't tell whether that place's archive is fresh.
                surroundings.logger.warning(
                    "the bundle doesn't say where an archive ends", metadata: ["destination": "\(destination.name)", "reason": "\(fault)"])
            }
        }
        return RecoveryBundle.Contents(
            apex: gateway.apex, version: version, executable: "/proc/self/exe", options: surroundings.serving.options,
            secrets: surroundings.serving.secrets, archive: surroundings.serving.archive, databases: databases, holders: holders)
    }
}
