// API: what programs ask, below /api/v1 on each environment's own host.
//
// It promises the same words and the same rules as the pages, one JSON document per answer, problems as RFC 9457 says, and
// a description (openapi.json) that a test holds against the routes. It refuses to decide anything: every route is
// one domain call with an explicit actor.
import Alarms
import Audit
import Controls
import Hummingbird
import Identity
import OwnCopies
import Records
import Recovery
import Tenants
import Vocabulary
import Web

package struct API: Sendable {
    package struct Parts: Sendable {
        package var workspace: @Sendable (EnvironmentID) async throws -> Workspace
        package var imports: ImportDesk
        package var tenants: Tenants
        package var accounts: Accounts
        package var passwords: Passwords
        package var signInRules: SignInRules
        package var memberships: Memberships
        package var invitations: Invitations
        package var devices: Devices
        package var risks: Risks
        package var staff: Staff
        package var checkpoints: @Sendable (EnvironmentID) async throws -> AuditCheckpoints?
        package var controls: ControlResults
        package var alarms: AlarmDesk
        package var alarmRoutes: AlarmRoutes
        package var restores: Restores
        package var ownCopies: OwnCopies

        package init(
            workspace: @escaping @Sendable (EnvironmentID) async throws -> Workspace, imports: ImportDesk, tenants: Tenants,
            accounts: Accounts, passwords: Passwords, signInRules: SignInRules,
            memberships: Memberships, invitations: Invitations, devices: Devices, risks: Risks, staff: Staff,
            checkpoints: @escaping @Sendable (EnvironmentID) async throws -> AuditCheckpoints?, controls: ControlResults,
            alarms: AlarmDesk, alarmRoutes: AlarmRoutes, restores: Restores, ownCopies: OwnCopies
        ) {
            self.workspace = workspace
            self.imports = imports
            self.tenants = tenants
            self.accounts = accounts
            self.passwords = passwords
            self.signInRules = signInRules
            self.memberships = memberships
            self.invitations = invitations
            self.devices = devices
            self.risks = risks
            self.staff = staff
            self.checkpoints = checkpoints
            self.controls = controls
            self.alarms = alarms
            self.alarmRoutes = alarmRoutes
            self.restores = restores
            self.ownCopies = ownCopies
        }
    }

    package static let base = "/api/v1"

    /// Every route there is: what isolation tests walk through, and what the description is compared with.
    package static let routes: [Endpoint] = [
        Endpoint.description, Endpoint.collections, Endpoint.fields, Endpoint.records, Endpoint.versions, Endpoint.imports,
        Endpoint.operations,
        Endpoint.exports, Endpoint.roles, Endpoint.access, Endpoint.people, Endpoint.risks, Endpoint.invitations, Endpoint.passwordRule,
        Endpoint.signInRule,
        Endpoint.alarms,
        Endpoint.alarmRoutes,
        Endpoint.audit, Endpoint.controls, Endpoint.backups, Endpoint.restores, Endpoint.ownCopies,
    ].flatMap(\.self)

    private let parts: Parts

    package init(_ parts: Parts) { self.parts = parts }

    package func add(to routes: Routes) {
        for endpoint in Self.routes {
            routes.environment.on(RouterPath(Self.base + endpoint.path), method: endpoint.method) { [parts] request, context in
                try await endpoint.answer(Call(parts: parts, request: request, context: context))
            }
        }
    }
}
