extension AuditEvent {
    /// What happened, in plain words for a customer's administrator.
    package var title: String {
        switch self {
        case .serverStarted: "The server started"
        case .serverStopped: "The server stopped"
        case .installationClaimed: "The first operator took charge of the installation"
        case .masterKeyRotated: "The master key was replaced"
        case .environmentKeyCreated: "An environment got its key"
        case .shellCommand: "A command was run on the server"
        case .signInAttempted: "Somebody tried to sign in"
        case .signedOut: "Signed out"
        case .sessionStarted: "A session began"
        case .sessionRevoked: "A session was ended"
        case .factorEnrolled: "A second factor was set up"
        case .factorRemoved: "A second factor was removed"
        case .recoveryCodesIssued: "New recovery codes were issued"
        case .recoveryCodeUsed: "A recovery code was used"
        case .passwordSet: "A password was set by its owner"
        case .throttled: "Sign-in was slowed down after failures"
        case .tokenIssued: "An application got a token"
        case .tokenRevoked: "An application's token was revoked"
        case .signingKeyCreated: "A key for signing tokens was made"
        case .clientRegistered: "An application was registered"
        case .clientDisabled: "An application was disabled"
        case .passwordRuleChanged: "The tenant's rule for passwords was changed"
        case .accountCreated: "An account was created"
        case .accountDisabled: "An account was disabled"
        case .accountEnabled: "An account was enabled again"
        case .invitationSent: "An invitation was sent"
        case .invitationAccepted: "An invitation was accepted"
        case .invitationWithdrawn: "An invitation was withdrawn"
        case .membershipCreated: "Somebody joined"
        case .membershipEnded: "Somebody was removed"
        case .roleAssigned: "A role was given"
        case .roleWithdrawn: "A role was taken away"
        case .roleDefined: "A role was defined"
        case .roleRemoved: "A role was removed"
        case .permissionChanged: "A role's permission was changed"
        case .tenantCreated: "A customer was created"
        case .tenantEditionChanged: "A customer's edition was changed"
        case .environmentCreated: "An environment was created"
        case .environmentRemoved: "An environment was removed"
        case .environmentMoved: "An environment was moved to another place"
        case .environmentCopyDestroyed: "A copy of an environment's database was destroyed with its key"
        case .collectionCreated: "A collection was created"
        case .collectionChanged: "A collection was changed"
        case .collectionDeleted: "A collection was deleted"
        case .collectionRestored: "A collection was restored"
        case .fieldAdded: "A field was added"
        case .fieldChanged: "A field was changed"
        case .fieldRemoved: "A field was removed"
        case .recordCreated: "A record was created"
        case .recordChanged: "A record was changed"
        case .recordDeleted: "A record was deleted"
        case .recordRestored: "A record was restored"
        case .importStarted: "An import began"
        case .recordsImported: "Records were imported"
        case .importTakenBack: "Records of an import were taken back"
        case .importFinished: "An import ended"
        case .exportStarted: "Records were exported"
        case .accessRefused: "Access was refused"
        case .controlTurned: "A control changed its state"
        case .auditVerified: "The audit log was verified"
        }
    }

    /// The title of a stored entry's event. A name of a newer release reads as itself, with spaces.
    package static func title(named name: String) -> String {
        titles[name] ?? name.split(separator: "_").joined(separator: " ")
    }

    private static let titles = Dictionary(examples.map { ($0.entry.name, $0.title) }, uniquingKeysWith: { first, _ in first })
}
