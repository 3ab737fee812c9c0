import Hummingbird
import Identity
import Vocabulary
import Web

/// What a customer asks of its people's passwords and sign-ins, on top of what the platform does.
extension Portal {
    func addSignInRules(to router: Router<HoldfastContext>) {
        room("/people/rules", on: router) { room in
            try await room.workspace.roles.require(.managePeople, by: room.actor)
            return try room.showRules(
                try await parts.passwords.policy(of: room.tenant.id), try await parts.desk.signInRules.rule(of: room.tenant.id))
        }
        deed("/people/rules", on: router) { room, form in
            try await room.workspace.roles.require(.managePeople, by: room.actor)
            let rule = SignInRule(admitsPasskeyAlone: form["further"] == nil)
            let classic = form["classic"] != nil
            let range = PasswordPolicy.shortestRange
            do {
                guard let shortest = Int(form["shortest"] ?? ""), range.contains(shortest) else {
                    throw Refusal.invalid(
                        "password-rule", "Give a number from \(range.lowerBound) to \(range.upperBound).", field: "shortest")
                }
                try room.context.requireRecentProof()
                let policy = PasswordPolicy(classic: classic, shortest: shortest)
                // Two rules: the log tells of the one that was changed.
                if try await parts.passwords.policy(of: room.tenant.id) != policy {
                    try await parts.passwords.setRule(policy, of: room.tenant.id, by: room.visit.principal)
                }
                if try await parts.desk.signInRules.rule(of: room.tenant.id) != rule {
                    try await parts.desk.signInRules.set(rule, of: room.tenant.id, by: room.visit.principal)
                }
                return try room.go("/people", Notice(.done, "The rules are saved. What concerns passwords holds for every new one."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try room.showRules(PasswordPolicy(classic: classic), rule, typed: form["shortest"], refusal: refusal)
            }
        }
    }
}

extension Room {
    fileprivate func showRules(
        _ policy: PasswordPolicy, _ rule: SignInRule, typed: String? = nil, refusal: Refusal? = nil
    ) throws -> Response {
        let page = FormPage(
            Head(
                "Rules for signing in",
                lead:
                    "Out of the box they are what today’s advice asks for (NIST SP 800-63B-4): length and not being guessable, and a second factor for everybody. Ask for more where your own rules do."
            ), crumbs: [Link("People", "/people")],
            form: Sheet(
                action: "/people/rules", button: "Save", cancel: Link("Cancel", "/people"),
                fields: [
                    FormField(
                        "shortest", "Least number of characters of a password", .number(mode: "numeric"),
                        value: typed ?? "\(policy.shortest)",
                        hint: "From 8 to 64. For people of several customers the strictest rule for passwords holds.", isRequired: true),
                    FormField(
                        "classic", "Ask for a lower-case letter, an upper-case letter, and a digit or another character", .checkbox,
                        value: policy.classic ? "on" : "", hint: "Only if a rule of yours says so: it makes passwords no harder to guess."),
                    FormField(
                        "further", "Ask for the password or a code beside a passkey", .checkbox, value: rule.admitsPasskeyAlone ? "" : "on",
                        hint:
                            "A passkey is unlocked by its owner’s finger, face or PIN, so it is two factors already. Whoever came in with one alone is asked when they open one of your environments, those who are in at once."
                    ),
                ], refusal: refusal))
        return try show(page, current: "People", after: refusal)
    }
}
