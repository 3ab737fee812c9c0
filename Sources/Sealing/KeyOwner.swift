import Vocabulary

/// Whose key it is: the platform's own (control database), one environment's, or one copy's of an environment's database.
///
/// A database has a key apart from its environment's, so that a copy which is no longer needed can be destroyed by its key, wherever pieces of
/// it may lie, while the environment goes on signing its log and opening what it sealed.
package enum KeyOwner: Hashable, Sendable {
    case control
    case environment(EnvironmentID)
    /// Copies are numbered from 1 on; a number never comes back.
    case database(EnvironmentID, copy: Int)

    /// Whose key it is in the end; nil for the platform's own.
    package var environment: EnvironmentID? {
        switch self {
        case .control: nil
        case .environment(let id), .database(let id, _): id
        }
    }
}

extension KeyOwner: LosslessStringConvertible {
    /// `control`, `environment/<id>`, or `database/<id>/<copy>`: part of what wraps and seals are bound to.
    package var description: String {
        switch self {
        case .control: "control"
        case .environment(let id): "environment/\(id)"
        case .database(let id, let copy): "database/\(id)/\(copy)"
        }
    }

    package init?(_ text: String) {
        if text == "control" {
            self = .control
        } else if text.hasPrefix("environment/"), let id = EnvironmentID(text.dropFirst("environment/".count)) {
            self = .environment(id)
        } else if text.hasPrefix("database/") {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 3, let id = EnvironmentID(parts[1]), let copy = Int(parts[2]), copy > 0, parts[2] == "\(copy)" else {
                return nil
            }
            self = .database(id, copy: copy)
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
