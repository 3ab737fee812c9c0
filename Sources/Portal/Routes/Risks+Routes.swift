import HTTPTypes
import Hummingbird
import Identity
import Vocabulary
import Web

extension Portal {
    /// While an unusual sign-in waits for its owner's word.
    func addUnusual(to router: Router<HoldfastContext>) {
        router.get("/sign-in/waiting") { request, context -> Response in
            let returnTo = Self.checkedPath(request.query("return_to"))
            guard let session = try await unfinished(request), session.stage == .factor else {
                return .seeOther("/sign-in" + Self.query([("return_to", returnTo)]))
            }
            if let issued = try await parts.signIn.resume(session, by: principal(of: session, context)) {
                return start(issued, goingOnTo: returnTo)
            }
            return try lone(WaitingPage(to: "/sign-in/waiting" + Self.query([("return_to", returnTo)])), request, context)
        }
        router.get("/sign-in/confirmation/{token}") { request, context -> Response in
            let token = try context.parameter("token")
            let event = try await parts.signIn.inspectConfirmation(token)
            let facts = [event.platform.name, event.country, event.network].compactMap(\.self).joined(separator: ", ")
            let page = LoneFormPage.confirmSignIn(
                action: "/sign-in/confirmation/\(token)", when: Moment(event.at).text, facts: facts)
            return try lone(page, request, context)
        }
        router.post("/sign-in/confirmation/{token}") { request, context -> Response in
            try await parts.signIn.confirm(try context.parameter("token"), by: context.principal)
            let page = LoneFormPage("Thank you", lead: "The browser in which you sign in goes on by itself.", form: nil)
            return try lone(page, request, context)
        }
    }

    /// What was unusual among a tenant's people, for its administrators.
    func addRisks(to router: Router<HoldfastContext>) {
        room("/people/risks", on: router) { try await $0.showRisks() }
        deed("/people/risks", on: router) { room, form in
            try await room.requireRisks()
            do {
                guard let medium = RiskPolicy.Action(rawValue: form["medium"] ?? ""),
                    let high = RiskPolicy.Action(rawValue: form["high"] ?? "")
                else { throw Refusal.invalid("risk-policy", "Choose what is done.") }
                try room.context.requireRecentProof()
                try await parts.desk.risks.setPolicy(
                    RiskPolicy(medium: medium, high: high), of: room.tenant.id, by: room.visit.principal)
                return try room.go("/people/risks", Notice(.done, "The rule is saved and holds from the next sign-in on."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await room.showRisks(medium: form["medium"], high: form["high"], refusal: refusal)
            }
        }
        deed("/people/risks/{id}/dismiss", on: router) { room, _ in
            try await room.requireRisks()
            let id: RiskEventID = try room.context.id("id", what: "sign-in")
            do {
                try await parts.desk.risks.dismiss(id, in: room.tenant.id, by: room.visit.principal)
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try room.go("/people/risks", Notice(.problem, refusal.message))
            }
            return try room.go("/people/risks", Notice(.done, "Noted: that sign-in was right."))
        }
    }
}

extension Room {
    fileprivate func requireRisks() async throws { try await workspace.roles.require(.managePeople, by: actor) }

    fileprivate func showRisks(medium: String? = nil, high: String? = nil, refusal: Refusal? = nil) async throws -> Response {
        try await requireRisks()
        let policy = try await parts.desk.risks.policy(of: tenant.id)
        let events = try await parts.desk.risks.list(in: tenant.id)
        let people = try await parts.accounts.find(events.map(\.account))
        let page = RisksPage(
            policy: RisksPage.policy(medium: medium ?? policy.medium.rawValue, high: high ?? policy.high.rawValue, refusal: refusal),
            unusual: events.map { event in
                UnusualRow(
                    event, from: [], who: people[event.account]?.displayName ?? "A former member",
                    dismiss: event.account == visit.account.id ? nil : "/people/risks/\(event.id)/dismiss")
            })
        return try show(page, current: "People", after: refusal)
    }
}
