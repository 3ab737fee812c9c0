import Alarms
import Audit
import Backup
import Cluster
import Controls
import Guarding
import Identity
import Jobs
import OIDCProvider
import OwnCopies
import Records
import Recovery
import Storage
import Tenants

/// The kinds of database, each from its components' migrations.
package enum Schemas {
    package static let control = Schema(
        name: "control", AuditLog.migrations, Outbox.migrations, Tenants.migrations, IdentitySchema.migrations,
        OIDCSchema.migrations, ControlResults.migrations, Nodes.migrations,
        GuardSchema.migrations, AlarmSchema.migrations, Drill.migrations, BackupAnchors.migrations,
        OwnCopy.migrations)
    /// Where several nodes share a keyring.
    package static let keyring = DatabaseKeyShelf.schema
    package static let environment = Schema(name: "environment", AuditLog.migrations, Operations.migrations, Workspace.migrations)
}
