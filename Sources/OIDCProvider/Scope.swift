/// What a token is for. Roles decide what its owner may do; scopes only narrow it.
package enum Scope: String, Sendable, Hashable, CaseIterable {
    case openid
    case profile
    case email
    /// Refresh tokens that outlive the browser's session (OpenID Connect Core section 11).
    case offlineAccess = "offline_access"
    /// Read through the environment's API.
    case read
    /// Change through the environment's API.
    case write

    /// Unknown words are left out, as OpenID Connect Core 3.1.2.1 says. Nil for text that is no scope at all (RFC 6749 section 3.3).
    static func parse(_ text: String) -> Set<Scope>? {
        guard text.utf8.count <= 1000, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }) else { return nil }
        return Set(text.split(separator: " ").compactMap { Scope(rawValue: String($0)) })
    }
}

extension Set<Scope> {
    /// Sorted, separated by spaces.
    var text: String { map(\.rawValue).sorted().joined(separator: " ") }
}
