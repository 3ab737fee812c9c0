import Vocabulary

/// One thing that a role may allow.
package enum Permission: String, Sendable, Hashable, CaseIterable {
    // For each collection
    case view
    case create
    case edit
    case delete
    case restore
    case `import`
    case export
    /// Give single records to others. Nothing takes it yet: sharing is not there (AZ-2).
    case share
    /// Change the collection itself and its fields; for all collections also: make new ones.
    case design
    // For the environment
    case managePeople = "manage-people"
    case manageRoles = "manage-roles"
    case viewAudit = "view-audit"
    /// See what is backed up, and bring the environment back to an earlier moment.
    case manageBackups = "manage-backups"

    /// Whether it can be given for a single collection.
    package var isPerCollection: Bool {
        switch self {
        case .managePeople, .manageRoles, .viewAudit, .manageBackups: false
        default: true
        }
    }
}

/// The permission × collection matrix of one role, or of several joined.
package struct Permissions: Sendable, Hashable {
    /// Given for all collections, those to come included, and for the environment.
    package private(set) var everywhere: Set<Permission>
    package private(set) var collections: [CollectionID: Set<Permission>]

    package init(everywhere: Set<Permission> = [], collections: [CollectionID: Set<Permission>] = [:]) {
        self.everywhere = everywhere
        self.collections = collections.mapValues { $0.filter(\.isPerCollection) }.filter { !$0.value.isEmpty }
    }

    package static let all = Permissions(everywhere: Set(Permission.allCases))

    package func allows(_ permission: Permission, in collection: CollectionID? = nil) -> Bool {
        everywhere.contains(permission) || collection.flatMap { collections[$0]?.contains(permission) } == true
    }

    /// Whether any collection is open for it.
    package func allowsAnywhere(_ permission: Permission) -> Bool {
        everywhere.contains(permission) || collections.values.contains { $0.contains(permission) }
    }

    /// Whether everything in `other` is in here too: nobody grants more than they have.
    package func covers(_ other: Permissions) -> Bool {
        other.everywhere.isSubset(of: everywhere)
            && other.collections.allSatisfy { id, set in set.isSubset(of: everywhere.union(collections[id] ?? [])) }
    }

    /// What is allowed in one collection, that which holds for all of them included.
    package func allowed(in collection: CollectionID) -> Set<Permission> {
        everywhere.filter(\.isPerCollection).union(collections[collection] ?? [])
    }

    package func union(_ other: Permissions) -> Permissions {
        var result = self
        result.everywhere.formUnion(other.everywhere)
        result.collections.merge(other.collections) { $0.union($1) }
        return result
    }

    /// The same matrix with one cell turned.
    package func setting(_ permission: Permission, in collection: CollectionID?, to granted: Bool) -> Permissions {
        var result = self
        guard let collection, permission.isPerCollection else {
            if granted { result.everywhere.insert(permission) } else { result.everywhere.remove(permission) }
            return result
        }
        var cells = result.collections[collection] ?? []
        if granted { cells.insert(permission) } else { cells.remove(permission) }
        result.collections[collection] = cells.isEmpty ? nil : cells
        return result
    }
}

/// A named set of permissions. Who holds it is kept in the control plane; what it means, here.
package struct Role: Sendable, Hashable {
    package static let owner = "owner"
    package static let administrator = "administrator"
    package static let editor = "editor"
    package static let reader = "reader"

    package let name: String
    package let label: String
    package let isBuiltIn: Bool
    package let permissions: Permissions

    package static let builtIn: [Role] = [
        Role(name: owner, label: "Owner", isBuiltIn: true, permissions: .all),
        Role(name: administrator, label: "Administrator", isBuiltIn: true, permissions: .all),
        Role(
            name: editor, label: "Editor", isBuiltIn: true,
            permissions: Permissions(everywhere: [.view, .create, .edit, .delete, .restore, .import, .export, .share])),
        Role(name: reader, label: "Reader", isBuiltIn: true, permissions: Permissions(everywhere: [.view, .export])),
    ]
}

extension Permissions {
    struct Cell: Hashable {
        let permission: Permission
        let collection: CollectionID?
        let granted: Bool
    }

    /// The cells that were turned, in a stable order.
    func differences(from before: Permissions) -> [Cell] {
        func cells(_ old: Set<Permission>, _ new: Set<Permission>, in collection: CollectionID?) -> [Cell] {
            Permission.allCases.compactMap { permission in
                old.contains(permission) == new.contains(permission)
                    ? nil : Cell(permission: permission, collection: collection, granted: new.contains(permission))
            }
        }
        let ids = Set(collections.keys).union(before.collections.keys).sorted()
        return cells(before.everywhere, everywhere, in: nil)
            + ids.flatMap { cells(before.collections[$0] ?? [], collections[$0] ?? [], in: $0) }
    }
}
