import Records
import Vocabulary

/// What bodies of requests look like. Names that are not here are refused by the decoder.
struct CollectionBody: Decodable {
    var slug: String
    var name: String
    var singular: String?
    var description: String?
    var title_field: String?
    var fields: [FieldBody]?
}

struct CollectionChangeBody: Decodable {
    var name: String?
    var singular: String?
    var description: String?
    var order: Int?
    var title_field: String?
    var field_order: [String]?
}

struct FieldBody: Decodable {
    var key: String
    var label: String?
    var type: String
    var options: [String]?
    /// Slug or id of the collection that a reference leads to.
    var collection: String?
    var required: Bool?
    var unique: Bool?
    var indexed: Bool?

    func draft(_ collections: [Collection]) throws -> FieldDraft {
        FieldDraft(
            key: key, label: label, type: try FieldTypeBody(type: type, options: options, collection: collection).type(collections),
            required: required ?? false, unique: unique ?? false, indexed: indexed ?? false)
    }
}

struct FieldChangeBody: Decodable {
    var label: String?
    var type: String?
    var options: [String]?
    var collection: String?
    var required: Bool?
    var unique: Bool?
    var indexed: Bool?

    func change(of field: Field, _ collections: [Collection]) throws -> FieldChange {
        var newType: FieldType?
        if let type {
            newType = try FieldTypeBody(type: type, options: options, collection: collection).type(collections)
        } else if let options {
            guard case .choice = field.type else { throw Refusal.invalid("invalid-field", "Only a choice has options.", field: "options") }
            newType = .choice(options)
        } else if collection != nil {
            throw Refusal.invalid("invalid-field", "Name the type \"reference\" with it.", field: "collection")
        }
        return FieldChange(label: label, type: newType, required: required, unique: unique, indexed: indexed)
    }
}

private struct FieldTypeBody {
    let type: String
    let options: [String]?
    let collection: String?

    func type(_ collections: [Collection]) throws -> FieldType {
        if options != nil, type != "choice" { throw Refusal.invalid("invalid-field", "Only a choice has options.", field: "options") }
        if collection != nil, type != "reference" {
            throw Refusal.invalid("invalid-field", "Only a reference leads to a collection.", field: "collection")
        }
        switch type {
        case "choice": return .choice(options ?? [])
        case "reference":
            guard let target = collections.first(where: { $0.slug == collection || $0.id.description == collection }) else {
                throw Refusal.invalid("invalid-field", "Name the collection that it leads to, by slug or id.", field: "collection")
            }
            return .reference(target.id)
        default:
            guard let simple = FieldType(simple: type) else {
                throw Refusal.invalid("invalid-field", "A type is one of \(FieldType.names.joined(separator: ", ")).", field: "type")
            }
            return simple
        }
    }
}

struct RecordBody: Decodable {
    var values: [String: JSONValue]
}

struct RestorationBody: Decodable {
    var version: Int?
}

struct ImportBody: Decodable {
    struct Mapping: Decodable {
        var column: String
        var field: String
    }

    /// Slug of an existing collection, or a new one's description.
    var collection: String?
    var new_collection: CollectionBody?
    /// Left out: what the preview suggests.
    var mappings: [Mapping]?
    var mode: String?
}

struct RoleBody: Decodable {
    struct Matrix: Decodable {
        var everywhere: [String]?
        var collections: [String: [String]]?
    }

    var label: String
    var permissions: Matrix

    func matrix() throws -> Permissions {
        func set(_ names: [String], _ field: String) throws -> Set<Permission> {
            try Set(
                names.map { name in
                    guard let permission = Permission(rawValue: name) else {
                        throw Refusal.invalid("unknown-permission", "There is no permission \"\(name.prefix(60))\".", field: field)
                    }
                    return permission
                })
        }
        var cells: [CollectionID: Set<Permission>] = [:]
        for (text, names) in permissions.collections ?? [:] {
            guard let id = CollectionID(text) else {
                throw Refusal.invalid("unknown-collection", "Name collections by their ids.", field: "permissions.collections")
            }
            cells[id] = try set(names, "permissions.collections")
        }
        return Permissions(everywhere: try set(permissions.everywhere ?? [], "permissions.everywhere"), collections: cells)
    }
}

struct RoleCopyBody: Decodable {
    var label: String
}

struct RolesBody: Decodable {
    var roles: [String]
}

struct InvitationBody: Decodable {
    var address: String
    var roles: [String]
    /// How long the link is good.
    var days: Int?
}

struct InvitationListBody: Decodable {
    var addresses: String
    var roles: [String]?
    var days: Int?
}

struct SuccessorBody: Decodable {
    var account: String
}
