import Backup
import Controls
import ObjectStores
import Storage
import Tenants
import Vocabulary

extension Installation {
    /// Why nothing can be changed in an environment; nil where it can.
    package func closure(of environment: EnvironmentID) async throws -> Refusal? {
        try await tenants.environment(environment).isLeaving ? Leaving.Refusal.readOnly : nil
    }

    /// What the probe looks at.
    func watchedDepartures() -> Platform.Departures {
        Platform.Departures(
            all: { try await tenants.allLeaving() },
            backups: { id in
                var count = 0
                for destination in backupDestinations { count += try await destination.store.all("backup/environment/\(id)/").count }
                return count
            },
            verifies: { text in
                guard let key = try await checkpoints(of: .control)?.key else { return false }
                return (try? OffboardingCertificate(verifying: text, key: key)) != nil
            })
    }
}
