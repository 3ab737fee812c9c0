import Hummingbird
import Identity
import Vocabulary
import Web

extension Portal {
    /// The link that two administrators sent: with the password it leads to enrolling anew.
    func addFactorReset(to router: Router<HoldfastContext>) {
        router.get("/factor-reset/{token}") { request, context -> Response in
            let token = try context.parameter("token")
            let account = try await parts.desk.factorResets.inspect(token)
            return try lone(LoneFormPage.factorReset(action: "/factor-reset/\(token)", identifier: account.identifier), request, context)
        }
        router.post("/factor-reset/{token}") { request, context -> Response in
            let token = try context.parameter("token")
            let form = try await request.form(in: context)
            let account = try await parts.desk.factorResets.inspect(token)
            let browser = browser(request)
            do {
                let issued = try await parts.desk.factorResets.use(
                    token, password: try form.secret("password"), by: context.principal, agent: browser.agent)
                return start(issued, at: "/onboarding/factor", in: browser)
            } catch let refusal as Refusal where refusal.belongsToForm {
                let page = LoneFormPage.factorReset(action: "/factor-reset/\(token)", identifier: account.identifier, refusal: refusal)
                return try lone(page, request, context, after: refusal)
            }
        }
    }
}
