import PgBackRest
import Vocabulary

extension BackupCommand {
    /// The backups of a PostgreSQL server, the oldest first, and how far its log is kept.
    static func list(_ cluster: PgBackRest) async throws {
        let repository = try await told { try await cluster.repository() }
        guard !repository.backups.isEmpty else { return Terminal.say("Nothing is kept here yet.") }
        var rows = [["BACKUP", "KIND", "BEGUN", "ENDED", "BYTES", "REPOSITORY"]]
        for backup in repository.backups {
            rows.append([
                backup.label, backup.kind.name, "\(backup.startedAt)", "\(backup.endedAt)", "\(backup.size)", "\(backup.repository)",
            ])
        }
        Terminal.table(rows)
        for log in repository.logs {
            Terminal.note("The log is in repository \(log.repository) from \(log.first ?? "–") to \(log.last ?? "–").")
        }
    }

    /// Reads everything, and looks for pieces of the log that are missing.
    static func verify(_ cluster: PgBackRest) async throws {
        let repository = try await told { try await cluster.repository() }
        _ = try await told { try await cluster.verify() }
        let gaps = try await told { try await cluster.gaps() }
        for gap in gaps { Terminal.say("  \(gap)") }
        guard gaps.isEmpty, !repository.backups.contains(where: \.hasErrors) else {
            throw CommandFailure(message: "Not everything that is kept can be relied on.")
        }
        Terminal.say("\(repository.name): \(repository.backups.count) backups and the log after them, sound")
    }
}

extension Repository.Backup.Kind {
    var name: String {
        switch self {
        case .full: "full"
        case .differential: "differential"
        case .incremental: "incremental"
        }
    }
}
