import Hummingbird
import Identity
import Vocabulary
import Web

/// Who belongs to the tenant, and as what.
extension Portal {
    func addPeople(to router: Router<HoldfastContext>) {
        room("/people", on: router) { room in
            try await room.requirePeople()
            return try await room.showPeople()
        }
        room("/people/invite", on: router) { room in
            try await room.requirePeople()
            return try await room.showInvite()
        }
        deed("/people/invitations", on: router) { room, form in
            try await room.requirePeople()
            do {
                let address = try form.require("address")
                let roles = form.values("role")
                if Role.arePowerful(roles) { try room.context.requireRecentProof() }
                try await room.workspace.roles.requireGrantable(roles, by: room.actor)
                _ = try await parts.invitations.invite(
                    address, to: room.tenant.id, named: room.tenant.name, roles: roles, by: room.visit.principal)
                return try room.go("/people", Notice(.done, "The invitation is on its way to \(address)."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await room.showInvite(address: form["address"] ?? "", role: form["role"] ?? "", refusal: refusal)
            }
        }
        deed("/people/invitations/{id}/withdraw", on: router) { room, _ in
            try await room.requirePeople()
            let id: InvitationID = try room.context.id("id", what: "invitation")
            try await parts.invitations.withdraw(id, in: room.tenant.id, by: room.visit.principal)
            return try room.go("/people", Notice(.done, "The invitation is withdrawn. Its link no longer works."))
        }
        deed("/people/invitations/{id}/resend", on: router) { room, _ in
            try await room.requirePeople()
            let id: InvitationID = try room.context.id("id", what: "invitation")
            let sent = try await parts.invitations.resend(id, in: room.tenant.id, by: room.visit.principal)
            return try room.go("/people", Notice(.done, "A new link is on its way to \(sent.address). The old one no longer works."))
        }
        addMembers(to: router)
        addMemberDevices(to: router)
        addRisks(to: router)
        addFactorResets(to: router)
    }

    /// Two administrators vouch for somebody who has lost every factor.
    private func addFactorResets(to router: Router<HoldfastContext>) {
        deed("/people/{id}/factor-reset", on: router) { room, _ in
            let account = try await room.accountForReset()
            try await parts.desk.factorResets.request(account, in: room.tenant.id, by: room.visit.principal)
            return try room.go("/people/\(account)", Notice(.done, "Asked. Another administrator has to approve it on this page."))
        }
        deed("/people/{id}/factor-reset/approval", on: router) { room, form in
            let account = try await room.accountForReset()
            guard let id = form["reset"].flatMap({ FactorResetID($0) }) else { throw Refusal.notFound("reset") }
            try await parts.desk.factorResets.approve(id, in: room.tenant.id, by: room.visit.principal)
            return try room.go("/people/\(account)", Notice(.done, "Approved. They get a link by mail, which works with their password."))
        }
        deed("/people/{id}/factor-reset/withdrawal", on: router) { room, form in
            let account = try await room.accountForReset()
            guard let id = form["reset"].flatMap({ FactorResetID($0) }) else { throw Refusal.notFound("reset") }
            try await parts.desk.factorResets.withdraw(id, in: room.tenant.id, by: room.visit.principal)
            return try room.go("/people/\(account)", Notice(.done, "Taken back. A link that was sent no longer works."))
        }
    }

    private func addMembers(to router: Router<HoldfastContext>) {
        room("/people/{id}", on: router) { room in
            try await room.requirePeople()
            return try await room.showMember()
        }
        deed("/people/{id}/roles", on: router) { room, form in
            try await room.requirePeople()
            let account: AccountID = try room.context.id("id", what: "member")
            do {
                let wanted = form.values("role")
                guard !wanted.isEmpty else { throw Refusal.invalid("role-missing", "Choose at least one role, or remove the person.") }
                guard let member = try await parts.memberships.find(account, in: room.tenant.id) else { throw Refusal.notFound("member") }
                let present = Set(member.roles.map(\.name))
                let turned = present.symmetricDifference(wanted)
                if Role.arePowerful(turned) { try room.context.requireRecentProof() }
                try await room.workspace.roles.requireGrantable(turned.sorted(), by: room.actor)
                try await parts.memberships.setRoles(wanted, of: account, in: room.tenant.id, by: room.visit.principal)
                return try room.go("/people", Notice(.done, "The roles are saved and hold from now on."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await room.showMember(chosen: form.values("role"), refusal: refusal)
            }
        }
        deed("/people/{id}/remove", on: router) { room, form in
            try await room.requirePeople()
            let account: AccountID = try room.context.id("id", what: "member")
            let name = try await parts.accounts.find(account)?.displayName ?? "They"
            guard form["sure"] == "yes" else { return try room.showRemoval(of: name, account) }
            try await parts.memberships.end(account, in: room.tenant.id, by: room.visit.principal)
            return try room.go("/people", Notice(.done, "\(name) is out; all their sessions here have ended."))
        }
    }
}

extension Room {
    fileprivate func requirePeople() async throws { try await workspace.roles.require(.managePeople, by: actor) }

    fileprivate func accountForReset() async throws -> AccountID {
        try await requirePeople()
        try context.requireRecentProof()
        return try context.id("id", what: "member")
    }

    /// What this administrator can do for somebody without a factor. Who may not is told by the domain.
    private func resetSteps(for id: AccountID) async throws -> [MemberPage.Removal] {
        guard id != visit.account.id else { return [] }
        let path = "/people/\(id)/factor-reset"
        guard let reset = try await parts.desk.factorResets.open(of: id, in: tenant.id) else {
            return [
                .init(
                    text: "Two administrators together can let them set up a new one. Make sure that it is really them who ask: call them.",
                    action: path, button: "Ask for a reset")
            ]
        }
        let withdraw = MemberPage.Removal(
            text: "", action: path + "/withdrawal", button: "Take it back", hidden: [("reset", reset.id.description)])
        let who = try await parts.accounts.find(reset.requestedBy)?.displayName ?? "An administrator"
        if let opensAt = reset.opensAt {
            return [withdraw.saying("Approved. Their link works from \(Moment(opensAt).text) on, with their password.")]
        }
        guard reset.requestedBy != visit.account.id else {
            return [withdraw.saying("You asked for a reset. Another administrator has to approve it on this page within three days.")]
        }
        return [
            .init(
                text: "\(who) says that they have lost every factor. Approve it only if you know that, too: call them.",
                action: path + "/approval", button: "Approve the reset", hidden: [("reset", reset.id.description)]),
            withdraw,
        ]
    }

    fileprivate func showPeople() async throws -> Response {
        let page = try await parts.memberships.page(
            in: tenant.id, after: request.query("after").flatMap { MembershipID($0) },
            before: request.query("before").flatMap { MembershipID($0) })
        let memberships = page.members
        let accounts = try await parts.accounts.find(memberships.map(\.account))
        let invitations = try await parts.invitations.list(in: tenant.id)
        let inviters = try await parts.accounts.find(invitations.compactMap(\.invitedBy))
        let seen = try await parts.sessions.lastSeen(in: tenant.id)
        let members = memberships.map { membership in
            let account = accounts[membership.account]
            let isYou = membership.account == visit.account.id
            return PeoplePage.Member(
                name: account?.displayName ?? "Unknown", identifier: account?.identifier ?? "", roles: membership.roles.map(\.name),
                seen: seen[membership.account].map { Moment($0) }, isYou: isYou, isDisabled: account?.isActive == false,
                address: isYou ? nil : "/people/\(membership.account)")
        }
        let invited = invitations.map { invitation in
            PeoplePage.Invited(
                identifier: invitation.address, roles: invitation.roles.map(\.name),
                who: invitation.invitedBy.flatMap { inviters[$0]?.displayName } ?? parts.product, at: Moment(invitation.createdAt),
                until: Moment(invitation.expiresAt), withdraw: "/people/invitations/\(invitation.id)/withdraw",
                resend: "/people/invitations/\(invitation.id)/resend")
        }
        let pager = Pager(
            said: "\(Numeral.text(members.count)) of \(Numeral.count(page.total, "person", "people"))",
            previous: page.previous.map { "/people" + Portal.query([("before", $0.description)]) },
            next: page.next.map { "/people" + Portal.query([("after", $0.description)]) })
        return try show(
            PeoplePage(
                place: tenant.name, total: page.total, members: members, pager: page.members.count < page.total ? pager : nil,
                invitations: invited, mayInvite: true), current: "People")
    }

    private static func hint(for role: String) -> String? {
        switch role {
        case "owner": "Everything, ownership included."
        case "administrator": "People, roles, collections and all records."
        case "editor": "Reads and changes records, imports and exports."
        case "reader": "Reads and exports records."
        default: nil
        }
    }

    fileprivate func showInvite(address: String = "", role: String = "reader", refusal: Refusal? = nil) async throws -> Response {
        let roles = try await workspace.roles.list(by: actor).filter { mayGive($0.name) }
        let page = FormPage(
            Head("Invite somebody", lead: "They get a link by mail. It works once, for that address only, and for seven days."),
            crumbs: [Link("People", "/people")],
            form: Sheet(
                action: "/people/invitations", button: "Send invitation", cancel: Link("Cancel", "/people"),
                fields: [
                    FormField("address", "Address", .email, value: address, isRequired: true, autocomplete: "off"),
                    FormField("role", "Role", .radio(roles.map { .init($0.name, $0.label, hint: Self.hint(for: $0.name)) }), value: role),
                ], refusal: refusal))
        return try show(page, current: "People", after: refusal)
    }

    /// Only owners make owners; the rest the domain decides.
    private func mayGive(_ role: String) -> Bool { role != "owner" || actor.roles.contains("owner") }

    fileprivate func showMember(chosen: [String]? = nil, refusal: Refusal? = nil) async throws -> Response {
        let id: AccountID = try context.id("id", what: "member")
        guard let membership = try await parts.memberships.find(id, in: tenant.id), let account = try await parts.accounts.find(id) else {
            throw Refusal.notFound("member")
        }
        let held = chosen ?? membership.roles.map(\.name)
        let roles = try await workspace.roles.list(by: actor)
        let fields = roles.filter { mayGive($0.name) || held.contains($0.name) }.map { role in
            FormField(
                "role", role.label, .checkbox, value: held.contains(role.name) ? "on" : "", hint: Self.hint(for: role.name),
                id: "role-\(role.name)", tick: role.name)
        }
        let page = MemberPage(
            head: Head(account.displayName, lead: account.identifier, actions: [.init("Devices", "/people/\(id)/devices")]),
            place: tenant.name,
            roles: Sheet(action: "/people/\(id)/roles", button: "Save roles", fields: fields, refusal: refusal),
            reset: try await resetSteps(for: id),
            removal: .init(
                text: "All their sessions here end within a second. What they changed stays, with their name.",
                action: "/people/\(id)/remove", button: "Remove \(account.displayName)"))
        return try show(page, current: "People", after: refusal)
    }

    /// There is no undo for this: coming back takes an invitation. So it is asked once.
    fileprivate func showRemoval(of name: String, _ account: AccountID) throws -> Response {
        let page = FormPage(
            Head("Remove \(name)?", lead: "They lose access to \(tenant.name) at once. To come back they need a new invitation."),
            crumbs: [Link("People", "/people")],
            form: Sheet(
                action: "/people/\(account)/remove", button: "Remove \(name)", cancel: Link("Keep them", "/people"), fields: [],
                hidden: [("sure", "yes")]), isDangerous: true)
        return try show(page, current: "People")
    }
}
