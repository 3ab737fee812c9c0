import Hummingbird
import Identity
import Vocabulary
import Web

extension Portal {
    /// A forgotten password: the link by mail, then the second factor and a new one.
    func addPasswordReset(to router: Router<HoldfastContext>) {
        router.get("/password/forgotten") { request, context -> Response in try lone(LoneFormPage.forgotten(), request, context) }
        router.post("/password/forgotten") { request, context -> Response in
            let form = try await request.form(in: context)
            do {
                try await parts.passwordReset.request(identifier: try form.require("identifier"), by: context.principal)
                return .seeOther("/password/forgotten/sent")
            } catch let refusal as Refusal where refusal.belongsToForm {
                let page = LoneFormPage.forgotten(identifier: form["identifier"] ?? "", refusal: refusal)
                return try lone(page, request, context, after: refusal)
            }
        }
        router.get("/password/forgotten/sent") { request, context -> Response in try lone(LoneFormPage.forgottenSent(), request, context) }
        router.get("/password/reset/{token}") { request, context -> Response in
            let token = try context.parameter("token")
            let asked = try await parts.passwordReset.inspect(token)
            return try lone(resetPage(token, asked), request, context)
        }
        router.post("/password/reset/{token}/options") { _, context -> Response in
            Response.json(try await parts.passwordReset.passkeyOptions(try context.parameter("token")))
        }
        router.post("/password/reset/{token}") { request, context -> Response in
            let token = try context.parameter("token")
            let form = try await request.form(in: context)
            let asked = try await parts.passwordReset.inspect(token)
            do {
                var proof = form["code"].flatMap { $0.isEmpty ? nil : FactorProof(typed: $0) }
                if let answer = form["credential"], !answer.isEmpty { proof = try await parts.passwordReset.passkeyProof(answer, token) }
                try await parts.passwordReset.finish(
                    token, newPassword: try form.secret("password"), proof: proof, by: context.principal)
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try lone(resetPage(token, asked, refusal: refusal), request, context, after: refusal)
            }
            var response = Response.seeOther("/sign-in")
            HostCookie.session.clear(on: &response)
            try parts.flash.set(Notice(.done, "Your password is set. Sign in with it."), on: &response, in: context)
            return response
        }
    }

    private func resetPage(_ token: String, _ asked: PasswordReset.Form, refusal: Refusal? = nil) -> LoneFormPage {
        .reset(
            action: "/password/reset/\(token)", identifier: asked.identifier, needsFactor: asked.needsFactor, hasPasskey: asked.hasPasskey,
            hint: asked.policy.description, refusal: refusal)
    }
}
