import Tenants
import Vocabulary

/// Environments as the register of tenants knows them, below the apex.
package struct TenantHosts: EnvironmentHosts {
    private let tenants: Tenants
    private let apex: String

    /// `origin`: the apex's, such as `https://holdfast.localhost:8443`.
    package init(_ tenants: Tenants, origin: String) {
        self.tenants = tenants
        apex = String(origin.dropFirst(Self.scheme.count))
    }

    package func host(of environment: EnvironmentID) async throws -> EnvironmentHost? {
        do {
            return host(try await tenants.environment(environment))
        } catch let refusal as Refusal where refusal.kind == .notFound {
            return nil
        }
    }

    package func host(origin: String) async throws -> EnvironmentHost? {
        guard origin.hasPrefix(Self.scheme), origin.hasSuffix("." + apex) else { return nil }
        let label = origin.dropFirst(Self.scheme.count).dropLast(apex.count + 1)
        return try await tenants.environment(label: String(label)).flatMap(host)
    }

    private func host(_ environment: HostedEnvironment) -> EnvironmentHost? {
        guard environment.state == .active else { return nil }
        return EnvironmentHost(
            environment: environment.id, tenant: environment.tenant, label: environment.label,
            origin: "\(Self.scheme)\(environment.label).\(apex)")
    }

    private static let scheme = "https://"
}
