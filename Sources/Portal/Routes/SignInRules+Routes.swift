import Hummingbird
import Identity
import Vocabulary
import Web

/// What a customer asks of its people's passwords, on top of what the platform does.
extension Portal {
    func addSignInRules(to router: Router<HoldfastContext>) {
        room("/people/rules", on: router) { room in
            try await room.workspace.roles.require(.managePeople, by: room.actor)
            return try room.showRules(try await parts.passwords.policy(of: room.tenant.id))
        }
        deed("/people/rules", on: router) { room, form in
            try await room.workspace.roles.require(.managePeople, by: room.actor)
            let classic = form["classic"] != nil
            let range = PasswordPolicy.shortestRange
            do {
                guard let shortest = Int(form["shortest"] ?? ""), range.contains(shortest) else {
                    throw Refusal.invalid(
                        "password-rule", "Give a number from \(range.lowerBound) to \(range.upperBound).", field: "shortest")
                }
                try room.context.requireRecentProof()
                try await parts.passwords.setRule(
                    PasswordPolicy(classic: classic, shortest: shortest), of: room.tenant.id, by: room.visit.principal)
                return try room.go("/people", Notice(.done, "The rule is saved. It holds for every new password from now on."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try room.showRules(PasswordPolicy(classic: classic), typed: form["shortest"], refusal: refusal)
            }
        }
    }
}

extension Room {
    fileprivate func showRules(_ policy: PasswordPolicy, typed: String? = nil, refusal: Refusal? = nil) throws -> Response {
        let page = FormPage(
            Head(
                "Rules for passwords",
                lead:
                    "Length and not being guessable is what today’s advice asks for (NIST SP 800-63B-4). Ask for more where your own rules do; it holds for new passwords, and for people of several customers the strictest."
            ), crumbs: [Link("People", "/people")],
            form: Sheet(
                action: "/people/rules", button: "Save", cancel: Link("Cancel", "/people"),
                fields: [
                    FormField(
                        "shortest", "Least number of characters", .number(mode: "numeric"), value: typed ?? "\(policy.shortest)",
                        hint: "From 8 to 64.", isRequired: true),
                    FormField(
                        "classic", "Ask for a lower-case letter, an upper-case letter, and a digit or another character", .checkbox,
                        value: policy.classic ? "on" : "", hint: "Only if a rule of yours says so: it makes passwords no harder to guess."),
                ], refusal: refusal))
        return try show(page, current: "People", after: refusal)
    }
}
