import Hummingbird
import Identity
import Vocabulary
import Web

extension Portal {
    /// What is thought of a password while it is typed. It is neither kept nor logged, and guessed at nothing: the answer depends on what is sent alone.
    func addPasswordOpinion(to router: Router<HoldfastContext>) {
        router.post("/password/opinion") { request, context -> Response in
            let form = try await request.form(in: context)
            let password = try form.secret("password")
            let (policy, place) = try await rule(for: form["place"] ?? "", context)
            let opinion = try await PasswordOpinion.of(
                password, policy, context: form.values("word") + [place, parts.product].compactMap { $0 },
                breached: parts.desk.plane.breachedPasswords)
            return .json(["level": .integer(Int64(opinion.verdict.rawValue)), "text": .string(opinion.text)])
        }
    }

    /// The rule of the page that it is typed on, and the customer's name that mustn't be in it.
    private func rule(for path: String, _ context: HoldfastContext) async throws -> (PasswordPolicy, String?) {
        let steps = path.split(separator: "/").map(String.init)
        do {
            switch (steps.first, steps.dropFirst().first, steps.last) {
            case ("invitations", _?, let token?) where steps.count == 2:
                let offer = try await parts.invitations.inspect(token)
                return (offer.policy, offer.invitation.tenantName)
            case ("password", "reset", let token?) where steps.count == 3: return (try await parts.passwordReset.inspect(token).policy, nil)
            default: break
            }
        } catch is Refusal {
            return (PasswordPolicy(), nil)
        }
        guard let account = context.visitor?.account else { return (PasswordPolicy(), nil) }
        return (try await parts.passwords.policy(for: account), nil)
    }
}
