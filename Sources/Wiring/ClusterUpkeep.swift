import Logging
import PgBackRest
import Recovery
import ServiceLifecycle
import Synchronization
import Vocabulary

/// Backups of a PostgreSQL server by their schedule, taken by the node that leads.
struct ClusterUpkeep: Service {
    private let installation: Installation
    private let backups: ClusterBackups
    private let failed = Failed()

    private static let pause = Duration.seconds(30)

    init(_ installation: Installation, _ backups: ClusterBackups) {
        self.installation = installation
        self.backups = backups
    }

    func run() async throws {
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            do {
                try await cancelWhenGracefulShutdown {
                    try await round()
                    try await Task.sleep(for: installation.leadership.isLeader ? Self.pause : .seconds(2))
                }
            } catch is CancellationError {
                return
            }
        }
    }

    /// - Throws: `CancellationError` alone. A backup that was under way is broken off; the next one begins anew.
    func round() async throws {
        guard installation.leadership.isLeader else { return }
        let logger = installation.surroundings.logger
        do {
            let repository = try await backups.program.repository()
            guard !repository.isBusy, let kind = BackupSchedule.due(repository.backups, failed: failed.at, at: installation.clock.now())
            else { return }
            let began = ContinuousClock.now
            try await backups.program.backUp(kind)
            failed.at = nil
            logger.info(
                "a backup of the cluster was taken",
                metadata: ["kind": "\(kind.word)", "milliseconds": "\((ContinuousClock.now - began).microseconds / 1000)"])
        } catch let error as CancellationError {
            throw error
        } catch {
            failed.at = installation.clock.now()
            logger.error("the cluster could not be backed up", metadata: ["reason": "\(error)"])
        }
    }

    private final class Failed: Sendable {
        private let moment = Mutex<Instant?>(nil)
        var at: Instant? {
            get { moment.withLock { $0 } }
            set { moment.withLock { $0 = newValue } }
        }
    }
}
