import HTTPTypes
import Hummingbird
import Identity
import Vocabulary
import Web

/// Passkeys at the apex. The page's script fetches a question and posts the browser's answer as an ordinary form.
extension Portal {
    func addPasskeys(to router: Router<HoldfastContext>) {
        addPasskeySignIn(to: router)
        addPasskeyFactor(to: router)
        addPasskeyCreation(to: router)
    }

    /// The challenge is bound to the browser that asked: an answer that somebody else got to see, or sends in another's name, is none.
    private static let asking = HostCookie("passkey")

    private func addPasskeySignIn(to router: Router<HoldfastContext>) {
        router.post("/sign-in/passkey/options") { request, context -> Response in
            let known = Self.asking.value(in: request).flatMap { $0.utf8.count == 43 ? $0 : nil }
            let browser = known ?? Token(entropy: parts.desk.plane.entropy).text
            var response = Response.json(try await parts.signIn.passkeyOptions(browser: browser))
            if known == nil { Self.asking.set(browser, on: &response) }
            return response
        }
        router.post("/sign-in/passkey") { request, context -> Response in
            let form = try await request.form(in: context)
            let returnTo = Self.checkedPath(request.query("return_to"))
            let browser = browser(request)
            do {
                let issued = try await parts.signIn.passkey(
                    form["credential"] ?? "", browser: Self.asking.value(in: request) ?? "", by: context.principal,
                    agent: browser.agent, only: context.pass?.accounts)
                var response = start(issued, goingOnTo: returnTo, in: browser)
                Self.asking.clear(on: &response)
                return response
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try lone(SignInPage(returnTo: returnTo, refusal: refusal), request, context, after: refusal)
            }
        }
    }

    private func addPasskeyFactor(to router: Router<HoldfastContext>) {
        router.post("/sign-in/factor/passkey/options") { request, _ -> Response in
            Response.json(try await parts.signIn.passkeyOptions(in: try await session(request, at: .factor)))
        }
        router.post("/sign-in/factor/passkey") { request, context -> Response in
            let form = try await request.form(in: context)
            let session = try await session(request, at: .factor)
            do {
                let proof = try await parts.signIn.passkeyProof(form["credential"] ?? "", in: session)
                let issued = try await parts.signIn.factor(proof, in: session, by: principal(of: session, context))
                return start(issued, goingOnTo: Self.checkedPath(request.query("return_to")))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try lone(try await factorPage(session, request, refusal: refusal), request, context, after: refusal)
            }
        }
    }

    private func addPasskeyCreation(to router: Router<HoldfastContext>) {
        router.post("/onboarding/passkey/options") { request, _ -> Response in
            guard let session = try await unfinished(request) else { throw Self.signInAgain }
            return Response.json(try await parts.signIn.passkeyRegistration(in: session))
        }
        router.post("/onboarding/passkey") { request, context -> Response in
            try await confirming(request, context) {
                let form = try await request.form(in: context)
                guard let session = try await unfinished(request), session.stage != .factor else { throw Self.signInAgain }
                do {
                    let done = try await parts.signIn.registerPasskey(
                        form["credential"] ?? "", in: session, by: principal(of: session, context))
                    return try welcome(done.session, done.recoveryCodes, from: session, request, context)
                } catch let refusal as Refusal where refusal.belongsToForm {
                    let page: any Page =
                        session.stage == .enrolment
                        ? try await enrolmentPage(session, request, context, passkeyRefusal: refusal)
                        : LoneFormPage.newPasskey(returnTo: Self.checkedPath(request.query("return_to")), refusal: refusal)
                    return try lone(page, request, context, after: refusal)
                }
            }
        }
    }

    /// After a factor was added: its recovery codes, where it came with some, or straight on.
    ///
    /// Codes are shown in this very answer: they are kept nowhere, so there is nothing to come back to.
    func welcome(
        _ issued: IssuedSession?, _ codes: [String], from session: Session, _ request: Request, _ context: HoldfastContext
    ) throws -> Response {
        let target = Self.checkedPath(request.query("return_to")) ?? "/"
        guard !codes.isEmpty else {
            guard let issued else { return onward(to: target) }
            return start(issued, goingOnTo: target)
        }
        let page = RecoveryCodesPage(codes: codes, next: target, isOnboarding: session.stage == .enrolment)
        var response = try lone(page, request, context)
        if let issued { HostCookie.session.set(issued.token.text, on: &response) }
        return response
    }

    /// The browser's session, which must have come exactly so far.
    func session(_ request: Request, at stage: Session.Stage) async throws -> Session {
        guard let session = try await unfinished(request), session.stage == stage else { throw Self.signInAgain }
        return session
    }
}
