import Hummingbird
import Identity
import Records
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
                return try await room.invite(form)
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await room.showInvite(
                    addresses: form["address"] ?? "", chosen: form.values("role"), days: form["days"] ?? "7",
                    grants: Set(form.values("grant")), refusal: refusal)
            }
        }
        deed("/people/invitations/{id}/withdraw", on: router) { room, _ in
            try await room.requirePeople()
            let id: InvitationID = try room.context.id("id", what: "invitation")
            let vouched = try await room.vouch(taking: parts.invitations.find(id, in: room.tenant.id).roles.map(\.name))
            try await parts.invitations.withdraw(id, in: room.tenant.id, vouched: vouched, by: room.visit.principal)
            return try room.go("/people", Notice(.done, "The invitation is withdrawn. Its link no longer works."))
        }
        deed("/people/invitations/{id}/resend", on: router) { room, _ in
            try await room.requirePeople()
            let id: InvitationID = try room.context.id("id", what: "invitation")
            let vouched = try await room.vouch(taking: parts.invitations.find(id, in: room.tenant.id).roles.map(\.name))
            let sent = try await parts.invitations.resend(id, in: room.tenant.id, vouched: vouched, by: room.visit.principal)
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
                try room.context.requireRecentProof()
                let present = member.roles.map(\.name)
                // Roles that this environment doesn't define are not on the form: they stay.
                let defined = Set(try await room.workspace.roles.list(by: room.actor).map(\.name))
                let kept = present.filter { !defined.contains($0) }
                let vouched = try await room.vouch(
                    giving: wanted.filter { !present.contains($0) }, taking: present.filter { !wanted.contains($0) && !kept.contains($0) })
                try await parts.memberships.setRoles(
                    Array(Set(wanted + kept)), of: account, in: room.tenant.id, vouched: vouched, by: room.visit.principal)
                return try room.go("/people", Notice(.done, "The roles are saved and hold from now on."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await room.showMember(chosen: form.values("role"), refusal: refusal)
            }
        }
        room("/people/{id}/leaving", on: router) { room in
            try await room.requirePeople()
            try room.context.requireRecentProof()
            return try await room.showLeaving()
        }
        deed("/people/{id}/leaving", on: router) { room, form in
            try await room.requirePeople()
            try room.context.requireRecentProof()
            do {
                return try await room.letGo(form)
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await room.showLeaving(how: form["how"], successor: form["successor"] ?? "", refusal: refusal)
            }
        }
        deed("/people/{id}/return", on: router) { room, _ in
            try await room.requirePeople()
            try room.context.requireRecentProof()
            let (member, account) = try await room.member()
            let vouched = try await room.vouch(giving: room.definedHere(member.roles.map(\.name)))
            try await parts.memberships.resume(account.id, in: room.tenant.id, vouched: vouched, by: room.visit.principal)
            return try room.go("/people/\(account.id)", Notice(.done, "\(account.displayName) may come in again, and signs in anew."))
        }
    }
}

extension Room {
    /// Refuses unless the visitor may give and take these roles, in every environment of the tenant.
    func vouch(giving given: [String] = [], taking taken: [String] = []) async throws -> Vouched {
        try await workspace.roles.requireGrantable(given, taking: taken, elsewhere: { try await elsewhere() }, by: actor)
        return Vouched(given + taken)
    }

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

    func member() async throws -> (Membership, Account) {
        let id: AccountID = try context.id("id", what: "member")
        guard let membership = try await parts.memberships.find(id, in: tenant.id), let account = try await parts.accounts.find(id) else {
            throw Refusal.notFound("member")
        }
        return (membership, account)
    }

    /// Those that this environment defines; a role of another one only is none of its business.
    func definedHere(_ names: [String]) async throws -> [String] {
        let defined = Set(try await workspace.roles.list(by: actor).map(\.name))
        return names.filter(defined.contains)
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
                seen: seen[membership.account].map { Moment($0) }, isYou: isYou,
                isDisabled: account?.isActive == false || membership.isSuspended,
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

    static func hint(for role: String) -> String? {
        switch role {
        case "owner": "Everything, ownership included."
        case "administrator": "People, roles, collections and all records."
        case "editor": "Reads and changes records, imports and exports."
        case "reader": "Reads and exports records."
        default: nil
        }
    }

    /// Only owners make owners; the rest the domain decides.
    func mayGive(_ role: String) -> Bool { role != "owner" || actor.roles.contains("owner") }

    fileprivate func showMember(chosen: [String]? = nil, refusal: Refusal? = nil) async throws -> Response {
        let (membership, account) = try await member()
        let id = account.id
        let held = chosen ?? membership.roles.map(\.name)
        let roles = try await workspace.roles.list(by: actor)
        let fields = roles.filter { mayGive($0.name) || held.contains($0.name) }.map { role in
            FormField(
                "role", role.label, .checkbox, value: held.contains(role.name) ? "on" : "", hint: Self.hint(for: role.name),
                id: "role-\(role.name)", tick: role.name)
        }
        let outlook = try await workspace.roles.outlook(of: membership.roles.map(\.name), by: actor)
        let page = MemberPage(
            head: Head(
                account.displayName, lead: account.identifier,
                pill: membership.isSuspended || !account.isActive ? Pill("Disabled", .bad) : nil,
                actions: [.init("Devices", "/people/\(id)/devices")]), place: tenant.name,
            roles: Sheet(action: "/people/\(id)/roles", button: "Save roles", fields: fields, refusal: refusal),
            reset: try await resetSteps(for: id),
            removal: membership.isSuspended
                ? .init(
                    text:
                        "They are kept out since \(membership.suspendedAt.map { Moment($0).text } ?? "now"), with the roles above. Let them in again, or remove them for good.",
                    action: "/people/\(id)/return", button: "Let \(account.displayName) in again", leaving: "/people/\(id)/leaving")
                : .init(
                    text:
                        "Disable or remove them: all their sessions and tokens here end within a second. What they did stays, with their name.",
                    leaving: "/people/\(id)/leaving"),
            reach: outlook.views.map { view in
                .init(
                    name: view.collection.name, address: "/access/\(view.collection.slug)",
                    granted: Permission.columns.map(view.permissions.contains))
            }, preview: "/preview" + Portal.query(membership.roles.map { ("role", $0.name) }))
        return try show(page, current: "People", after: refusal)
    }
}
