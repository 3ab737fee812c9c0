import Storage
import Synchronization
import Vocabulary

/// What is known of each environment's database without asking another one: where it may lie, and what was promised of it.
///
/// Filled before a database is made or opened, so whoever is told of a commit finds its environment here. What isn't found is nobody's, such as
/// the scratch databases of probes.
package final class Placements: Sendable {
    package struct Placement: Sendable, Hashable {
        package let tenant: TenantID
        package let kind: HostedEnvironment.Kind
        package let region: Region
        package let edition: Edition

        package init(tenant: TenantID, kind: HostedEnvironment.Kind, region: Region, edition: Edition) {
            self.tenant = tenant
            self.kind = kind
            self.region = region
            self.edition = edition
        }

        /// Whether writers hear of a commit only when a second place has it.
        package var isKeptTwice: Bool { kind == .production && edition.isKeptTwice }
    }

    private let placements = Mutex<[DatabaseName: Placement]>([:])

    package init() {}

    package subscript(name: DatabaseName) -> Placement? { placements.withLock { $0[name] } }

    package func note(_ placement: Placement, of environment: EnvironmentID) {
        placements.withLock { $0[.environment(environment)] = placement }
    }

    package func forget(_ environment: EnvironmentID) { placements.withLock { $0[.environment(environment)] = nil } }
}

extension Tenants {
    /// Call it at the start, before any environment's database is opened.
    package func learnPlacements() async throws {
        let (tenants, environments) = try await control.read { reader in
            (try Tenant.list("1 = 1", in: reader), try HostedEnvironment.list("1 = 1", in: reader))
        }
        let byID = Dictionary(tenants.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        for environment in environments {
            if let tenant = byID[environment.tenant] { note(environment, of: tenant) }
        }
    }

    func note(_ environment: HostedEnvironment, of tenant: Tenant) {
        // Both come from closed lists; a name that a newer release knew keeps the database where it is.
        guard let region = Region(named: environment.region), let edition = Edition(named: tenant.edition) else { return }
        placements.note(.init(tenant: tenant.id, kind: environment.kind, region: region, edition: edition), of: environment.id)
    }
}
