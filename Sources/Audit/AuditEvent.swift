import Vocabulary

/// One fact of an event. There is no case for free text, so customer data has no way in.
package enum AuditField: Sendable, Hashable {
    /// A name that is allowed in logs: a user name, a host label, a role's or a component's name from code.
    case name(String)
    /// An identifier or digest.
    case reference(String)
    case number(Int64)
}

/// Everything that can be audited: the closed catalogue.
///
/// Add cases, never rename or remove them: `name` and the fields' names are part of the log's format.
package enum AuditEvent: Sendable, Hashable {
    // The installation
    case serverStarted(version: String)
    case serverStopped
    case installationClaimed(account: AccountID)
    case masterKeyRotated(version: Int)
    case environmentKeyCreated(environment: EnvironmentID)
    case shellCommand(command: String)
    case recoveryBundleMade(holders: String, needed: Int, of: Int)
    /// The first start after a machine was lost.
    case recovered(bundle: String, environments: Int, missing: Int, sessions: Int)

    // Signing in
    case signInAttempted(account: AccountID?, identifierDigest: String, method: String, outcome: String)
    case signedOut(session: SessionID)
    case sessionStarted(session: SessionID)
    case sessionRevoked(session: SessionID, account: AccountID)
    case factorEnrolled(account: AccountID, factor: String)
    case factorRemoved(account: AccountID, factor: String)
    case recoveryCodesIssued(account: AccountID)
    case recoveryCodeUsed(account: AccountID)
    case passkeyCopySuspected(account: AccountID, passkey: String)
    case factorResetRequested(account: AccountID, tenant: TenantID)
    case factorResetApproved(account: AccountID, tenant: TenantID)
    case factorResetWithdrawn(account: AccountID, tenant: TenantID)
    case factorResetUsed(account: AccountID, tenant: TenantID)
    case deviceRegistered(account: AccountID, device: DeviceID)
    case deviceTrusted(account: AccountID, device: DeviceID)
    case deviceDistrusted(account: AccountID, device: DeviceID)
    case deviceRevoked(account: AccountID, device: DeviceID)
    case deviceSessionsEnded(account: AccountID, device: DeviceID, tenant: TenantID, sessions: Int)
    case everythingEnded(account: AccountID, sessions: Int)
    case riskFound(risk: String, account: AccountID, level: String, score: Int, action: String)
    case riskSettled(risk: String, account: AccountID, state: String)
    case riskPolicyChanged(tenant: TenantID, medium: String, high: String)
    case passwordSet(account: AccountID)
    /// More came at once than could be looked at: unjudged, and only counted.
    case signInsTurnedAway(count: Int)
    case throttled(identifierDigest: String, retryAfterSeconds: Int)
    case tokenIssued(client: String, grant: String)
    case tokenRevoked(client: String)
    case signingKeyCreated(key: String, algorithm: String)
    case clientRegistered(client: String)
    case clientDisabled(client: String)
    case passwordRuleChanged(tenant: TenantID, classic: Bool, shortest: Int)
    case signInRuleChanged(tenant: TenantID, passkeyAlone: Bool)

    // People
    case accountCreated(account: AccountID)
    case accountDisabled(account: AccountID)
    case accountEnabled(account: AccountID)
    case invitationSent(invitation: InvitationID, tenant: TenantID?, role: String)
    case invitationAccepted(invitation: InvitationID, account: AccountID)
    case invitationWithdrawn(invitation: InvitationID)
    case membershipCreated(membership: MembershipID, account: AccountID)
    case membershipEnded(membership: MembershipID, account: AccountID)
    case membershipSuspended(membership: MembershipID, account: AccountID)
    case membershipResumed(membership: MembershipID, account: AccountID)
    case recordsHandedOver(from: AccountID, to: AccountID)
    case staffAccessGiven(account: AccountID, role: String, kind: String)
    case staffAccessTaken(account: AccountID, role: String, kind: String)
    /// `tenant`: nil for a role at the vendor's.
    case roleAssigned(account: AccountID, role: String, tenant: TenantID? = nil)
    case roleWithdrawn(account: AccountID, role: String)
    case roleDefined(role: String)
    case roleRemoved(role: String)
    case permissionChanged(role: String, collection: CollectionID?, permission: String, granted: Bool)

    // Tenants
    case tenantCreated(tenant: TenantID, slug: String, edition: String, region: String)
    case tenantEditionChanged(tenant: TenantID, edition: String)
    /// `days` until everything is destroyed.
    case tenantLeaving(tenant: TenantID, days: Int)
    case tenantStays(tenant: TenantID)
    case tenantGone(tenant: TenantID, environments: Int, keys: Int, objects: Int)
    case environmentCreated(environment: EnvironmentID, kind: String)
    case environmentRemoved(environment: EnvironmentID)
    /// `generation`, `ordinal` and `chain` are where a database's archive at `destination` was.
    case backupAnchored(database: String, destination: String, generation: Int, ordinal: Int, chain: String)
    case environmentMoved(environment: EnvironmentID, from: String, to: String, copy: Int, rows: Int, digest: String)
    case environmentCopyDestroyed(environment: EnvironmentID, place: String, copy: Int)

    // Backups. Commits are named as the archive does: a generation, and the entry that ends the commit.
    case restoreOrdered(environment: EnvironmentID, mode: String)
    /// `collections`: 0 for all of them. The last two numbers name the commit that the environment was at before.
    case environmentRestored(
        environment: EnvironmentID, operation: OperationID, generation: Int, commit: Int, collections: Int, records: Int, digest: String,
        undoGeneration: Int, undoCommit: Int)
    case environmentRestoredBeside(
        environment: EnvironmentID, copy: EnvironmentID, operation: OperationID, generation: Int, commit: Int, rows: Int, digest: String)
    case restoreDrilled(environment: EnvironmentID, generation: Int, commit: Int, rows: Int, milliseconds: Int, result: String)
    // Files for the customer. `digest` is the sealed file's; `sealing` says for whom.
    case ownCopyMade(environment: EnvironmentID, copy: OwnCopyID, commit: Int, records: Int, bytes: Int, digest: String, sealing: String)
    case ownCopyFailed(environment: EnvironmentID)
    case ownCopyFetched(environment: EnvironmentID, copy: OwnCopyID, sealing: String)
    case ownCopyRecipientsSet(environment: EnvironmentID, recipients: Int)

    // Records
    case collectionCreated(collection: CollectionID)
    case collectionChanged(collection: CollectionID)
    case collectionDeleted(collection: CollectionID)
    case collectionRestored(collection: CollectionID)
    case fieldAdded(collection: CollectionID, field: FieldID, type: String)
    case fieldChanged(collection: CollectionID, field: FieldID)
    case fieldRemoved(collection: CollectionID, field: FieldID)
    case recordCreated(collection: CollectionID, record: RecordID)
    case recordChanged(collection: CollectionID, record: RecordID, version: Int)
    case recordDeleted(collection: CollectionID, record: RecordID, version: Int)
    case recordRestored(collection: CollectionID, record: RecordID, version: Int)
    case importStarted(operation: OperationID, collection: CollectionID)
    case recordsImported(operation: OperationID, collection: CollectionID, count: Int, first: RecordID, last: RecordID, digest: String)
    case importTakenBack(operation: OperationID, collection: CollectionID, count: Int)
    case importFinished(operation: OperationID, collection: CollectionID, imported: Int, refused: Int)
    case exportStarted(collection: CollectionID, format: String)
    case accessRefused(permission: String, collection: CollectionID?)

    // The guard. Which address a ban is for stands in the register of bans alone: the log says nothing of whence people come.
    case banned(ban: BanID, reason: String, strike: Int, seconds: Int)
    case banLifted(ban: BanID)
    case banReinstated(ban: BanID)
    case rangeAllowed(bits: Int)
    case rangeNoLongerAllowed(bits: Int)

    // Alarms
    case alarmAcknowledged(alarm: AlarmID)
    case alarmAssigned(alarm: AlarmID, account: AccountID)
    case alarmClosed(alarm: AlarmID)
    case alarmReopened(alarm: AlarmID)
    case alarmRouteAdded(route: AlarmRouteID, kind: String)
    case alarmRouteRemoved(route: AlarmRouteID)

    // Evidence
    case controlTurned(control: String, state: String)
    case auditVerified(entries: Int, result: String)
}
