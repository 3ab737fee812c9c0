import Controls
import PgBackRest
import Recovery
import Tenants
import Vocabulary

extension Platform.ClusterBackups {
    /// What is kept of a cluster, beside what its environments were promised.
    init(_ cluster: ClusterBackups, of tenants: Tenants) async throws {
        let state: ClusterBackups.State
        do { state = try await cluster.state() } catch let fault as PgBackRestFault {
            // What is broken is a finding, and not something that could not be looked at.
            self.init(copies: [], repositories: 0, waitingSince: nil, failure: "\(fault)", weeks: 0, months: 0, since: nil)
            return
        }
        let environments = try await tenants.allEnvironments()
        var promised = (weeks: 0, months: 0)
        for environment in environments {
            guard let edition = Edition(named: try await tenants.find(environment.tenant).edition) else { continue }
            let retention = edition.retention(of: environment.kind)
            promised = (max(promised.weeks, retention.weeklyBackups), max(promised.months, retention.monthlyBackups))
        }
        self.init(
            copies: state.repository.backups.map { Copy(kind: .init($0.kind), endedAt: $0.endedAt) },
            repositories: state.repository.places.count,
            waitingSince: state.waitingSince, failure: state.failure, weeks: promised.weeks, months: promised.months,
            since: environments.map(\.createdAt).min())
    }
}

extension Platform.ClusterBackups.Copy.Kind {
    fileprivate init(_ kind: Repository.Backup.Kind) {
        switch kind {
        case .full: self = .full
        case .differential: self = .differential
        case .incremental: self = .incremental
        }
    }
}
