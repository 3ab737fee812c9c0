import Identity
import Storage
import Vocabulary

/// `/oauth/revoke` (RFC 7009): ends the whole grant that a token belongs to.
package struct RevocationEndpoint: Sendable {
    let plane: ControlPlane
    let clients: Clients
    let keys: SigningKeys

    package init(_ plane: ControlPlane, clients: Clients, keys: SigningKeys) {
        self.plane = plane
        self.clients = clients
        self.keys = keys
    }

    /// Returns for unknown tokens and those of other clients too, doing nothing: the answer is 200 (section 2.2).
    /// Throws ``OAuthError`` for a bad request or client.
    package func answer(_ parameters: OAuthParameters, from credentials: Clients.Credentials, by principal: Principal) async throws {
        guard !parameters.hasDuplicates, let token = parameters["token"] else { throw OAuthError(.invalidRequest, "token is missing") }
        let client = try await clients.authenticate(credentials)
        var id: GrantID?
        if let claims = try await JSONWebSignature.verify(token, type: AccessToken.type, keys: keys),
            let access = AccessToken(claims: claims)
        {
            id = access.grant
        }
        try await plane.write { [id] transaction in
            let grants = Grants(plane)
            let grant = try id.flatMap { try grants.find($0, in: transaction) } ?? grants.find(refreshToken: token, in: transaction)
            guard let grant, grant.client == client.id else { return }
            try grants.revoke(grant.id, client: client.id, by: principal, in: transaction)
        }
    }
}
