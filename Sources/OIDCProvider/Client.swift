import Foundation
import Identity
import Storage
import Vocabulary

/// An application that may ask for tokens.
package struct Client: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Runs on somebody's device and can keep no secret (RFC 8252).
        case `public`
        /// Runs on a server and has one.
        case confidential
        /// A tenant's host, served by this very process: it authenticates by being us, and never over the network.
        case house
    }

    package enum State: String, Sendable, Hashable {
        case active
        case disabled
    }

    package let id: String
    package let name: String
    package let kind: Kind
    package let state: State
    /// The only environment it may ask for; nil for the vendor's own applications, which name one in `resource`.
    package let environment: EnvironmentID?
    package let redirectURIs: [String]
    package let signOutURIs: [String]
    package let scopes: Set<Scope>
    package let idTokenAlgorithm: SigningAlgorithm
    package let createdAt: Instant

    /// Exact comparison (RFC 9700 section 2.1). Only the port of a native application's loopback address may differ (RFC 8252 section 7.3).
    package func admitsRedirect(to uri: String) -> Bool {
        if redirectURIs.contains(uri) { return true }
        guard kind == .public, let wanted = RedirectURI.withoutLoopbackPort(uri) else { return false }
        return redirectURIs.contains { RedirectURI.withoutLoopbackPort($0) == wanted }
    }

    static func house(_ host: EnvironmentHost) -> Client {
        Client(
            id: host.clientID, name: host.label, kind: .house, state: .active, environment: host.environment,
            redirectURIs: [host.redirectURI],
            signOutURIs: [host.origin + "/"], scopes: [.openid, .profile, .email], idTokenAlgorithm: .es256,
            createdAt: Instant(microseconds: 0))
    }
}

/// Which addresses a client may register.
package enum RedirectURI {
    /// `https`; `http` on a loopback literal for native applications (RFC 8252 section 7.3); or a private scheme with a dot in it (7.1).
    /// No fragment, no user information, no wildcard, nothing that two parsers could read differently.
    package static func isFit(_ uri: String, for kind: Client.Kind) -> Bool {
        guard (1...500).contains(uri.utf8.count), uri.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !uri.contains(where: { "\\#*\"<>^`{|}".contains($0) }), let colon = uri.firstIndex(of: ":")
        else { return false }
        let scheme = uri[..<colon]
        guard scheme == scheme.lowercased() else { return false }
        guard let parts = URLComponents(string: uri), parts.user == nil, parts.password == nil, parts.fragment == nil else { return false }
        switch scheme {
        case "https":
            guard let host = parts.host, !host.isEmpty, host == host.lowercased(), parts.string == uri else { return false }
            return uri.hasPrefix("https://" + host)
        case "http":
            return kind == .public && withoutLoopbackPort(uri) != nil
        default:
            let isName = scheme.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 46 || $0 == 45 }
            return kind == .public && scheme.contains(".") && isName
        }
    }

    /// The address with its port taken out, if it is `http://127.0.0.1` or `http://[::1]`; else nil.
    static func withoutLoopbackPort(_ uri: String) -> String? {
        for host in ["http://127.0.0.1", "http://[::1]"] where uri.hasPrefix(host) {
            var rest = uri.dropFirst(host.count)
            if rest.first == ":" {
                rest = rest.dropFirst()
                let digits = rest.prefix { $0.isASCII && $0.isNumber }
                guard let port = Int(digits), (1...65_535).contains(port) else { return nil }
                rest = rest.dropFirst(digits.count)
            }
            guard rest.first == "/" else { return nil }
            return host + rest
        }
        return nil
    }
}
