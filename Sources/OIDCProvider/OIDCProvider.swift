// OIDCProvider: the apex as an OpenID Provider (OpenID Connect Core 1.0, OAuth 2.0 with RFC 9700's advice).
//
// It promises: authorization code with PKCE S256 and nothing else; exact redirect addresses; codes and refresh tokens
// that work once, where a second use ends what the first one got; one gate that every token passes, which asks
// again whether account, membership, client, session and grant still stand; keys with certificates, changed without an outage.
// It refuses to know HTTP: requests and answers are values, errors are the closed lists of the RFCs.
import Storage

/// The tables of this target, all in the control database.
package enum OIDCSchema {
    package static let migrations: [Migration] = Clients.migrations + SigningKeys.migrations + Grants.migrations + TokenTrail.migrations
}

extension Dialect {
    var instant: SQL { self == .sqlite ? "INTEGER" : "BIGINT" }
    var bytes: SQL { self == .sqlite ? "BLOB" : "BYTEA" }
    var strict: SQL { self == .sqlite ? " STRICT" : "" }
}
