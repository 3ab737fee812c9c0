import Backup
import Foundation
import ObjectStores
import Storage
import StorageSQLite
import Tenants
import Threads
import Vocabulary

/// An environment's database as it was, for as long as somebody looks at it.
struct Scratch: Sendable {
    let database: any Database
    let report: Restoration.Report
    fileprivate let engine: SQLiteEngine
    fileprivate let key: @Sendable () throws -> Secret

    /// What SQLite's own check finds wrong.
    func problems() async throws -> [String] { try await engine.integrityProblems(of: database.name, key: key) }
}

extension Recovery {
    private static let threads = BoundedThreads(2, waiting: 1000)

    /// Restores to an engine of its own: nothing of it is shipped, and it goes as a whole.
    func borrowing<T: Sendable>(
        _ environment: HostedEnvironment, as target: Restoration.Target, from place: String? = nil, _ body: (Scratch) async throws -> T
    ) async throws -> T {
        let archive = try line(of: environment, at: place).shipping.archive(of: .environment(environment.id))
        let name = DatabaseName.environment(environment.id)
        let folder = "\(scratch)/\(EnvironmentID(at: clock.now(), entropy: entropy))"
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw StorageError.failed("\(folder) can't be made")
        }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let report = try await Self.telling {
            try await Restoration(archive, threads: Self.threads).restore(target, to: folder + "/restored.db")
        }
        var options = SQLiteOptions()
        (options.readerThreads, options.writerThreads, options.descriptors) = (2, 1, 32)
        let engine = try SQLiteEngine(directory: folder + "/databases", options: options)
        do {
            try await engine.adopt(name, from: folder + "/restored.db")
            await keyring.refresh()
            let key: @Sendable () throws -> Secret = { [keyring] in
                try keyring.subkey(for: environment.databaseKey, purpose: .database)
            }
            let database: any Database
            do {
                database = try await engine.open(name, schema: schema, key: key)
            } catch StorageError.unreadable {
                throw Refusal.conflict(
                    "backup-unreadable",
                    "That moment can't be opened: its key was destroyed when the environment was moved. Choose a later moment.")
            }
            let result = try await body(Scratch(database: database, report: report, engine: engine, key: key))
            await engine.shutdown()
            return result
        } catch {
            await engine.shutdown()
            throw error
        }
    }

    /// What earlier runs left.
    package func sweep() { try? FileManager.default.removeItem(atPath: scratch) }

    /// What is wrong with a moment, or with an archive, in words for whoever asked.
    static func telling<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let fault as ArchiveFault {
            throw refusal(for: fault)
        } catch let fault as ObjectFault {
            throw Refusal(.unavailable(retryAfter: .seconds(60)), "backup-away", "The backups can't be read at the moment: \(fault).")
        } catch let error as Shipping.NotShipped {
            throw Refusal(
                .unavailable(retryAfter: .seconds(60)), "backup-behind",
                "The newest changes can't be brought to the backups at the moment: \(error). Nothing was changed.")
        }
    }

    private static func refusal(for fault: ArchiveFault) -> Refusal {
        switch fault {
        case .tooEarly:
            Refusal.invalid("moment-too-early", "The backups don't go back that far. Choose a later moment.", field: "at")
        case .unrecorded:
            Refusal.invalid(
                "moment-unrecorded", "Backups were interrupted then, so nobody knows how it was. Choose a moment outside that gap.",
                field: "at")
        case .noCommit: Refusal.invalid("moment-unknown", "There is no such commit in the backups.", field: "at")
        default:
            Refusal(
                .unavailable(retryAfter: .seconds(3600)), "backup-damaged",
                "The backup can't be used: \(fault). Its operator has to look at it.")
        }
    }
}
