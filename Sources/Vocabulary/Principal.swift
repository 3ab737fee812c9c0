/// Who asks. Passed explicitly to every domain call; nothing reads it from the surroundings.
package struct Principal: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// A person with a session or a token.
        case account(AccountID)
        /// An OAuth client acting for itself.
        case client(String)
        /// Somebody at the machine's own command line; `user` is the operating system's name for them.
        case shell(user: String)
        /// The platform itself: `component` is a name from the code, such as `checkpointer`.
        case platform(component: String)
        /// Nobody yet: sign-in pages.
        case anonymous
    }

    package let kind: Kind
    package let session: SessionID?
    /// Network address of the other side, as text without port. Nil for the platform itself and the shell.
    package let address: String?
    /// The request on whose behalf this is, as the answer's header names it.
    package let request: String?

    package init(_ kind: Kind, session: SessionID? = nil, address: String? = nil, request: String? = nil) {
        self.kind = kind
        self.session = session
        self.address = address
        self.request = request
    }

    package var account: AccountID? {
        if case .account(let id) = kind { id } else { nil }
    }
}
