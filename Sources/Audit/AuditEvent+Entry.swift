import Vocabulary

extension AuditEvent {
    /// The event's name and fields as the log keeps them. Fields without a value are left out.
    package var entry: (name: String, fields: [(name: String, value: AuditField)]) {
        let (name, fields) = parts
        return (name, fields.compactMap { field in field.1.map { (field.0, $0) } })
    }

    private var parts: (String, [(String, AuditField?)]) {
        switch self {
        case .serverStarted(let version):
            ("server_started", [("version", .name(version))])
        case .serverStopped:
            ("server_stopped", [])
        case .installationClaimed(let account):
            ("installation_claimed", [("account", .reference(account.description))])
        case .masterKeyRotated(let version):
            ("master_key_rotated", [("version", .number(Int64(version)))])
        case .environmentKeyCreated(let environment):
            ("environment_key_created", [("environment", .reference(environment.description))])
        case .shellCommand(let command):
            ("shell_command", [("command", .name(command))])
        case .recoveryBundleMade(let holders, let needed, let count):
            (
                "recovery_bundle_made",
                [("holders", .reference(holders)), ("needed", .number(Int64(needed))), ("of", .number(Int64(count)))]
            )
        case .recovered(let bundle, let environments, let missing, let sessions):
            (
                "recovered",
                [
                    ("bundle", .reference(bundle)), ("environments", .number(Int64(environments))), ("missing", .number(Int64(missing))),
                    ("sessions", .number(Int64(sessions))),
                ]
            )
        case .signInAttempted(let account, let identifierDigest, let method, let outcome):
            (
                "sign_in_attempted",
                [
                    ("account", account.map { .reference($0.description) }), ("identifier_digest", .reference(identifierDigest)),
                    ("method", .name(method)), ("outcome", .name(outcome)),
                ]
            )
        case .signedOut(let session):
            ("signed_out", [("session", .reference(session.description))])
        case .sessionStarted(let session):
            ("session_started", [("session", .reference(session.description))])
        case .sessionRevoked(let session, let account):
            ("session_revoked", [("session", .reference(session.description)), ("account", .reference(account.description))])
        case .factorEnrolled(let account, let factor):
            ("factor_enrolled", [("account", .reference(account.description)), ("factor", .name(factor))])
        case .factorRemoved(let account, let factor):
            ("factor_removed", [("account", .reference(account.description)), ("factor", .name(factor))])
        case .recoveryCodesIssued(let account):
            ("recovery_codes_issued", [("account", .reference(account.description))])
        case .recoveryCodeUsed(let account):
            ("recovery_code_used", [("account", .reference(account.description))])
        case .passkeyCopySuspected(let account, let passkey):
            ("passkey_copy_suspected", [("account", .reference(account.description)), ("passkey", .reference(passkey))])
        case .factorResetRequested(let account, let tenant):
            ("factor_reset_requested", [("account", .reference(account.description)), ("tenant", .reference(tenant.description))])
        case .factorResetApproved(let account, let tenant):
            ("factor_reset_approved", [("account", .reference(account.description)), ("tenant", .reference(tenant.description))])
        case .factorResetWithdrawn(let account, let tenant):
            ("factor_reset_withdrawn", [("account", .reference(account.description)), ("tenant", .reference(tenant.description))])
        case .factorResetUsed(let account, let tenant):
            ("factor_reset_used", [("account", .reference(account.description)), ("tenant", .reference(tenant.description))])
        case .deviceRegistered(let account, let device):
            ("device_registered", [("account", .reference(account.description)), ("device", .reference(device.description))])
        case .deviceTrusted(let account, let device):
            ("device_trusted", [("account", .reference(account.description)), ("device", .reference(device.description))])
        case .deviceDistrusted(let account, let device):
            ("device_distrusted", [("account", .reference(account.description)), ("device", .reference(device.description))])
        case .deviceRevoked(let account, let device):
            ("device_revoked", [("account", .reference(account.description)), ("device", .reference(device.description))])
        case .deviceSessionsEnded(let account, let device, let tenant, let sessions):
            (
                "device_sessions_ended",
                [
                    ("account", .reference(account.description)), ("device", .reference(device.description)),
                    ("tenant", .reference(tenant.description)), ("sessions", .number(Int64(sessions))),
                ]
            )
        case .everythingEnded(let account, let sessions):
            ("everything_ended", [("account", .reference(account.description)), ("sessions", .number(Int64(sessions)))])
        case .riskFound(let risk, let account, let level, let score, let action):
            (
                "risk_found",
                [
                    ("risk", .reference(risk)), ("account", .reference(account.description)), ("level", .name(level)),
                    ("score", .number(Int64(score))), ("action", .name(action)),
                ]
            )
        case .riskSettled(let risk, let account, let state):
            ("risk_settled", [("risk", .reference(risk)), ("account", .reference(account.description)), ("state", .name(state))])
        case .riskPolicyChanged(let tenant, let medium, let high):
            ("risk_policy_changed", [("tenant", .reference(tenant.description)), ("medium", .name(medium)), ("high", .name(high))])
        case .passwordSet(let account):
            ("password_set", [("account", .reference(account.description))])
        case .signInsTurnedAway(let count):
            ("sign_ins_turned_away", [("count", .number(Int64(count)))])
        case .throttled(let identifierDigest, let retryAfterSeconds):
            (
                "throttled",
                [("identifier_digest", .reference(identifierDigest)), ("retry_after_seconds", .number(Int64(retryAfterSeconds)))]
            )
        case .tokenIssued(let client, let grant):
            ("token_issued", [("client", .reference(client)), ("grant", .name(grant))])
        case .tokenRevoked(let client):
            ("token_revoked", [("client", .reference(client))])
        case .signingKeyCreated(let key, let algorithm):
            ("signing_key_created", [("key", .reference(key)), ("algorithm", .name(algorithm))])
        case .clientRegistered(let client):
            ("client_registered", [("client", .reference(client))])
        case .clientDisabled(let client):
            ("client_disabled", [("client", .reference(client))])
        case .passwordRuleChanged(let tenant, let classic, let shortest):
            (
                "password_rule_changed",
                [
                    ("tenant", .reference(tenant.description)), ("classic", .number(classic ? 1 : 0)),
                    ("shortest", .number(Int64(shortest))),
                ]
            )
        case .signInRuleChanged(let tenant, let passkeyAlone):
            (
                "sign_in_rule_changed",
                [("tenant", .reference(tenant.description)), ("passkey_alone", .number(passkeyAlone ? 1 : 0))]
            )
        case .accountCreated(let account):
            ("account_created", [("account", .reference(account.description))])
        case .accountDisabled(let account):
            ("account_disabled", [("account", .reference(account.description))])
        case .accountEnabled(let account):
            ("account_enabled", [("account", .reference(account.description))])
        case .invitationSent(let invitation, let tenant, let role):
            (
                "invitation_sent",
                [
                    ("invitation", .reference(invitation.description)), ("tenant", tenant.map { .reference($0.description) }),
                    ("role", .name(role)),
                ]
            )
        case .invitationAccepted(let invitation, let account):
            ("invitation_accepted", [("invitation", .reference(invitation.description)), ("account", .reference(account.description))])
        case .invitationWithdrawn(let invitation):
            ("invitation_withdrawn", [("invitation", .reference(invitation.description))])
        case .membershipCreated(let membership, let account):
            ("membership_created", [("membership", .reference(membership.description)), ("account", .reference(account.description))])
        case .membershipEnded(let membership, let account):
            ("membership_ended", [("membership", .reference(membership.description)), ("account", .reference(account.description))])
        case .membershipSuspended(let membership, let account):
            ("membership_suspended", [("membership", .reference(membership.description)), ("account", .reference(account.description))])
        case .membershipResumed(let membership, let account):
            ("membership_resumed", [("membership", .reference(membership.description)), ("account", .reference(account.description))])
        case .recordsHandedOver(let from, let to):
            ("records_handed_over", [("from", .reference(from.description)), ("to", .reference(to.description))])
        case .staffAccessGiven(let account, let role, let kind):
            ("staff_access_given", [("account", .reference(account.description)), ("role", .name(role)), ("kind", .name(kind))])
        case .staffAccessTaken(let account, let role, let kind):
            ("staff_access_taken", [("account", .reference(account.description)), ("role", .name(role)), ("kind", .name(kind))])
        case .roleAssigned(let account, let role, let tenant):
            (
                "role_assigned",
                [
                    ("account", .reference(account.description)), ("role", .name(role)),
                    ("tenant", tenant.map { .reference($0.description) }),
                ]
            )
        case .roleWithdrawn(let account, let role):
            ("role_withdrawn", [("account", .reference(account.description)), ("role", .name(role))])
        case .roleDefined(let role):
            ("role_defined", [("role", .name(role))])
        case .roleRemoved(let role):
            ("role_removed", [("role", .name(role))])
        case .permissionChanged(let role, let collection, let permission, let granted):
            (
                "permission_changed",
                [
                    ("role", .name(role)), ("collection", collection.map { .reference($0.description) }), ("permission", .name(permission)),
                    ("granted", .number(granted ? 1 : 0)),
                ]
            )
        case .tenantCreated(let tenant, let slug, let edition, let region):
            (
                "tenant_created",
                [("tenant", .reference(tenant.description)), ("slug", .name(slug)), ("edition", .name(edition)), ("region", .name(region))]
            )
        case .tenantEditionChanged(let tenant, let edition):
            ("tenant_edition_changed", [("tenant", .reference(tenant.description)), ("edition", .name(edition))])
        case .tenantLeaving(let tenant, let days):
            ("tenant_leaving", [("tenant", .reference(tenant.description)), ("days", .number(Int64(days)))])
        case .tenantStays(let tenant):
            ("tenant_stays", [("tenant", .reference(tenant.description))])
        case .tenantGone(let tenant, let environments, let keys, let objects):
            (
                "tenant_gone",
                [
                    ("tenant", .reference(tenant.description)), ("environments", .number(Int64(environments))),
                    ("keys", .number(Int64(keys))), ("objects", .number(Int64(objects))),
                ]
            )
        case .environmentCreated(let environment, let kind):
            ("environment_created", [("environment", .reference(environment.description)), ("kind", .name(kind))])
        case .environmentRemoved(let environment):
            ("environment_removed", [("environment", .reference(environment.description))])
        case .backupAnchored(let database, let destination, let generation, let ordinal, let chain):
            (
                "backup_anchored",
                [
                    ("database", .reference(database)), ("destination", .name(destination)), ("generation", .number(Int64(generation))),
                    ("ordinal", .number(Int64(ordinal))), ("chain", .reference(chain)),
                ]
            )
        case .environmentMoved(let environment, let from, let to, let copy, let rows, let digest):
            (
                "environment_moved",
                [
                    ("environment", .reference(environment.description)), ("from", .name(from)), ("to", .name(to)),
                    ("copy", .number(Int64(copy))), ("rows", .number(Int64(rows))), ("digest", .reference(digest)),
                ]
            )
        case .environmentCopyDestroyed(let environment, let place, let copy):
            (
                "environment_copy_destroyed",
                [("environment", .reference(environment.description)), ("place", .name(place)), ("copy", .number(Int64(copy)))]
            )
        case .restoreOrdered(let environment, let mode):
            ("restore_ordered", [("environment", .reference(environment.description)), ("mode", .name(mode))])
        case .environmentRestored(
            let environment, let operation, let generation, let commit, let collections, let records, let digest, let undoGeneration,
            let undoCommit):
            (
                "environment_restored",
                [
                    ("environment", .reference(environment.description)), ("operation", .reference(operation.description)),
                    ("generation", .number(Int64(generation))), ("commit", .number(Int64(commit))),
                    ("collections", .number(Int64(collections))), ("records", .number(Int64(records))), ("digest", .reference(digest)),
                    ("undo_generation", .number(Int64(undoGeneration))), ("undo_commit", .number(Int64(undoCommit))),
                ]
            )
        case .environmentRestoredBeside(let environment, let copy, let operation, let generation, let commit, let rows, let digest):
            (
                "environment_restored_beside",
                [
                    ("environment", .reference(environment.description)), ("copy", .reference(copy.description)),
                    ("operation", .reference(operation.description)), ("generation", .number(Int64(generation))),
                    ("commit", .number(Int64(commit))), ("rows", .number(Int64(rows))), ("digest", .reference(digest)),
                ]
            )
        case .restoreDrilled(let environment, let generation, let commit, let rows, let milliseconds, let result):
            (
                "restore_drilled",
                [
                    ("environment", .reference(environment.description)), ("generation", .number(Int64(generation))),
                    ("commit", .number(Int64(commit))), ("rows", .number(Int64(rows))), ("milliseconds", .number(Int64(milliseconds))),
                    ("result", .name(result)),
                ]
            )
        case .ownCopyMade(let environment, let copy, let commit, let records, let bytes, let digest, let sealing):
            (
                "own_copy_made",
                [
                    ("environment", .reference(environment.description)), ("copy", .reference(copy.description)),
                    ("commit", .number(Int64(commit))), ("records", .number(Int64(records))), ("bytes", .number(Int64(bytes))),
                    ("digest", .reference(digest)), ("sealing", .name(sealing)),
                ]
            )
        case .ownCopyFailed(let environment): ("own_copy_failed", [("environment", .reference(environment.description))])
        case .ownCopyFetched(let environment, let copy, let sealing):
            (
                "own_copy_fetched",
                [
                    ("environment", .reference(environment.description)), ("copy", .reference(copy.description)),
                    ("sealing", .name(sealing)),
                ]
            )
        case .ownCopyRecipientsSet(let environment, let recipients):
            (
                "own_copy_recipients_set",
                [("environment", .reference(environment.description)), ("recipients", .number(Int64(recipients)))]
            )
        case .collectionCreated(let collection):
            ("collection_created", [("collection", .reference(collection.description))])
        case .collectionChanged(let collection):
            ("collection_changed", [("collection", .reference(collection.description))])
        case .collectionDeleted(let collection):
            ("collection_deleted", [("collection", .reference(collection.description))])
        case .collectionRestored(let collection):
            ("collection_restored", [("collection", .reference(collection.description))])
        case .fieldAdded(let collection, let field, let type):
            (
                "field_added",
                [("collection", .reference(collection.description)), ("field", .reference(field.description)), ("type", .name(type))]
            )
        case .fieldChanged(let collection, let field):
            ("field_changed", [("collection", .reference(collection.description)), ("field", .reference(field.description))])
        case .fieldRemoved(let collection, let field):
            ("field_removed", [("collection", .reference(collection.description)), ("field", .reference(field.description))])
        case .recordCreated(let collection, let record):
            ("record_created", [("collection", .reference(collection.description)), ("record", .reference(record.description))])
        case .recordChanged(let collection, let record, let version):
            (
                "record_changed",
                [
                    ("collection", .reference(collection.description)), ("record", .reference(record.description)),
                    ("version", .number(Int64(version))),
                ]
            )
        case .recordDeleted(let collection, let record, let version):
            (
                "record_deleted",
                [
                    ("collection", .reference(collection.description)), ("record", .reference(record.description)),
                    ("version", .number(Int64(version))),
                ]
            )
        case .recordRestored(let collection, let record, let version):
            (
                "record_restored",
                [
                    ("collection", .reference(collection.description)), ("record", .reference(record.description)),
                    ("version", .number(Int64(version))),
                ]
            )
        case .importStarted(let operation, let collection):
            ("import_started", [("operation", .reference(operation.description)), ("collection", .reference(collection.description))])
        case .recordsImported(let operation, let collection, let count, let first, let last, let digest):
            (
                "records_imported",
                [
                    ("operation", .reference(operation.description)), ("collection", .reference(collection.description)),
                    ("count", .number(Int64(count))),
                    ("first", .reference(first.description)), ("last", .reference(last.description)), ("digest", .reference(digest)),
                ]
            )
        case .importTakenBack(let operation, let collection, let count):
            (
                "import_taken_back",
                [
                    ("operation", .reference(operation.description)), ("collection", .reference(collection.description)),
                    ("count", .number(Int64(count))),
                ]
            )
        case .importFinished(let operation, let collection, let imported, let refused):
            (
                "import_finished",
                [
                    ("operation", .reference(operation.description)), ("collection", .reference(collection.description)),
                    ("imported", .number(Int64(imported))), ("refused", .number(Int64(refused))),
                ]
            )
        case .exportStarted(let collection, let format):
            ("export_started", [("collection", .reference(collection.description)), ("format", .name(format))])
        case .accessRefused(let permission, let collection):
            ("access_refused", [("permission", .name(permission)), ("collection", collection.map { .reference($0.description) })])
        case .banned(let ban, let reason, let strike, let seconds):
            (
                "banned",
                [
                    ("ban", .reference(ban.description)), ("reason", .name(reason)), ("strike", .number(Int64(strike))),
                    ("seconds", .number(Int64(seconds))),
                ]
            )
        case .banLifted(let ban):
            ("ban_lifted", [("ban", .reference(ban.description))])
        case .banReinstated(let ban):
            ("ban_reinstated", [("ban", .reference(ban.description))])
        case .rangeAllowed(let bits):
            ("range_allowed", [("bits", .number(Int64(bits)))])
        case .rangeNoLongerAllowed(let bits):
            ("range_no_longer_allowed", [("bits", .number(Int64(bits)))])
        case .alarmAcknowledged(let alarm):
            ("alarm_acknowledged", [("alarm", .reference(alarm.description))])
        case .alarmAssigned(let alarm, let account):
            ("alarm_assigned", [("alarm", .reference(alarm.description)), ("account", .reference(account.description))])
        case .alarmClosed(let alarm):
            ("alarm_closed", [("alarm", .reference(alarm.description))])
        case .alarmReopened(let alarm):
            ("alarm_reopened", [("alarm", .reference(alarm.description))])
        case .alarmRouteAdded(let route, let kind):
            ("alarm_route_added", [("route", .reference(route.description)), ("kind", .name(kind))])
        case .alarmRouteRemoved(let route):
            ("alarm_route_removed", [("route", .reference(route.description))])
        case .controlTurned(let control, let state):
            ("control_turned", [("control", .name(control)), ("state", .name(state))])
        case .auditVerified(let entries, let result):
            ("audit_verified", [("entries", .number(Int64(entries))), ("result", .name(result))])
        }
    }
}
