// Portal: the pages people see.
//
// It promises HTML that works without script, escapes everything it is given, weighs at most 60 KB with style and
// script, and says the same things as the API and the command line. It refuses to decide: who may do what is asked
// of the domains, and a page only leaves out what they would refuse.
import Alarms
import Audit
import Cluster
import Controls
import Guarding
import Hummingbird
import Identity
import Jobs
import OwnCopies
import Records
import Recovery
import Storage
import Tenants
import Vocabulary
import Web

/// What the pages stand on, and their routes.
package struct Portal: Sendable {
    package struct Parts: Sendable {
        package var clock: any Clock
        /// What people call this installation.
        package var product: String
        package var flash: Flash
        package var tenants: Tenants
        package var desk: IdentityDesk
        package var control: any Database
        package var workspace: @Sendable (EnvironmentID) async throws -> Workspace
        package var operations: @Sendable (EnvironmentID) async throws -> Operations
        /// Of the environment, or of the control plane for nil.
        package var checkpoints: @Sendable (EnvironmentID?) async throws -> AuditCheckpoints?
        /// Does queued imports.
        package var imports: ImportDesk
        package var controls: ControlResults
        /// Nil where there can be only one.
        package var nodes: Nodes?
        package var bans: Bans
        package var alarms: AlarmDesk
        package var alarmRoutes: AlarmRoutes
        package var restores: Restores
        package var ownCopies: OwnCopies
        package var offboarding: Offboarding
        /// Most bytes of an imported file.
        package var importLimit: Int

        package init(
            clock: any Clock, product: String = "Holdfast", flash: Flash, tenants: Tenants, desk: IdentityDesk, control: any Database,
            workspace: @escaping @Sendable (EnvironmentID) async throws -> Workspace,
            operations: @escaping @Sendable (EnvironmentID) async throws -> Operations,
            checkpoints: @escaping @Sendable (EnvironmentID?) async throws -> AuditCheckpoints?, imports: ImportDesk,
            controls: ControlResults, nodes: Nodes? = nil, bans: Bans, alarms: AlarmDesk, alarmRoutes: AlarmRoutes,
            restores: Restores, ownCopies: OwnCopies, offboarding: Offboarding, importLimit: Int = 1 << 30
        ) {
            self.clock = clock
            self.product = product
            self.flash = flash
            self.tenants = tenants
            self.desk = desk
            self.control = control
            self.workspace = workspace
            self.operations = operations
            self.checkpoints = checkpoints
            self.imports = imports
            self.controls = controls
            self.nodes = nodes
            self.bans = bans
            self.alarms = alarms
            self.alarmRoutes = alarmRoutes
            self.restores = restores
            self.ownCopies = ownCopies
            self.offboarding = offboarding
            self.importLimit = importLimit
        }

        var accounts: Accounts { desk.accounts }
        var passwords: Passwords { desk.passwords }
        var factors: Factors { desk.factors }
        var sessions: Sessions { desk.sessions }
        var signIn: SignIn { desk.signIn }
        var invitations: Invitations { desk.invitations }
        var memberships: Memberships { desk.memberships }
        var passwordReset: PasswordReset { desk.passwordReset }
        var firstOperator: FirstOperator { desk.firstOperator }
    }

    let parts: Parts
    let templates: Templates

    package init(_ parts: Parts) throws {
        self.parts = parts
        templates = try Templates()
    }

    /// Adds every page to the two doors.
    package func addRoutes(to routes: Routes) {
        for router in [routes.apex, routes.environment] {
            addAssets(to: router)
            addTheme(to: router)
        }
        addSignIn(to: routes.apex)
        addPasskeys(to: routes.apex)
        addConfirmation(to: routes.apex)
        addFurtherProof(to: routes.apex)
        addFactorReset(to: routes.apex)
        addPasswordReset(to: routes.apex)
        addPasswordOpinion(to: routes.apex)
        addOnboarding(to: routes.apex)
        addAccount(to: routes.apex)
        addConsole(to: routes.apex)
        addOffboarding(to: routes.apex)
        addNodes(to: routes.apex)
        addStaff(to: routes.apex)
        addBans(to: routes.apex)
        addPlatformAlarms(to: routes.apex)
        addPlatformAudit(to: routes.apex)
        addPublicTrust(to: routes.apex)
        addHome(to: routes.environment)
        addCollections(to: routes.environment)
        addDesigner(to: routes.environment)
        addRecords(to: routes.environment)
        addRecordForms(to: routes.environment)
        addImports(to: routes.environment)
        addOperations(to: routes.environment)
        addPeople(to: routes.environment)
        addSignInRules(to: routes.environment)
        addRoles(to: routes.environment)
        addAlarms(to: routes.environment)
        addReach(to: routes.environment)
        addVendor(to: routes.environment)
        addAudit(to: routes.environment)
        addBackups(to: routes.environment)
        addOwnCopies(to: routes.environment)
        addTrust(to: routes.environment)
    }
}
