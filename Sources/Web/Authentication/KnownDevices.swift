import HTTPTypes
import Hummingbird
import Identity
import OIDCProvider
import Vocabulary

/// Lets somebody in whose address is kept out for what others did there.
package struct Pass: Sendable, Hashable {
    package let devices: Set<DeviceID>
    /// Who may sign in with it: those whom the device is known to, nobody else.
    package let accounts: Set<AccountID>
}

/// Finds out who has a pass.
package protocol Passes: Sendable {
    /// Without a look at the database: whether the request carries anything that could be one.
    func mayHaveOne(_ request: Request) -> Bool
    func pass(of request: Request, atApex: Bool) async throws -> Pass?
}

/// Passes for people on devices on which they signed in before (decision 23): to sign in there, and for everything once they have.
package struct KnownDevices: Passes {
    private let sessions: Sessions
    private let devices: Devices
    private let environmentSignIn: EnvironmentSignIn

    package init(_ desk: IdentityDesk, provider: Provider) {
        sessions = desk.sessions
        devices = desk.devices
        environmentSignIn = provider.environmentSignIn
    }

    package func mayHaveOne(_ request: Request) -> Bool {
        request.headers[.authorization] == nil
            && (HostCookie.session.value(in: request) != nil || HostCookie.device.value(in: request) != nil
                || Self.tenantWayIn.contains(request.uri.path))
    }

    package func pass(of request: Request, atApex: Bool) async throws -> Pass? {
        var session: Session?
        if let token = HostCookie.session.value(in: request) { session = try await sessions.find(token: token) }
        if let session, session.factorVerified, let device = session.device { return Pass(devices: [device], accounts: [session.account]) }
        let path = request.uri.path
        guard atApex else { return try await arrival(request, path) }
        guard Self.apexWayIn.contains(path) || path.hasPrefix("/assets/"), let token = HostCookie.device.value(in: request) else {
            return nil
        }
        let owners = try await devices.owners(ofToken: token)
        // Half of a sign-in to somebody else's account doesn't become whole here.
        guard !owners.isEmpty, session.map({ owners.values.contains($0.account) }) ?? true else { return nil }
        return Pass(devices: Set(owners.keys), accounts: Set(owners.values))
    }

    /// From the apex over to a tenant's host, which has no cookie of the device.
    private func arrival(_ request: Request, _ path: String) async throws -> Pass? {
        // Both send a browser that nobody is signed in with to the apex, and look nothing up.
        if path == "/" || path == "/sign-in/start" { return request.method == .get ? Pass(devices: [], accounts: []) : nil }
        guard path == "/sign-in/callback", let code = request.query("code"),
            let session = try await environmentSignIn.session(behind: code), let device = session.device
        else { return nil }
        return Pass(devices: [device], accounts: [session.account])
    }

    private static let tenantWayIn: Set = ["/", "/sign-in/start", "/sign-in/callback"]
    private static let apexWayIn: Set = [
        "/", "/sign-in", "/sign-in/factor", "/sign-in/passkey", "/sign-in/passkey/options", "/sign-in/factor/passkey",
        "/sign-in/factor/passkey/options", "/sign-in/waiting", "/sign-in/continue", "/oauth/authorize",
    ]
}
