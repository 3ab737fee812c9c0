import Identity
import Storage
import Vocabulary

/// `/oauth/end-session` (OpenID Connect RP-Initiated Logout 1.0).
package struct EndSessionEndpoint: Sendable {
    package enum Answer: Sendable, Hashable {
        /// Signed out; send the browser there, its session cookie cleared.
        case redirect(String)
        /// Signed out; show the page that says so, the session cookie cleared.
        case signedOut
        /// Nobody proved that an application of this person asks: let the person confirm.
        case confirm
    }

    let plane: ControlPlane
    let clients: Clients
    let sessions: Sessions
    let keys: SigningKeys

    package init(_ plane: ControlPlane, clients: Clients, sessions: Sessions, keys: SigningKeys) {
        self.plane = plane
        self.clients = clients
        self.sessions = sessions
        self.keys = keys
    }

    /// `session`: the browser's apex session, if any. Throws ``Refusal`` for an address that is not registered.
    package func answer(_ parameters: OAuthParameters, session: Session?, by principal: Principal) async throws -> Answer {
        let hint = try await hint(parameters["id_token_hint"])
        var target: String?
        if let wanted = parameters["post_logout_redirect_uri"] {
            guard !parameters.hasDuplicates, let id = hint?.client, parameters["client_id"] ?? id == id,
                let client = try await clients.find(id),
                client.signOutURIs.contains(wanted)
            else {
                throw Refusal.invalid("redirect-uri", "The application that sent you here gave an address that it has not registered.")
            }
            target = parameters["state"].map { URLText.adding([("state", $0)], to: wanted) } ?? wanted
        }
        if let session {
            guard hint?.session == session.id else { return .confirm }
            try await sessions.signOut(session, by: principal)
        }
        return target.map(Answer.redirect) ?? .signedOut
    }

    /// An expired ID token is as good as a fresh one here (section 2): it only says who asks.
    private func hint(_ token: String?) async throws -> (client: String, session: SessionID)? {
        guard let token, let claims = try await JSONWebSignature.verify(token, type: "JWT", keys: keys),
            claims["iss"]?.string == plane.origin,
            let client = claims["aud"]?.string, let session = claims["sid"]?.string.flatMap({ SessionID($0) })
        else { return nil }
        return (client, session)
    }
}
