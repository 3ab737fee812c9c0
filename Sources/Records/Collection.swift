import Vocabulary

/// A kind of record that the customer's administrators defined.
package struct Collection: Sendable, Hashable {
    package let id: CollectionID
    /// Small number inside this database; part of index definitions.
    let number: Int
    /// In addresses: `a–z 0–9 -`, at most 40 characters.
    package let slug: String
    /// Plural, as a heading: "Flights".
    package let name: String
    /// One of them: "flight".
    package let singular: String
    package let description: String
    package let order: Int
    /// Grows with every change of the collection or its fields; the ETag.
    package let version: Int
    /// In display order.
    package let fields: [Field]
    /// Key of the field whose value names a record in lists and references.
    package let titleField: String?
    package let deletedAt: Instant?

    package func field(_ key: String) -> Field? { fields.first { $0.key == key } }
}

/// One typed field of a collection.
package struct Field: Sendable, Hashable {
    package let id: FieldID
    let number: Int
    /// In JSON and filters: `a–z 0–9 _`, starting with a letter, at most 40 characters.
    package let key: String
    package let label: String
    package let type: FieldType
    package let required: Bool
    package let unique: Bool
    package let indexed: Bool
}

/// What a new collection shall be.
package struct CollectionDraft: Sendable {
    package var slug: String
    package var name: String
    package var singular: String?
    package var description: String
    package var fields: [FieldDraft]
    package var titleField: String?

    package init(
        slug: String, name: String, singular: String? = nil, description: String = "", fields: [FieldDraft] = [], titleField: String? = nil
    ) {
        self.slug = slug
        self.name = name
        self.singular = singular
        self.description = description
        self.fields = fields
        self.titleField = titleField
    }
}

/// What a new field shall be.
package struct FieldDraft: Sendable {
    package var key: String
    package var label: String
    package var type: FieldType
    package var required: Bool
    package var unique: Bool
    package var indexed: Bool

    package init(
        key: String, label: String? = nil, type: FieldType, required: Bool = false, unique: Bool = false, indexed: Bool = false
    ) {
        self.key = key
        self.label = label ?? key
        self.type = type
        self.required = required
        self.unique = unique
        self.indexed = indexed
    }
}

/// What shall be different; nil leaves a thing as it is.
package struct CollectionChange: Sendable {
    package var name: String?
    package var singular: String?
    package var description: String?
    package var order: Int?
    package var titleField: String?
    /// Keys of all fields in their new order.
    package var fieldOrder: [String]?

    package init(
        name: String? = nil, singular: String? = nil, description: String? = nil, order: Int? = nil, titleField: String? = nil,
        fieldOrder: [String]? = nil
    ) {
        self.name = name
        self.singular = singular
        self.description = description
        self.order = order
        self.titleField = titleField
        self.fieldOrder = fieldOrder
    }
}

package struct FieldChange: Sendable {
    package var label: String?
    /// Allowed: text ↔ long text, choice to text, other choices as long as each used one stays.
    package var type: FieldType?
    package var required: Bool?
    package var unique: Bool?
    package var indexed: Bool?

    package init(label: String? = nil, type: FieldType? = nil, required: Bool? = nil, unique: Bool? = nil, indexed: Bool? = nil) {
        self.label = label
        self.type = type
        self.required = required
        self.unique = unique
        self.indexed = indexed
    }
}
