import Backup
import Controls
import Foundation
import Sealing
import Tenants
import Threads
import Vocabulary

extension Installation {
    /// A recovery of the control database and one environment into a scratch directory, with keys that went through shares; nothing but the wrapped keys
    /// and encrypted files touches the disk, and all of it is taken away again. Nil where nothing is shipped.
    func rehearsal(version: String) -> (@Sendable () async throws -> Platform.Rehearsal)? {
        guard let destination = surroundings.backups.first, !ground.isShared else { return nil }
        return { [self] in
            let folder = surroundings.data + "/rehearsal"
            try? FileManager.default.removeItem(atPath: folder)
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            let people: [(name: String, recipient: AgeRecipient?)] = [("one", nil), ("two", nil), ("three", nil)]
            let (holders, shares) = try RecoveryHolders.make(people, needed: 2, at: clock.now(), entropy: entropy)
            let found = try await bundleContents(for: holders, version: version)
            // The executable is the one that runs: a copy of it would prove nothing and take its size.
            let contents = RecoveryBundle.Contents(
                apex: found.apex, version: version, executable: "/dev/null", options: [], secrets: [], archive: found.archive,
                databases: found.databases, holders: holders)
            var bytes: [UInt8] = []
            let threads = BoundedThreads(1, waiting: 100)
            try await RecoveryBundle.write(contents, at: clock.now(), entropy: entropy, threads: threads) { [keyring] note in
                try await keyring.apart { try $0.copy(note: note) }
            } to: {
                bytes += $0
            }
            let path = folder + "/bundle.tar"
            guard FileManager.default.createFile(atPath: path, contents: Data(bytes), attributes: [.posixPermissions: 0o600]) else {
                throw CannotProbe("the data directory can't be written to")
            }
            let bundle = try await RecoveryBundle(path, threads: threads)
            // Not all may lie everywhere.
            let environments = try await tenants.allEnvironments().filter { Region(named: $0.region).map(destination.takes) ?? false }
            let chosen = environments.isEmpty ? [] : [environments[Int(entropy.words().0 % UInt64(environments.count))].label]
            let recovery = Rebuilding(bundle, from: destination.store, to: folder + "/data", rehearsing: Set(chosen))
            let given = [("one", shares[0]), ("three", shares[2])]
            let report = try await recovery.run(with: given)
            return Platform.Rehearsal(
                restored: report.databases.count, keys: try bundle.keys(with: given).owners.count, took: report.took,
                problems: report.missing.filter { missing in environments.contains { $0.label == missing.label } }
                    .map { "\($0.name): \($0.reason)" })
        }
    }
}
