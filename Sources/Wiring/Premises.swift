import Audit
import Foundation
import Logging
import ServiceLifecycle
import Tenants
import Vocabulary
import Web

/// An open installation made ready to serve: its routes, what answers for hosts and visitors, and what runs beside.
package struct Premises: Sendable {
    package let installation: Installation

    package init(_ installation: Installation) { self.installation = installation }

    /// What has to be done once at start, before anything is served.
    package func prepare(version: String) async throws {
        let itself = Principal(.platform(component: "server"))
        _ = try await installation.tenants.recover(by: itself)
        let clock = installation.clock
        try await installation.control.write { transaction in
            try installation.audit.record(.serverStarted(version: version), by: itself, at: clock.now(), in: transaction)
        }
    }

    package var readiness: Readiness {
        Readiness(
            isSealed: { installation.keyring.isSealed },
            obstacles: {
                do {
                    _ = try await installation.control.position()
                    return []
                } catch {
                    return [Obstacle("storage", "The control database doesn't answer.")]
                }
            })
    }

    package var hosts: any Hosts { TenantHosts(tenants: installation.tenants) }
    package var authenticator: any Authenticator { NobodyAuthenticator() }
    package var pages: any PageRenderer { PlainPages() }

    package func routes() -> Routes {
        let routes = Routes()
        ShellCommands(installation).add(to: routes)
        return routes
    }

    package var services: [any Service] { [installation.courier] }

    package func close() async {
        let clock = installation.clock
        let itself = Principal(.platform(component: "server"))
        do {
            try await installation.control.write { transaction in
                try installation.audit.record(.serverStopped, by: itself, at: clock.now(), in: transaction)
            }
        } catch {
            installation.surroundings.logger.error("the stop could not be audited")
        }
        await installation.close()
    }
}

/// Host labels, looked up in the register of tenants.
struct TenantHosts: Hosts {
    let tenants: Tenants

    func site(label: String) async throws -> Site? {
        try await tenants.environment(label: label).map { .environment($0.id, label: $0.label) }
    }
}

/// The hosts of a server that is sealed: none.
package struct NoHosts: Hosts {
    package init() {}
    package func site(label: String) async throws -> Site? { nil }
}
