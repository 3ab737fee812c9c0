import Records

/// A permission as the head of a column. Permissions stand in three groups, each with a colour and a side of its own, so that a role is
/// known by its shape: those that see, those that change, those that decide.
package struct PermissionColumn: Sendable {
    let label: String
    let hint: String
    /// Names the group's colour: `see`, `do`, `rule`.
    let hue: String
    /// Whether a group begins with it.
    let isFirst: Bool

    package static let all: [PermissionColumn] = Permission.columns.enumerated().map { index, permission in
        PermissionColumn(
            label: permission.label, hint: permission.hint, hue: permission.hue,
            isFirst: index > 0 && Permission.columns[index - 1].hue != permission.hue)
    }
}

/// One square of a picture of permissions.
package struct PermissionTile: Sendable {
    let label: String
    let hue: String
    let isOn: Bool
    let isFirst: Bool

    package static func row(_ granted: [Bool]) -> [PermissionTile] {
        zip(PermissionColumn.all, granted).map { .init(label: $0.label, hue: $0.hue, isOn: $1, isFirst: $0.isFirst) }
    }

    /// In words, for who doesn't see the squares.
    static func text(_ tiles: [PermissionTile]) -> String {
        if tiles.allSatisfy(\.isOn) { return "everything" }
        let words = tiles.filter(\.isOn).map { $0.label.lowercased() }
        return words.isEmpty ? "nothing" : words.joined(separator: ", ")
    }
}

/// A role's matrix as a small picture: a line for all collections, then one for each.
package struct RolePicture: Sendable {
    struct Layer: Sendable {
        let hue: String
        let path: String
    }

    let width: Int
    let height: Int
    let layers: [Layer]
    /// More lines than these say nothing more.
    private static let most = 9

    /// `rows`: what is granted, column by column; the first one is for all collections.
    package init(_ rows: [[Bool]]) {
        let columns = PermissionColumn.all
        var paths: [String: String] = [:]
        var widest = 0
        for (row, cells) in rows.prefix(Self.most).enumerated() {
            let y = row * 9 + (row > 0 ? 4 : 0)
            var x = 0
            for (column, isOn) in zip(columns, cells) {
                if column.isFirst { x += 4 }
                paths[isOn ? column.hue : "off", default: ""] += "M\(x) \(y)h7v7h-7z"
                x += 9
            }
            widest = max(widest, x - 2)
        }
        width = widest
        height = rows.isEmpty ? 0 : min(rows.count, Self.most) * 9 + (rows.count > 1 ? 2 : -2)
        layers = ["off", "see", "do", "rule"].compactMap { hue in paths[hue].map { Layer(hue: hue, path: $0) } }
    }
}

extension Permission {
    /// Those of single collections, in the order of their groups.
    static let columns: [Permission] = [.view, .export, .create, .edit, .delete, .restore, .import, .share, .design]
    /// Those of the environment as a whole.
    static let ofEnvironment: [Permission] = [.managePeople, .manageRoles, .viewAudit, .manageBackups]

    var hue: String {
        switch self {
        case .view, .export: "see"
        case .create, .edit, .delete, .restore, .import: "do"
        case .share, .design, .managePeople, .manageRoles, .viewAudit, .manageBackups: "rule"
        }
    }

    var label: String {
        switch self {
        case .view: "Read"
        case .create: "Create"
        case .edit: "Change"
        case .delete: "Delete"
        case .restore: "Restore"
        case .import: "Import"
        case .export: "Export"
        case .share: "Share"
        case .design: "Administer"
        case .managePeople: "People"
        case .manageRoles: "Roles"
        case .viewAudit: "Audit log"
        case .manageBackups: "Backups"
        }
    }

    var hint: String {
        switch self {
        case .view: "See the collection and its records"
        case .create: "Make new records"
        case .edit: "Change records"
        case .delete: "Delete records"
        case .restore: "See deleted records and bring them back"
        case .import: "Take in files"
        case .export: "Take records away as a file"
        case .share: "Give single records to others. Takes effect when sharing comes"
        case .design: "Change the collection itself and its fields"
        case .managePeople: "Invite, remove, and give roles whose permissions one has"
        case .manageRoles: "Make and change roles, up to one’s own permissions"
        case .viewAudit: "See who did what"
        case .manageBackups: "See backups, and bring the environment back to an earlier moment"
        }
    }
}
