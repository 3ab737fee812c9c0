import Vocabulary

/// Whose key it is: the platform's own (control database), or one environment's.
package enum KeyOwner: Hashable, Sendable {
    case control
    case environment(EnvironmentID)
}

extension KeyOwner: LosslessStringConvertible {
    /// `control`, or `environment/<id>`: part of what wraps and seals are bound to.
    package var description: String {
        switch self {
        case .control: "control"
        case .environment(let id): "environment/\(id)"
        }
    }

    package init?(_ text: String) {
        if text == "control" {
            self = .control
        } else if text.hasPrefix("environment/"), let id = EnvironmentID(text.dropFirst("environment/".count)) {
            self = .environment(id)
        } else {
            return nil
        }
    }
}

/// What a subkey is for. A subkey of one purpose tells nothing about another's.
///
/// Raw values are part of the derivation: never change or reuse one.
package enum KeyPurpose: String, Sendable, Hashable, CaseIterable {
    /// The raw key of the owner's database.
    case database = "database"
    /// Single values inside a database: TOTP seeds, signing keys, client secrets.
    case sealedColumns = "sealed-columns"
    /// Keyed digests and sealed content of tokens.
    case tokens = "tokens"
    /// Mail that waits in the outbox; it may hold single-use links.
    case mail = "mail"
    /// Page cursors that clients carry.
    case cursor = "cursor"
    /// The seed of the key that signs audit checkpoints.
    case auditSigning = "audit-signing"
    /// Keyed digests that stand for identifiers in logs.
    case identifierDigest = "identifier-digest"
    /// Keyed digests of recovery and one-time codes, which are too short for a plain hash.
    case oneTimeCodes = "one-time-codes"
    /// Forms' anti-forgery tokens and other short-lived browser state.
    case browserState = "browser-state"
    /// Attachments' content.
    case attachments = "attachments"
    /// Exports that wait to be fetched.
    case exports = "exports"
}
