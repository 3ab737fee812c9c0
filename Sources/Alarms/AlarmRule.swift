import Vocabulary

/// What is worth an alarm.
package enum AlarmRule: String, CaseIterable, Sendable, Hashable {
    case newOperator = "new-operator"
    case newAdministrator = "new-administrator"
    case ban
    case intrusion
    case recoveryCode = "recovery-code"
    case factorReset = "factor-reset"
    case passkeyCopy = "passkey-copy"
    case risk
    case productionAccess = "production-access"
    case control
    case routeRemoved = "route-removed"
    /// Production is brought back to an earlier moment.
    case restore
    case drillFailed = "drill-failed"
    case ownCopyFailed = "own-copy-failed"
    /// Somebody tries out whether an alarm arrives.
    case trial

    package var severity: AlarmSeverity {
        switch self {
        case .trial: .notice
        case .ban, .recoveryCode, .control, .ownCopyFailed: .warning
        case .newOperator, .newAdministrator, .intrusion, .factorReset, .passkeyCopy, .risk, .productionAccess, .routeRemoved, .restore,
            .drillFailed:
            .critical
        }
    }

    /// As a heading: `A new administrator`.
    package var title: String {
        switch self {
        case .newOperator: "A new operator"
        case .newAdministrator: "A new administrator"
        case .ban: "An automatic ban"
        case .intrusion: "An intrusion attempt"
        case .recoveryCode: "A recovery code was used"
        case .factorReset: "Second factors are reset"
        case .passkeyCopy: "A passkey may have been copied"
        case .risk: "A sign-in like somebody else's"
        case .productionAccess: "Access to production"
        case .control: "A promise is not kept"
        case .routeRemoved: "Alarms go one way less"
        case .restore: "Production goes back in time"
        case .drillFailed: "A restore was tried and failed"
        case .ownCopyFailed: "A customer's file could not be made"
        case .trial: "A test"
        }
    }

    /// What whoever reads it should do.
    package var advice: String {
        switch self {
        case .newOperator:
            "If nobody of you meant to do this, dismiss the operator and find out how the account of whoever appointed them was used."
        case .newAdministrator: "If nobody of you meant to do this, take the role away again and end the sessions of whoever gave it."
        case .ban: "Nothing has to be done: the address is refused for a while. If it was a mistake, lift the ban."
        case .intrusion: "Nothing got through: the address is refused for a while. Look whether the same happened from elsewhere."
        case .recoveryCode: "Ask the person, in another way than by mail, whether it was them. If not, disable the account."
        case .factorReset: "Ask the person, in another way than by mail, whether they wanted it. If not, take the reset back."
        case .passkeyCopy:
            "Ask the person to remove that passkey and set up a new one. If they see sign-ins that were not theirs, disable the account."
        case .risk:
            "Ask the person, in another way than by mail, whether it was them. If not, disable them, and let them set a new password."
        case .productionAccess:
            "If nobody of you meant to do this, take the access away again and find out how the account of whoever gave it was used."
        case .control: "Look at the trust page: it says what was found."
        case .routeRemoved: "If nobody of you meant to do this, add it again and find out how the account of whoever removed it was used."
        case .restore:
            "If nobody of you meant to do this, undo it on the page Backups and find out how the account of whoever ordered it was used."
        case .drillFailed:
            "Find out why before a restore is needed: 'holdfast backup drill' tries again, 'holdfast backup verify' reads the whole archive."
        case .ownCopyFailed:
            "'holdfast own-copy list' says why. It is tried again after a day, or at once by 'holdfast own-copy make'."
        case .trial: "Nothing has to be done."
        }
    }
}

package enum AlarmSeverity: String, CaseIterable, Sendable, Hashable, Comparable {
    case notice
    case warning
    case critical

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }
}
