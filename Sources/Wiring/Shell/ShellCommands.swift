import Controls
import Hummingbird
import Sealing
import Vocabulary
import Web

/// What the command line asks over the Unix socket: one route per command.
///
/// Every command is written into the platform's audit log before it runs, with the operating system's user.
package struct ShellCommands: Sendable {
    let installation: Installation
    let rounds: ControlRounds

    package init(_ installation: Installation, rounds: ControlRounds) {
        self.installation = installation
        self.rounds = rounds
    }

    package func add(to routes: Routes) {
        addTenantCommands(to: routes.shell)
        addAccountCommands(to: routes.shell)
        addMoveCommands(to: routes.shell)
        addBackupCommands(to: routes.shell)
        addDataCommands(to: routes.shell)
        addAuditCommands(to: routes.shell)
        addKeyCommands(to: routes.shell)
        addControlCommands(to: routes.shell)
        addClientCommands(to: routes.shell)
        addNodeCommands(to: routes.shell)
        addBanCommands(to: routes.shell)
        addAlarmCommands(to: routes.shell)
        addRoleCommands(to: routes.shell)
        addStaffCommands(to: routes.shell)
        addRiskCommands(to: routes.shell)
        addRecoveryCommands(to: routes.shell)
        addLeavingCommands(to: routes.shell)
        addOwnCopyCommands(to: routes.shell)
    }

    /// Adds a route that is audited as `name` before `body` runs. If it can't be, it doesn't run.
    func command(
        _ name: String, _ method: HTTPRequest.Method, _ path: RouterPath, on router: Router<HoldfastContext>,
        _ body: @escaping @Sendable (Request, HoldfastContext) async throws -> Response
    ) {
        router.on(path, method: method) { [installation] request, context in
            let principal = context.principal
            try await installation.control.write { transaction in
                try installation.audit.record(.shellCommand(command: name), by: principal, at: installation.clock.now(), in: transaction)
            }
            do {
                return try await body(request, context)
            } catch let fault as SealingFault {
                // Whoever sits at the machine may read what names its files.
                throw Refusal(.invalid, "key-fault", fault.description)
            }
        }
    }
}

extension Response {
    static func list(_ values: [JSONValue], status: HTTPResponse.Status = .ok) -> Response { .json(.array(values), status: status) }
}
