import Hummingbird
import Vocabulary

/// Finds out who a request comes from.
package protocol Authenticator: Sendable {
    /// The visitor by session cookie or bearer token; nil where the request claims to be nobody.
    ///
    /// A request with an `Authorization` header is judged by that header alone, since such requests skip the
    /// cross-site check. Throws ``Refusal`` for a claim that doesn't hold where the caller must learn that (a bad
    /// token); a stale cookie is simply nobody. `context.site`, `address` and `requestID` are set, `visitor` is not.
    func visitor(of request: Request, in context: HoldfastContext) async throws -> Visitor?
}

/// Knows nobody: for tests and for the time before identity is wired.
package struct NobodyAuthenticator: Authenticator {
    package init() {}
    package func visitor(of request: Request, in context: HoldfastContext) async throws -> Visitor? { nil }
}
