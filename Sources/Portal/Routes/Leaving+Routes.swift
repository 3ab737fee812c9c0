import Hummingbird
import Identity
import Vocabulary
import Web

/// When somebody leaves: what ends, and what becomes of their records.
extension Room {
    func showLeaving(how: String? = nil, successor: String = "", refusal: Refusal? = nil) async throws -> Response {
        let (membership, account) = try await member()
        let sessions = try await parts.sessions.list(of: account.id).count { $0.tenant == tenant.id }
        let sent = try await parts.invitations.list(in: tenant.id).count { $0.invitedBy == account.id }
        let others = try await parts.memberships.page(in: tenant.id, limit: 200).members.filter {
            $0.account != account.id && !$0.isSuspended
        }
        let names = try await parts.accounts.find(others.map(\.account))
        let choices = others.compactMap { names[$0.account] }.filter(\.isActive).map {
            FormField.Option($0.id.description, "\($0.displayName), \($0.identifier)")
        }
        let offers = sent > 0 ? " If you remove them, \(Numeral.count(sent, "invitation")) that they sent become worthless." : ""
        let page = FormPage(
            Head(
                "\(account.displayName) leaves",
                lead: "\(Numeral.count(sessions, "session")) and every token of theirs end at once, everywhere in \(tenant.name).\(offers)"),
            crumbs: [Link("People", "/people"), Link(account.displayName, "/people/\(account.id)")],
            form: Sheet(
                action: "/people/\(account.id)/leaving", button: "End their access", cancel: Link("Keep them", "/people/\(account.id)"),
                fields: [
                    FormField(
                        "how", "What becomes of their place",
                        .radio([
                            .init("remove", "Remove", hint: "They leave for good. To come back they need a new invitation."),
                            .init(
                                "disable", "Disable",
                                hint:
                                    "They stay on the list with their roles, and can be let in again. For a leave, or while something is cleared up."
                            ),
                        ]), value: how ?? (membership.isSuspended ? "remove" : "")),
                    FormField(
                        "successor", "What becomes of their records", .select([.init("", "They stay theirs")] + choices), value: successor,
                        hint: "Whom you choose owns them from now on, in every environment. History keeps who made them."),
                ], refusal: refusal), isDangerous: true)
        return try show(page, current: "People", after: refusal)
    }

    func letGo(_ form: Form) async throws -> Response {
        let (membership, account) = try await member()
        let how = form["how"]
        guard how == "remove" || how == "disable" else {
            throw Refusal.invalid("how-missing", "Choose whether to remove or to disable them.", field: "how")
        }
        let vouched = try await vouch(taking: membership.roles.map(\.name))
        if let text = form["successor"], !text.isEmpty {
            guard let successor = AccountID(text), let other = try await parts.memberships.find(successor, in: tenant.id),
                !other.isSuspended
            else { throw Refusal.invalid("successor", "Choose somebody of \(tenant.name).", field: "successor") }
            for space in try await [workspace] + elsewhere() {
                try await space.handovers.handOver(from: account.id, to: successor, by: actor)
            }
        }
        if how == "disable" {
            try await parts.memberships.suspend(account.id, in: tenant.id, vouched: vouched, by: visit.principal)
            return try go("/people/\(account.id)", Notice(.done, "\(account.displayName) is disabled; all their sessions here have ended."))
        }
        try await parts.memberships.end(account.id, in: tenant.id, vouched: vouched, by: visit.principal)
        return try go("/people", Notice(.done, "\(account.displayName) is out; all their sessions here have ended."))
    }
}
