import Storage
import Vocabulary

/// One record as it stands, or as it stood at an older version.
package struct Record: Sendable, Hashable {
    package let id: RecordID
    package let collection: CollectionID
    /// Grows by one with each change, deletion and restoration; the ETag.
    package let version: Int
    /// The values as compact JSON text, as stored: an object with the collection's field keys. Empty fields are left out.
    package let body: String
    package let createdAt: Instant
    package let createdBy: Author
    package let updatedAt: Instant
    package let updatedBy: Author
    package let deletedAt: Instant?

    /// The values, read from ``body``.
    package var values: JSONObject {
        (try? JSONReader.read(body.utf8, limits: .init(depth: 64, values: .max)))?.object ?? [:]
    }

    package var etag: String { "\"\(version)\"" }
}

/// A page of records.
package struct RecordPage: Sendable {
    package let collection: Collection
    package let records: [Record]
    /// Pass it as `cursor` for the page after; nil on the last one.
    package let next: String?
    /// Pass it as `cursor` for the page before; nil on the first one.
    package let previous: String?
    /// How many match in all, if asked.
    package let total: Int?
    /// Titles of the records that these refer to, if asked and visible to the actor.
    package let titles: [RecordID: String]
}

/// What to list. All text comes from outside and is checked when the query runs.
package struct Query: Sendable, Hashable {
    /// `carrier = "UA" and distance > 1000 or name ~ "abc"`; see ``FilterParser``.
    package var filter: String?
    /// `-distance,carrier`: field keys, or `_id`, `_created`, `_updated`; minus for descending. At most four.
    package var sort: String?
    /// Words, each of which must begin a word of the record.
    package var search: String?
    package var cursor: String?
    /// 1…500.
    package var limit: Int
    package var count: Bool
    /// Deleted records instead of living ones. Needs `restore`.
    package var deleted: Bool
    /// Whether to resolve titles of references.
    package var titles: Bool

    package init(
        filter: String? = nil, sort: String? = nil, search: String? = nil, cursor: String? = nil, limit: Int = 50, count: Bool = false,
        deleted: Bool = false, titles: Bool = false
    ) {
        self.filter = filter
        self.sort = sort
        self.search = search
        self.cursor = cursor
        self.limit = limit
        self.count = count
        self.deleted = deleted
        self.titles = titles
    }
}

/// One entry of a record's history, newest first in lists.
package struct RecordVersion: Sendable, Hashable {
    package enum Action: String, Sendable {
        case created
        case changed
        case deleted
        case restored
        case imported

        /// How the column keeps it.
        var code: Int64 {
            switch self {
            case .created: 0
            case .changed: 1
            case .deleted: 2
            case .restored: 3
            case .imported: 4
            }
        }

        init(code: Int64) {
            switch code {
            case 0: self = .created
            case 2: self = .deleted
            case 3: self = .restored
            case 4: self = .imported
            default: self = .changed
            }
        }
    }

    package let record: RecordID
    package let version: Int
    package let action: Action
    package let at: Instant
    package let by: Author
    package let values: JSONObject
    /// What differs from the version before.
    package let changes: [FieldDifference]
}

package struct FieldDifference: Sendable, Hashable {
    package let key: String
    package let before: JSONValue?
    package let after: JSONValue?
}
