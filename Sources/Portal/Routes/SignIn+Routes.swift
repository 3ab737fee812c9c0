import HTTPTypes
import Hummingbird
import Identity
import OIDCProvider
import Vocabulary
import Web

/// Password, second factor, and out again.
extension Portal {
    /// The longest password that is looked at takes 12 KiB with every byte escaped.
    private static let signInBytesMax = 32 * 1024

    func addSignIn(to router: Router<HoldfastContext>) {
        router.get("/sign-in") { request, context -> Response in
            // An application's request waits, sealed, in `continue`; a page of our own in `return_to`.
            let returnTo = request.query("continue").map(AuthorizationEndpoint.resumption) ?? Self.checkedPath(request.query("return_to"))
            // With `continue` somebody may be signed in and still has to show it again.
            if context.visitor != nil, request.query("continue") == nil { return .seeOther(returnTo ?? "/") }
            // Whoever is in the middle of joining goes on with that.
            if let session = try await unfinished(request), session.stage == .enrolment {
                return .seeOther("/onboarding/factor" + Self.query([("return_to", returnTo)]))
            }
            let farewell =
                request.uri.query?.hasPrefix("signed-out") == true
                ? Banner("You are signed out, here and everywhere you went from here.") : nil
            return try lone(SignInPage(returnTo: returnTo), request, context, banner: farewell)
        }
        router.post("/sign-in") { request, context -> Response in
            // Many may have to wait, and what they sent waits with them.
            var narrow = context
            narrow.bodyLimit = min(context.bodyLimit, Self.signInBytesMax)
            let form = try await request.form(in: narrow)
            let returnTo = Self.checkedPath(form["return_to"])
            let identifier = form["identifier"] ?? ""
            let browser = browser(request)
            do {
                let step = try await parts.signIn.password(
                    identifier: try form.require("identifier"), password: try form.secret("password"), by: context.principal,
                    agent: browser.agent, only: context.pass?.accounts)
                let path =
                    switch step {
                    case .factor: "/sign-in/factor"
                    case .enrolment: "/onboarding/factor"
                    }
                return start(step.issued, at: path + Self.query([("return_to", returnTo)]), in: browser)
            } catch let refusal as Refusal where refusal.belongsToForm {
                // To draw the form for each of a flood would take the time of those who have something else to do.
                if case .limited = refusal.kind, parts.signIn.isCrowded { throw refusal }
                let page = SignInPage(identifier: identifier, returnTo: returnTo, refusal: refusal)
                return try lone(page, request, context, after: refusal)
            }
        }
        router.get("/sign-in/factor") { request, context -> Response in
            guard let session = try await unfinished(request), session.stage == .factor else {
                return .seeOther("/sign-in" + Self.query([("return_to", Self.checkedPath(request.query("return_to")))]))
            }
            return try lone(try await factorPage(session, request), request, context)
        }
        router.post("/sign-in/factor") { request, context -> Response in
            let form = try await request.form(in: context)
            guard let session = try await unfinished(request), session.stage == .factor else { throw Self.signInAgain }
            do {
                let proof = FactorProof(typed: try form.require(form["code"] == nil ? "recovery_code" : "code"))
                let issued = try await parts.signIn.factor(proof, in: session, by: principal(of: session, context))
                return start(issued, goingOnTo: Self.checkedPath(request.query("return_to")))
            } catch let refusal as Refusal where refusal.code == SignIn.confirmByMail.code {
                return .seeOther("/sign-in/waiting" + Self.query([("return_to", Self.checkedPath(request.query("return_to")))]))
            } catch let refusal as Refusal where refusal.code == SignIn.stopped.code {
                return try lone(LoneFormPage.stopped(refusal), request, context, after: refusal)
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try lone(try await factorPage(session, request, refusal: refusal), request, context, after: refusal)
            }
        }
        addUnusual(to: router)
        router.get("/sign-out") { request, context -> Response in
            let sheet = Sheet(action: "/sign-out", button: "Sign out", fields: [])
            let page = LoneFormPage(
                "Sign out?", lead: "Here and everywhere you went from here.", form: sheet, below: Link("Stay signed in", "/"))
            return try lone(page, request, context)
        }
        router.post("/sign-out") { request, context -> Response in
            if let token = HostCookie.session.value(in: request), let session = try await parts.sessions.find(token: token) {
                try await parts.sessions.signOut(session, by: principal(of: session, context))
            }
            var response = Response.seeOther("/sign-in?signed-out")
            HostCookie.session.clear(on: &response)
            return response
        }
    }

    func factorPage(_ session: Session, _ request: Request, refusal: Refusal? = nil) async throws -> LoneFormPage {
        let summary = try await parts.factors.summary(of: session.account)
        let isRecovery = request.query("with") == "recovery"
        let returnTo = Self.checkedPath(request.query("return_to"))
        // A wrong code is the field's problem, not the page's.
        let placed = refusal.map { given in
            given.fields.isEmpty && given.kind == .unauthenticated && given.code != "wrong-passkey"
                ? Refusal(
                    given.kind, given.code, given.message,
                    fields: [.init(field: isRecovery ? "recovery_code" : "code", message: given.message)])
                : given
        }
        return isRecovery
            ? .recoveryCode(returnTo: returnTo, refusal: placed)
            : .factor(
                returnTo: returnTo, hasAuthenticator: summary.hasAuthenticator, hasPasskey: !summary.passkeys.isEmpty, refusal: placed)
    }

    /// The session that is on its way: what the authenticator doesn't count as a visitor yet.
    func unfinished(_ request: Request) async throws -> Session? {
        guard let token = HostCookie.session.value(in: request) else { return nil }
        return try await parts.sessions.find(token: token)
    }

    func principal(of session: Session, _ context: HoldfastContext) -> Principal {
        Principal(.account(session.account), session: session.id, address: context.address)
    }

    /// Goes on with a session's new token in the cookie.
    func start(_ issued: IssuedSession, at path: String, in browser: Browser? = nil) -> Response {
        var response = Response.seeOther(path)
        browser?.remember(on: &response)
        HostCookie.session.set(issued.token.text, on: &response)
        return response
    }

    /// The same where the way may lead to another host in the end.
    func start(_ issued: IssuedSession, goingOnTo path: String?, in browser: Browser? = nil) -> Response {
        var response = onward(to: path)
        browser?.remember(on: &response)
        HostCookie.session.set(issued.token.text, on: &response)
        return response
    }

    /// Browsers hold every redirect after a form against the page's `form-action`. Where an application waits at the end,
    /// on a host we don't know yet, a page in between starts a navigation of its own.
    func onward(to path: String?) -> Response {
        let path = path ?? "/"
        return .seeOther(path.hasPrefix("/oauth/") ? "/sign-in/continue" + Self.query([("to", path)]) : path)
    }

    static let signInAgain = Refusal(.unauthenticated, "sign-in-again", "Your sign-in took too long or has ended. Please sign in again.")
}
