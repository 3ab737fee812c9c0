import Hummingbird
import Identity
import Records
import Vocabulary
import Web

/// Inviting: one person or hundreds, with roles, permissions that no role has, and a day by which to answer.
extension Room {
    func showInvite(
        addresses: String = "", chosen: [String] = ["reader"], days: String = "7", grants: Set<String> = [], refusal: Refusal? = nil
    ) async throws -> Response {
        let roles = try await workspace.roles.list(by: actor).filter { mayGive($0.name) && permissions.covers($0.permissions) }
        func row(_ index: Int, _ collection: Collection?) -> RolePage.Row {
            let place = collection?.id.description ?? "all"
            return RolePage.Row(
                collection?.name ?? "All collections",
                Permission.columns.enumerated().map { column, permission in
                    let value = "\(place):\(permission.rawValue)"
                    return .init(
                        row: index, column: column, label: collection?.name ?? "all collections", value: value,
                        isGranted: grants.contains(value), isFixed: !may(permission, in: collection))
                })
        }
        let page = InvitePage(
            addresses: FormField(
                "address", "Addresses", .area, value: addresses,
                hint: "One or several, on lines of their own or between commas. Or a table with a head: name,email,role.",
                isRequired: true, autocomplete: "off"),
            roles: roles.map { role in
                FormField(
                    "role", role.label, .checkbox, value: chosen.contains(role.name) ? "on" : "", hint: Self.hint(for: role.name),
                    id: "role-\(role.name)", tick: role.name)
            },
            days: FormField(
                "days", "The link is good for", .select([.init("1", "a day"), .init("7", "seven days"), .init("30", "30 days")]),
                value: days),
            extra: may(.manageRoles) ? [row(0, nil)] + collections.enumerated().map { row($0 + 1, $1) } : [], isOpen: !grants.isEmpty,
            refusal: refusal)
        return try show(page, current: "People", after: refusal)
    }

    func invite(_ form: Form) async throws -> Response {
        let defined = try await workspace.roles.list(by: actor)
        let words = defined.flatMap { [($0.name, $0.name), ($0.label.lowercased(), $0.name)] }
        let list = try InvitationList(form["address"] ?? "", roles: Dictionary(words) { first, _ in first })
        let chosen = form.values("role")
        let extra = extraPermissions(from: form)
        let isExtra = extra != Permissions()
        guard !chosen.isEmpty || isExtra || list.lines.allSatisfy({ !$0.roles.isEmpty }) else {
            throw Refusal.invalid("role-missing", "Choose at least one role.", field: "role")
        }
        let life = try Invitation.life(ofDays: Int(form["days"] ?? "7") ?? 0)
        let given = Set(chosen).union(list.lines.flatMap(\.roles))
        if isExtra || !given.isSubset(of: ["reader", "editor"]) { try context.requireRecentProof() }
        _ = try await vouch(giving: given.sorted())
        var roles = chosen
        var made: (name: String, label: String)?
        if isExtra {
            // Permissions that no role has are a role that only these people hold.
            let name = list.lines.count == 1 ? list.lines[0].address : Numeral.count(list.lines.count, "person", "people")
            let role = try await workspace.roles.create(
                label: String("Extra for \(name)".prefix(120)), permissions: extra,
                avoiding: Set(defined.map(\.name)).union(parts.memberships.holders(in: tenant.id).keys), by: actor)
            // Another environment may know a role of that name, with more in it.
            _ = try await vouch(giving: [role.name])
            roles.append(role.name)
            made = (role.name, role.label)
        }
        let outcomes = try await parts.invitations.invite(
            list, to: tenant.id, named: tenant.name, roles: roles, for: life, vouched: Vouched(given.sorted() + roles),
            by: visit.principal)
        let invited = outcomes.compactMap(\.invitation)
        if let made, invited.isEmpty { try await workspace.roles.remove(made.name, by: actor) }
        if outcomes.count == 1 {
            if let refusal = outcomes[0].refusal { throw refusal }
            return try go("/people", Notice(.done, "The invitation is on its way to \(list.lines[0].address)."))
        }
        let labels = Dictionary(defined.map { ($0.name, $0.label) }) { first, _ in first }
        let page = InvitedPage(
            invited: invited.count,
            lines: outcomes.map { outcome in
                .init(
                    number: outcome.line.number, address: outcome.line.address,
                    said: outcome.refusal?.message
                        ?? "As "
                        + (outcome.invitation?.roles.map { labels[$0.name] ?? made?.label ?? $0.name }.joined(separator: ", ") ?? ""),
                    isGood: outcome.invitation != nil)
            })
        return try show(page, current: "People")
    }

    private func extraPermissions(from form: Form) -> Permissions {
        var extra = Permissions()
        for grant in form.values("grant") {
            let parts = grant.split(separator: ":")
            guard parts.count == 2, let permission = Permission(rawValue: String(parts[1])), permission.isPerCollection else { continue }
            if parts[0] == "all" {
                extra = extra.setting(permission, in: nil, to: true)
            } else if let id = CollectionID(parts[0]), collections.contains(where: { $0.id == id }) {
                extra = extra.setting(permission, in: id, to: true)
            }
        }
        return extra
    }
}
