import Hummingbird
import Records
import Vocabulary
import Web

/// Roles: what each opens, as pictures, and the matrix of one.
extension Portal {
    func addRoles(to router: Router<HoldfastContext>) {
        room("/roles", on: router) { room in try await room.showRoles() }
        deed("/roles", on: router) { room, form in
            do {
                try await room.requireRolesNow()
                let role = try await room.workspace.roles.create(
                    label: form["label"] ?? "", like: form["like"].flatMap { $0.isEmpty ? nil : $0 }, avoiding: room.namesInUse(),
                    by: room.actor)
                return try room.go("/roles/\(role.name)", Notice(.done, "\(role.label) is made. Tick what it may do."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await room.showRoles(label: form["label"] ?? "", like: form["like"] ?? "", refusal: refusal)
            }
        }
        room("/roles/{name}", on: router) { room in try await room.showRole() }
        deed("/roles/{name}", on: router) { room, form in
            do {
                try await room.requireRolesNow()
                let role = try await room.roleOfPath()
                let saved = try await room.workspace.roles.define(
                    role.name, label: form["label"] ?? role.label, permissions: room.permissions(from: form, before: role.permissions),
                    by: room.actor)
                return try room.go("/roles/\(role.name)", Notice(.done, "\(saved.label) is saved and holds from now on."))
            } catch let refusal as Refusal where refusal.belongsToForm || refusal.kind == .forbidden {
                return try await room.showRole(refusal: refusal)
            }
        }
        room("/roles/{name}/removal", on: router) { room in
            try await room.requireRolesNow()
            let role = try await room.roleOfPath()
            let holders = try await room.parts.memberships.holders(in: room.tenant.id)[role.name] ?? 0
            let page = FormPage(
                Head(
                    "Remove the role \(role.label)?",
                    lead: holders == 0
                        ? "Nobody holds it." : "\(Numeral.count(holders, "person", "people")) lose at once what it allows."),
                crumbs: [Link("Roles", "/roles"), Link(role.label, "/roles/\(role.name)")],
                form: Sheet(
                    action: "/roles/\(role.name)/removal", button: "Remove role", cancel: Link("Keep it", "/roles/\(role.name)"),
                    fields: []), isDangerous: true)
            return try room.show(page, current: "Roles")
        }
        deed("/roles/{name}/removal", on: router) { room, _ in
            try await room.requireRolesNow()
            let role = try await room.roleOfPath()
            try await room.workspace.roles.remove(role.name, by: room.actor)
            try await room.withdrawIfUndefined(role.name)
            return try room.go("/roles", Notice(.done, "\(role.label) is removed."))
        }
        room("/preview", on: router) { room in try await room.showPreview() }
    }
}

extension Room {
    fileprivate func roleOfPath() async throws -> Role {
        try await workspace.roles.find(try context.parameter("name"), by: actor)
    }

    /// Who may change roles, and showed a moment ago that it is them.
    private func requireRoles() async throws { try await workspace.roles.require(.manageRoles, by: actor) }

    fileprivate func requireRolesNow() async throws {
        try await requireRoles()
        try context.requireRecentProof()
    }

    /// The tenant's environments beside this one.
    func elsewhere() async throws -> [Workspace] {
        var spaces: [Workspace] = []
        for other in try await parts.tenants.environments(of: tenant.id) where other.id != environment.id && other.state == .active {
            spaces.append(try await parts.workspace(other.id))
        }
        return spaces
    }

    /// Names by which somebody holds, or is offered, a role: a new role must not fall to them.
    fileprivate func namesInUse() async throws -> Set<String> {
        let held = try await parts.memberships.holders(in: tenant.id).keys
        return try await parts.invitations.rolesOffered(in: tenant.id).union(held)
    }

    /// A role that no environment defines any more is taken from those who hold it, so that a later one of that name is not theirs.
    fileprivate func withdrawIfUndefined(_ role: String) async throws {
        for space in try await elsewhere() where try await space.roles.isDefined(role) { return }
        try await parts.memberships.withdraw(role, in: tenant.id, by: visit.principal)
    }

    /// The matrix as it was ticked: `all:view`, `<collection id>:edit`. What the visitor can't turn stays as it was.
    fileprivate func permissions(from form: Form, before: Permissions) -> Permissions {
        let ticked = Set(form.values("grant"))
        var result = before
        for permission in Permission.allCases where permissions.allows(permission) {
            result = result.setting(permission, in: nil, to: ticked.contains("all:\(permission.rawValue)"))
        }
        for collection in collections {
            for permission in Permission.columns where permissions.allows(permission, in: collection.id) {
                result = result.setting(permission, in: collection.id, to: ticked.contains("\(collection.id):\(permission.rawValue)"))
            }
        }
        return result
    }

    fileprivate func showRoles(label: String = "", like: String = "", refusal: Refusal? = nil) async throws -> Response {
        let roles = try await workspace.roles.list(by: actor)
        let holders = try await parts.memberships.holders(in: tenant.id)
        let cards = roles.map { role in
            RolesPage.Card(
                name: role.label, address: "/roles/\(role.name)",
                said: holders[role.name].map { Numeral.count($0, "person", "people") } ?? "nobody",
                isBuiltIn: role.isBuiltIn, picture: RolePicture(picture(of: role.permissions)))
        }
        let models = roles.filter { permissions.covers($0.permissions) && $0.name != Role.owner }
        let create = Sheet(
            action: "/roles", button: "Create role",
            fields: [
                FormField("label", "Name", value: label, hint: "For example: Gate staff.", isRequired: true, autocomplete: "off"),
                FormField(
                    "like", "Begin with", .select([.init("", "Nothing ticked")] + models.map { .init($0.name, "What \($0.label) has") }),
                    value: like),
            ], refusal: refusal)
        return try show(RolesPage(cards: cards, create: may(.manageRoles) ? create : nil), current: "Roles", after: refusal)
    }

    /// Line by line what is granted: for all collections, then for each.
    func picture(of permissions: Permissions) -> [[Bool]] {
        [Permission.columns.map { permissions.allows($0) }]
            + collections.map { collection in Permission.columns.map { permissions.allows($0, in: collection.id) } }
    }

    fileprivate func showRole(refusal: Refusal? = nil) async throws -> Response {
        let role = try await roleOfPath()
        let mayEdit = may(.manageRoles) && !role.isBuiltIn
        func cell(_ row: Int, _ column: Int, _ permission: Permission, in collection: Collection?) -> RolePage.Cell {
            let granted =
                collection.map { role.permissions.collections[$0.id]?.contains(permission) == true }
                ?? role.permissions.everywhere.contains(permission)
            return RolePage.Cell(
                row: row, column: column, label: collection?.name ?? "all collections",
                value: "\(collection?.id.description ?? "all"):\(permission.rawValue)", isGranted: granted,
                isFixed: !mayEdit || !may(permission, in: collection))
        }
        func row(_ index: Int, _ collection: Collection?) -> [RolePage.Cell] {
            Permission.columns.enumerated().map { cell(index, $0, $1, in: collection) }
        }
        let rows =
            [RolePage.Row("All collections", detail: "and those to come", row(0, nil))]
            + collections.enumerated().map { RolePage.Row($1.name, row($0 + 1, $1)) }
        let environment = Permission.ofEnvironment.map { permission in
            FormField(
                "grant", permission.label, .checkbox, value: role.permissions.allows(permission) ? "on" : "", hint: permission.hint,
                isDisabled: !mayEdit || !may(permission), id: "grant-\(permission.rawValue)", tick: "all:\(permission.rawValue)")
        }
        let isMine = actor.roles.contains(role.name)
        let copy = Sheet(
            action: "/roles", button: "Copy \(role.label)",
            fields: [
                FormField(
                    "label", "Name", value: "", hint: "For example: Gate staff.", isRequired: true, autocomplete: "off", id: "copy-label")
            ],
            hidden: [("like", role.name)])
        let page = RolePage(
            head: Head(
                role.label,
                lead: role.isBuiltIn
                    ? "Comes with the platform and stays as it is. Copy it to make one of your own."
                    : "What is ticked for all collections holds for each of them. Paler squares follow from that line.",
                pill: isMine ? Pill("Yours", .info) : nil,
                actions: [.init("View as \(role.label)", "/preview" + Portal.query([("role", role.name)]))]),
            notice: mayEdit && !permissions.covers(role.permissions)
                ? "It allows more than you have. What you don’t have yourself, you can neither give nor take." : nil,
            action: "/roles/\(role.name)", rows: rows,
            name: mayEdit ? FormField("label", "Name", value: role.label, isRequired: true, autocomplete: "off") : nil,
            environment: environment, isEditable: mayEdit,
            copy: may(.manageRoles) && permissions.covers(role.permissions) ? copy : nil,
            remove: mayEdit && permissions.covers(role.permissions) ? "/roles/\(role.name)/removal" : nil, refusal: refusal?.message)
        return try show(page, current: "Roles", after: refusal)
    }

    /// What holders of some roles would see. Reads definitions only; nobody acts as anybody.
    fileprivate func showPreview() async throws -> Response {
        let all = try await workspace.roles.list(by: actor)
        let asked = Set(request.uri.queryParameters.getAll("role"))
        let chosen =
            all.filter { asked.contains($0.name) }.isEmpty ? all.filter { $0.name == Role.reader } : all.filter { asked.contains($0.name) }
        let outlook = try await workspace.roles.outlook(of: chosen.map(\.name), by: actor)
        let joined = chosen.reduce(Permissions()) { $0.union($1.permissions) }
        let links = Portal.navigation(joined, outlook.views.map(\.collection))
        let page = PreviewPage(
            of: chosen.map(\.label).joined(separator: " and "),
            choices: all.map { role in
                FormField(
                    "role", role.label, .checkbox, value: chosen.contains(role) ? "on" : "", id: "role-\(role.name)", tick: role.name)
            },
            navigation: links,
            views: outlook.views.map { view in
                .init(
                    name: view.collection.name, fields: view.collection.fields.map { .init($0.label, Self.word(for: $0.type)) },
                    granted: Permission.columns.map(view.permissions.contains))
            }, hidden: outlook.hidden.map(\.name),
            environment: outlook.environment.isEmpty
                ? nil : Permission.ofEnvironment.filter(outlook.environment.contains).map { $0.label.lowercased() }.joined(separator: ", "))
        return try show(page, current: "Roles")
    }
}
