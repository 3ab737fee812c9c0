import Identity
import Sealing
import Vocabulary

/// Everything of this target, put together once at start: what routes and commands are given.
package struct Provider: Sendable {
    package let plane: ControlPlane
    package let hosts: any EnvironmentHosts
    package let clients: Clients
    package let keys: SigningKeys
    package let verifier: TokenVerifier
    package let authorization: AuthorizationEndpoint
    package let token: TokenEndpoint
    package let userInfo: UserInfo
    package let revocation: RevocationEndpoint
    package let endSession: EndSessionEndpoint
    package let environmentSignIn: EnvironmentSignIn

    /// Call ``prepare()`` before the first request.
    /// Throws ``Refusal`` `sealed` while the keyring has no master key.
    package init(_ desk: IdentityDesk, hosts: any EnvironmentHosts, keyring: Keyring) throws {
        let (plane, sessions) = (desk.plane, desk.sessions)
        let trail = TokenTrail(plane, desk.signIn)
        self.plane = plane
        self.hosts = hosts
        let browserState = try keyring.sealer(for: .control, purpose: .browserState)
        clients = Clients(plane, hosts: hosts)
        keys = SigningKeys(plane, sealer: try keyring.sealer(for: .control, purpose: .sealedColumns))
        verifier = TokenVerifier(plane, keys: keys, trail: trail)
        authorization = AuthorizationEndpoint(plane, clients: clients, hosts: hosts, sealer: browserState)
        token = TokenEndpoint(plane, clients: clients, gate: TokenGate(plane, keys: keys), trail: trail)
        userInfo = UserInfo(plane, verifier: verifier)
        revocation = RevocationEndpoint(plane, clients: clients, keys: keys)
        endSession = EndSessionEndpoint(plane, clients: clients, sessions: sessions, keys: keys)
        environmentSignIn = EnvironmentSignIn(plane, token: token, sessions: sessions, keys: keys, sealer: browserState)
    }

    /// Makes the signing keys that are missing or due. Call it at start and once a day.
    package func prepare() async throws { try await keys.prepare() }

    /// Forgets what ended long ago. Run it every hour or so.
    package func sweep() async throws { try await Grants(plane).sweep() }
}
