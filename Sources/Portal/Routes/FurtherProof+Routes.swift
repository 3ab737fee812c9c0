import Hummingbird
import Identity
import Vocabulary
import Web

/// "One thing more": for who came with a passkey alone and goes where that is not enough.
extension Portal {
    func addFurtherProof(to router: Router<HoldfastContext>) {
        page("/confirm/further", on: router) { visit in
            try lone(try await visit.furtherPage(), visit.request, visit.context)
        }
        action("/confirm/further", on: router) { visit, form in
            do {
                let session = try await visit.session()
                let issued =
                    if form["password"] != nil {
                        try await parts.signIn.further(try form.secret("password"), in: session, by: visit.principal)
                    } else {
                        try await parts.signIn.reauthenticate(
                            FactorProof(typed: try form.require("code")), in: session, by: visit.principal)
                    }
                return start(issued, goingOnTo: visit.returnTo)
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try lone(try await visit.furtherPage(refusal: refusal), visit.request, visit.context, after: refusal)
            }
        }
    }
}

extension Visit {
    /// A code where there is an app for it; the password otherwise, which everybody has.
    fileprivate func furtherPage(refusal: Refusal? = nil) async throws -> LoneFormPage {
        let hasAuthenticator = try await parts.factors.summary(of: account.id).hasAuthenticator
        let asksPassword = request.query("with").map { $0 == "password" } ?? !hasAuthenticator
        return .further(returnTo: returnTo, asksPassword: asksPassword, hasAuthenticator: hasAuthenticator, refusal: refusal)
    }
}
