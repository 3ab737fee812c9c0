import Vocabulary

extension AuditEvent {
    /// One of each, every field filled in: what the catalogue's page and the portal's filters are made from.
    package static let examples: [AuditEvent] = {
        func id<Kind>(_: Kind.Type) -> ID<Kind> { ID(at: Instant(seconds: 0), entropy: NoEntropy()) }
        let account = id(Kinds.Account.self)
        let alarm = id(Kinds.Alarm.self)
        let ban = id(Kinds.Ban.self)
        let route = id(Kinds.AlarmRoute.self)
        let collection = id(Kinds.Collection.self)
        let device = id(Kinds.Device.self)
        let environment = id(Kinds.Environment.self)
        let field = id(Kinds.Field.self)
        let invitation = id(Kinds.Invitation.self)
        let membership = id(Kinds.Membership.self)
        let operation = id(Kinds.Operation.self)
        let record = id(Kinds.Record.self)
        let session = id(Kinds.Session.self)
        let tenant = id(Kinds.Tenant.self)
        return [
            .serverStarted(version: "1.0.0"), .serverStopped, .installationClaimed(account: account), .masterKeyRotated(version: 2),
            .environmentKeyCreated(environment: environment), .shellCommand(command: "tenants create"),
            .recoveryBundleMade(holders: "9f2a", needed: 3, of: 5), .recovered(bundle: "9f2a", environments: 12, missing: 0, sessions: 7),
            .signInAttempted(account: account, identifierDigest: "digest", method: "password", outcome: "refused"),
            .signedOut(session: session), .sessionStarted(session: session), .sessionRevoked(session: session, account: account),
            .factorEnrolled(account: account, factor: "totp"), .factorRemoved(account: account, factor: "totp"),
            .recoveryCodesIssued(account: account), .recoveryCodeUsed(account: account),
            .passkeyCopySuspected(account: account, passkey: "passkey"), .factorResetRequested(account: account, tenant: tenant),
            .factorResetApproved(account: account, tenant: tenant), .factorResetWithdrawn(account: account, tenant: tenant),
            .factorResetUsed(account: account, tenant: tenant), .deviceRegistered(account: account, device: device),
            .deviceTrusted(account: account, device: device), .deviceDistrusted(account: account, device: device),
            .deviceRevoked(account: account, device: device),
            .deviceSessionsEnded(account: account, device: device, tenant: tenant, sessions: 2),
            .everythingEnded(account: account, sessions: 3),
            .riskFound(risk: "risk", account: account, level: "high", score: 90, action: "block"),
            .riskSettled(risk: "risk", account: account, state: "dismissed"),
            .riskPolicyChanged(tenant: tenant, medium: "step-up", high: "block"), .passwordSet(account: account),
            .signInsTurnedAway(count: 4000),
            .throttled(identifierDigest: "digest", retryAfterSeconds: 30), .tokenIssued(client: "client", grant: "authorization_code"),
            .tokenRevoked(client: "client"), .signingKeyCreated(key: "key", algorithm: "ES256"),
            .clientRegistered(client: "client"), .clientDisabled(client: "client"),
            .passwordRuleChanged(tenant: tenant, classic: true, shortest: 12), .signInRuleChanged(tenant: tenant, passkeyAlone: false),
            .accountCreated(account: account), .accountDisabled(account: account), .accountEnabled(account: account),
            .invitationSent(invitation: invitation, tenant: tenant, role: "editor"),
            .invitationAccepted(invitation: invitation, account: account), .invitationWithdrawn(invitation: invitation),
            .membershipCreated(membership: membership, account: account), .membershipEnded(membership: membership, account: account),
            .membershipSuspended(membership: membership, account: account), .membershipResumed(membership: membership, account: account),
            .recordsHandedOver(from: account, to: account), .staffAccessGiven(account: account, role: "operator", kind: "production"),
            .staffAccessTaken(account: account, role: "operator", kind: "production"),
            .roleAssigned(account: account, role: "editor", tenant: tenant), .roleWithdrawn(account: account, role: "editor"),
            .roleDefined(role: "editor"),
            .roleRemoved(role: "editor"), .permissionChanged(role: "editor", collection: collection, permission: "change", granted: true),
            .tenantCreated(tenant: tenant, slug: "acme", edition: "team", region: "eu-west"),
            .tenantEditionChanged(tenant: tenant, edition: "enterprise"),
            .tenantLeaving(tenant: tenant, days: 14), .tenantStays(tenant: tenant),
            .tenantGone(tenant: tenant, environments: 2, keys: 4, objects: 300),
            .environmentCreated(environment: environment, kind: "sandbox"), .environmentRemoved(environment: environment),
            .backupAnchored(database: "control", destination: "s3", generation: 1, ordinal: 2041, chain: "77ab3f0c2d9e1b58"),
            .environmentMoved(environment: environment, from: "embedded", to: "postgres", copy: 2, rows: 1000, digest: "e3b0c44298fc1c14"),
            .environmentCopyDestroyed(environment: environment, place: "embedded", copy: 1),
            .restoreOrdered(environment: environment, mode: "in-place"),
            .environmentRestored(
                environment: environment, operation: operation, generation: 1, commit: 2041, collections: 1, records: 12,
                digest: "e3b0c44298fc1c14", undoGeneration: 1, undoCommit: 2077),
            .environmentRestoredBeside(
                environment: environment, copy: environment, operation: operation, generation: 1, commit: 2041, rows: 1000,
                digest: "e3b0c44298fc1c14"),
            .restoreDrilled(environment: environment, generation: 1, commit: 2041, rows: 1000, milliseconds: 412, result: "passed"),
            .ownCopyMade(
                environment: environment, copy: id(Kinds.OwnCopy.self), commit: 2041, records: 1000, bytes: 65_536,
                digest: "e3b0c44298fc1c14",
                sealing: "environment"), .ownCopyFailed(environment: environment),
            .ownCopyFetched(environment: environment, copy: id(Kinds.OwnCopy.self), sealing: "passphrase"),
            .ownCopyRecipientsSet(environment: environment, recipients: 1),
            .collectionCreated(collection: collection), .collectionChanged(collection: collection),
            .collectionDeleted(collection: collection),
            .collectionRestored(collection: collection),
            .fieldAdded(collection: collection, field: field, type: "text"), .fieldChanged(collection: collection, field: field),
            .fieldRemoved(collection: collection, field: field),
            .recordCreated(collection: collection, record: record), .recordChanged(collection: collection, record: record, version: 2),
            .recordDeleted(collection: collection, record: record, version: 3),
            .recordRestored(collection: collection, record: record, version: 4),
            .importStarted(operation: operation, collection: collection),
            .recordsImported(operation: operation, collection: collection, count: 500, first: record, last: record, digest: "digest"),
            .importTakenBack(operation: operation, collection: collection, count: 500),
            .importFinished(operation: operation, collection: collection, imported: 999, refused: 1),
            .exportStarted(collection: collection, format: "csv"), .accessRefused(permission: "read", collection: collection),
            .banned(ban: ban, reason: "probe", strike: 2, seconds: 120), .banLifted(ban: ban), .banReinstated(ban: ban),
            .rangeAllowed(bits: 120), .rangeNoLongerAllowed(bits: 120),
            .alarmAcknowledged(alarm: alarm), .alarmAssigned(alarm: alarm, account: account), .alarmClosed(alarm: alarm),
            .alarmReopened(alarm: alarm), .alarmRouteAdded(route: route, kind: "webhook"), .alarmRouteRemoved(route: route),
            .controlTurned(control: "DA-7", state: "fail"), .auditVerified(entries: 1000, result: "intact"),
        ]
    }()

    /// The page `docs/audit-events.md`.
    package static var cataloguePage: String {
        var page = """
            # Audit events

            Everything that the audit log can say. Each field is marked with what it may hold: a **name** that is allowed in logs (a role,
            a command, a host label), a **reference** (an identifier or digest) or a **number**. No field holds free text, so no customer's
            data has a way in. This page is made from the source; a test compares them.

            | event | what happened | fields |
            |---|---|---|

            """
        for event in examples {
            let (name, fields) = event.entry
            let listing = fields.map { field in
                switch field.value {
                case .name: "`\(field.name)` name"
                case .reference: "`\(field.name)` reference"
                case .number: "`\(field.name)` number"
                }
            }
            page += "| `\(name)` | \(event.title) | \(listing.joined(separator: ", ")) |\n"
        }
        return page
    }
}

private struct NoEntropy: Entropy {
    func words() -> (UInt64, UInt64) { (0, 0) }
    func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
}
