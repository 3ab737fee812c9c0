import Vocabulary

/// Where one environment is reached, and whose it is.
package struct EnvironmentHost: Sendable, Hashable {
    package let environment: EnvironmentID
    package let tenant: TenantID
    package let label: String
    /// Such as `https://acme.holdfast.localhost:8443`: the audience of its tokens.
    package let origin: String

    package init(environment: EnvironmentID, tenant: TenantID, label: String, origin: String) {
        self.environment = environment
        self.tenant = tenant
        self.label = label
        self.origin = origin
    }

    package var redirectURI: String { origin + "/sign-in/callback" }
    package var clientID: String { "environment-\(environment)" }
}

/// Where the provider learns which environments there are. Only environments that can be used are found.
package protocol EnvironmentHosts: Sendable {
    func host(of environment: EnvironmentID) async throws -> EnvironmentHost?
    func host(origin: String) async throws -> EnvironmentHost?
}
