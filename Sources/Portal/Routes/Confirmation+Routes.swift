import HTTPTypes
import Hummingbird
import Identity
import OIDCProvider
import Vocabulary
import Web

/// "Confirm that it is you": what dangerous things ask for when the last proof is too old, and then back to what one was doing.
extension Portal {
    func addConfirmation(to router: Router<HoldfastContext>) {
        page("/confirm", on: router) { visit in
            try lone(try await visit.confirmationPage(), visit.request, visit.context)
        }
        action("/confirm", on: router) { visit, form in
            try await visit.confirm { try FactorProof(typed: form.require("code")) }
        }
        action("/confirm/passkey", on: router) { visit, form in
            let session = try await visit.session()
            return try await visit.confirm { try await parts.signIn.passkeyProof(form["credential"] ?? "", in: session) }
        }
        router.post("/confirm/passkey/options") { request, _ -> Response in
            Response.json(try await parts.signIn.passkeyOptions(in: try await session(request, at: .complete)))
        }
    }

    private static func again(_ path: String) -> String {
        if path.contains("again=1") { return path }
        return path + (path.contains("?") ? "&" : "?") + "again=1"
    }

    /// Runs a route. Where it takes a recent proof, sends a person to give one first; a program learns it from the problem (RFC 9470).
    func confirming(
        _ request: Request, _ context: HoldfastContext, _ body: () async throws -> Response
    ) async throws -> Response {
        do {
            return try await body()
        } catch let refusal as Refusal where refusal.code == RecentProof.refusal.code && context.wantsPage {
            // The page that it was typed in comes again, after the proof; script puts back what was typed, where it is told `again`.
            let place =
                request.method == .get
                ? Self.checkedPath(request.uri.string)
                : Self.again(Self.localPath(of: request.headers[.referer], origin: context.origin))
            return .seeOther(
                context.site == .apex
                    ? "/confirm" + Self.query([("return_to", place)])
                    : "/sign-in/start" + Self.query([("return", place), ("confirm", "yes")]))
        }
    }
}

extension Visit {
    /// An application's request waits, sealed, in `continue`; a page of our own in `return_to`.
    var returnTo: String? {
        request.query("continue").map(AuthorizationEndpoint.resumption) ?? Portal.checkedPath(request.query("return_to"))
    }

    fileprivate func confirmationPage(refusal: Refusal? = nil) async throws -> LoneFormPage {
        let summary = try await parts.factors.summary(of: account.id)
        return .confirmation(
            returnTo: returnTo, hasAuthenticator: summary.hasAuthenticator, hasPasskey: !summary.passkeys.isEmpty, refusal: refusal)
    }

    fileprivate func confirm(_ proof: () async throws -> FactorProof) async throws -> Response {
        do {
            let issued = try await parts.signIn.reauthenticate(try await proof(), in: try await session(), by: principal)
            return portal.start(issued, goingOnTo: returnTo ?? "/account")
        } catch let refusal as Refusal where refusal.belongsToForm {
            return try portal.lone(try await confirmationPage(refusal: refusal), request, context, after: refusal)
        }
    }
}
