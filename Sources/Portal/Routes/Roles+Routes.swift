import Hummingbird
import Records
import Vocabulary
import Web

/// The matrix of permissions and collections, role by role.
extension Portal {
    func addRoles(to router: Router<HoldfastContext>) {
        room("/roles", on: router) { room in try await room.showRoles(room.request.query("role")) }
        deed("/roles", on: router) { room, form in
            let label = form["label"] ?? ""
            do {
                let slug = label.lowercased().split { !$0.isASCII || !($0.isLetter || $0.isNumber) }.joined(separator: "-")
                let role = try await room.workspace.roles.define(
                    slug, label: label, permissions: Permissions(everywhere: [.view]), by: room.actor)
                return try room.go("/roles?role=\(role.name)", Notice(.done, "\(role.label) is made. Tick what it may do."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await room.showRoles(nil, label: label, createRefusal: refusal)
            }
        }
        deed("/roles/{name}", on: router) { room, form in
            let name = try room.context.parameter("name")
            do {
                let role = try await room.workspace.roles.find(name, by: room.actor)
                let saved = try await room.workspace.roles.define(
                    name, label: role.label, permissions: room.permissions(from: form), by: room.actor)
                return try room.go("/roles?role=\(name)", Notice(.done, "\(saved.label) is saved and holds from now on."))
            } catch let refusal as Refusal where refusal.belongsToForm || refusal.kind == .forbidden {
                return try await room.showRoles(name, refusal: refusal)
            }
        }
        deed("/roles/{name}/remove", on: router) { room, form in
            let name = try room.context.parameter("name")
            let role = try await room.workspace.roles.find(name, by: room.actor)
            guard form["sure"] == "yes" else {
                let page = FormPage(
                    Head("Remove the role \(role.label)?", lead: "Whoever has it loses at once what it allows."),
                    crumbs: [Link("Roles", "/roles")],
                    form: Sheet(
                        action: "/roles/\(name)/remove", button: "Remove role", cancel: Link("Keep it", "/roles?role=\(name)"), fields: [],
                        hidden: [("sure", "yes")]), isDangerous: true)
                return try room.show(page, current: "Roles")
            }
            try await room.workspace.roles.remove(name, by: room.actor)
            return try room.go("/roles", Notice(.done, "\(role.label) is removed."))
        }
    }
}

extension Permission {
    /// As the head of a column.
    fileprivate var label: String {
        switch self {
        case .view: "See"
        case .create: "Create"
        case .edit: "Change"
        case .delete: "Delete"
        case .restore: "Restore"
        case .import: "Import"
        case .export: "Export"
        case .design: "Design"
        case .managePeople: "People"
        case .manageRoles: "Roles"
        case .viewAudit: "Audit"
        }
    }
}

extension Room {
    /// The matrix as it was ticked: `all:view`, `<collection id>:edit`.
    fileprivate func permissions(from form: Form) -> Permissions {
        var permissions = Permissions()
        for grant in form.values("grant") {
            let parts = grant.split(separator: ":")
            guard parts.count == 2, let permission = Permission(rawValue: String(parts[1])) else { continue }
            if parts[0] == "all" {
                permissions = permissions.setting(permission, in: nil, to: true)
            } else if let id = CollectionID(parts[0]), collections.contains(where: { $0.id == id }) {
                permissions = permissions.setting(permission, in: id, to: true)
            }
        }
        return permissions
    }

    fileprivate func showRoles(
        _ wanted: String?, label: String = "", refusal: Refusal? = nil, createRefusal: Refusal? = nil
    ) async throws -> Response {
        let roles = try await workspace.roles.list(by: actor)
        let mayEdit = may(.manageRoles)
        guard let role = roles.first(where: { $0.name == wanted }) ?? roles.first else { throw Refusal.notFound("role") }
        let columns = Permission.allCases
        let isFixed = role.isBuiltIn || !mayEdit
        let everywhere = columns.enumerated().map { column, permission in
            RolesPage.Cell(
                row: 0, column: column, label: "\(permission.label), all collections", value: "all:\(permission.rawValue)",
                isGranted: role.permissions.everywhere.contains(permission), isFixed: isFixed)
        }
        let rows = collections.enumerated().map { index, collection in
            RolesPage.Row(
                collection.name,
                columns.enumerated().filter { $1.isPerCollection }.map { column, permission in
                    // What holds for all collections can't be taken away for one.
                    let isEverywhere = role.permissions.everywhere.contains(permission)
                    return RolesPage.Cell(
                        row: index + 1, column: column, label: "\(permission.label), \(collection.name)",
                        value: "\(collection.id):\(permission.rawValue)",
                        isGranted: isEverywhere || role.permissions.collections[collection.id]?.contains(permission) == true,
                        isFixed: isFixed || isEverywhere)
                }, isShort: true)
        }
        let page = RolesPage(
            tabs: roles.map { .init($0.label, "/roles" + Portal.query([("role", $0.name)]), isCurrent: $0.name == role.name) },
            role: .init(
                name: role.label, action: "/roles/\(role.name)",
                text: role.isBuiltIn
                    ? "\(role.label) comes with the platform and stays as it is. Make a role of your own for anything else."
                    : "What is ticked for all collections holds for each of them, those to come included.",
                permissions: columns.map(\.label), rows: [.init("All collections", everywhere)] + rows, isEditable: !isFixed,
                remove: isFixed ? nil : "/roles/\(role.name)/remove"),
            create: mayEdit
                ? Sheet(
                    action: "/roles", button: "Create role",
                    fields: [
                        FormField("label", "Name", value: label, hint: "For example: Gate staff.", isRequired: true, autocomplete: "off")
                    ],
                    refusal: createRefusal) : nil,
            refusal: refusal)
        return try show(page, current: "Roles", after: refusal ?? createRefusal)
    }
}
