import Vocabulary

/// What has to be forgotten wherever it is remembered.
package enum Invalidation: Hashable, Sendable {
    /// A session got another token.
    case session(SessionID)
    /// What a person may: sessions, tokens, memberships, roles, the account's state.
    case account(AccountID)
    /// What anybody may.
    case rights
    /// Where an environment is and in which state.
    case environment(EnvironmentID)
    /// Whether a ban is in force.
    case ban(BanID)
    /// Which addresses are never banned.
    case allowedRanges
    /// The keys that sign tokens.
    case signingKeys
    /// The wrapped key of an owner, in the keyring's own database: `control`, or `environment/<id>`.
    case key(String)
    /// Which master key locks the keyring.
    case masterKey
    /// All that there is.
    case everything
}

extension Invalidation: CustomStringConvertible {
    /// As it stands in the database: append only.
    package var description: String {
        switch self {
        case .session(let id): "session/\(id)"
        case .account(let id): "account/\(id)"
        case .rights: "rights"
        case .environment(let id): "environment/\(id)"
        case .ban(let id): "ban/\(id)"
        case .allowedRanges: "allowed-ranges"
        case .signingKeys: "signing-keys"
        case .key(let owner): "key/\(owner)"
        case .masterKey: "master-key"
        case .everything: "everything"
        }
    }

    /// A word that this release doesn't know comes from a newer one, and concerns everything.
    package init(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1)
        let (kind, subject) = (parts.first ?? "", parts.count == 2 ? parts[1] : "")
        switch kind {
        case "session": self = SessionID(subject).map(Self.session) ?? .everything
        case "account": self = AccountID(subject).map(Self.account) ?? .everything
        case "rights": self = .rights
        case "environment": self = EnvironmentID(subject).map(Self.environment) ?? .everything
        case "ban": self = BanID(subject).map(Self.ban) ?? .everything
        case "allowed-ranges": self = .allowedRanges
        case "signing-keys": self = .signingKeys
        case "key": self = .key(String(subject))
        case "master-key": self = .masterKey
        default: self = .everything
        }
    }
}
