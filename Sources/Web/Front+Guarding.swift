import Guarding
import HTTPTypes
import Hummingbird
import Vocabulary

/// What of a request concerns the guard: who is refused before anything else is looked at, and what counts as an offence afterwards.
extension Front {
    /// - Throws: ``Refusal`` `banned`
    func keepOut(_ request: Request, _ context: inout HoldfastContext) async throws {
        guard let sentry = parts.sentry, let address = context.address.flatMap(NetworkAddress.init) else { return }
        guard let standing = await sentry.standing(of: address) else { return }
        if let pass = try await pass(request, through: sentry, standing) {
            context.pass = pass
            return
        }
        context.isKeptOut = true
        throw sentry.refusal(for: standing)
    }

    func count(_ request: Request, _ response: Response, _ context: HoldfastContext) async {
        guard let sentry = parts.sentry, !context.isKeptOut, let address = context.address.flatMap(NetworkAddress.init),
            let offence = Offence(of: request.head, status: response.status.code, isSignedIn: context.visitor != nil)
        else { return }
        if let devices = context.pass?.devices ?? context.visitor?.device.map({ [$0] }) { sentry.note(offence, on: devices) }
        await sentry.note(offence, from: address)
    }

    /// Never against an operator's own ban, and never for a device on which somebody misbehaved.
    private func pass(_ request: Request, through sentry: Sentry, _ standing: Sentry.Standing) async throws -> Pass? {
        guard !standing.isByHand, let passes = parts.passes, passes.mayHaveOne(request), sentry.maySearch(behind: standing.range),
            let authority = request.head.authority.flatMap(Authority.init), !parts.readiness.isSealed()
        else { return nil }
        let door = parts.gateway.door(for: authority)
        guard door != .unknown, let pass = try await passes.pass(of: request, atApex: door == .apex), sentry.lets(in: pass.devices) else {
            return nil
        }
        return pass
    }
}

extension Offence {
    /// Nil where the answer says nothing against whoever asked.
    init?(of head: HTTPRequest, status: Int, isSignedIn: Bool) {
        let path = (head.path ?? "/").prefix { $0 != "?" }
        guard (400..<500).contains(status) else { return nil }
        if status == 404 || status == 421 || status == 405 || status == 400, ScannersPath.matches(path, isSignedIn: isSignedIn) {
            self = .probe
            return
        }
        let isPost = head.method == .post
        // An attempt that is only slowed down was one all the same.
        let failed = status == 401 || status == 429
        if isPost, failed, path == "/sign-in" || path == "/sign-in/passkey" {
            self = .signIn
        } else if isPost, failed, Self.codePaths.contains(where: { path == $0 }) {
            self = .code
        } else if Self.secretPaths.contains(where: { path.hasPrefix($0) }), status == 404 || status == 410 {
            self = .code
        } else if path == "/oauth/token" || path == "/oauth/revoke" || path == "/oauth/userinfo" {
            self = .token
        } else if ScannersPath.isHarmless(path) {
            return nil
        } else {
            self = isSignedIn ? .mistake : status == 404 || status == 410 ? .missing : .error
        }
    }

    private static let codePaths = ["/sign-in/factor", "/onboarding/factor", "/confirm", "/confirm/passkey", "/confirm/further"]
    /// Whose rest is a secret.
    private static let secretPaths = [
        "/password/reset/", "/factor-reset/", "/sign-out/everywhere/", "/sign-in/confirmation/", "/invitations/", "/first-operator/",
    ]
}
