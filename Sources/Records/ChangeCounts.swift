import Storage
import Vocabulary

/// How much was changed when: for finding the moment before something went wrong.
package struct ChangeCounts: Sendable, Hashable {
    package let collection: CollectionID
    /// The beginning of the stretch.
    package let at: Instant
    package internal(set) var created: Int
    package internal(set) var changed: Int
    package internal(set) var deleted: Int

    package init(collection: CollectionID, at: Instant, created: Int = 0, changed: Int = 0, deleted: Int = 0) {
        self.collection = collection
        self.at = at
        self.created = created
        self.changed = changed
        self.deleted = deleted
    }

    package var all: Int { created + changed + deleted }

    /// Of all records since `start`, by collection and stretches of `step` counted from 1970. Those of records that were changed again count too.
    package static func since(_ start: Instant, each step: Duration, in reader: any Reader) throws -> [ChangeCounts] {
        let width = max(1, step.microseconds)
        var found: [ChangeCounts] = []
        try reader.each(
            """
            SELECT collection.id, changes.at / \(width), changes.action, count(*) FROM (
                SELECT collection, action, coalesce(updated_at, created_at) AS at FROM record
                WHERE coalesce(updated_at, created_at) >= \(start)
                UNION ALL
                SELECT record.collection, record_version.action, record_version.at FROM record_version
                JOIN record ON record.number = record_version.number WHERE record_version.at >= \(start)
            ) AS changes JOIN collection ON collection.number = changes.collection
            GROUP BY 1, 2, 3 ORDER BY 2, 1
            """
        ) { row in
            let (collection, place) = (try row.get(0, as: CollectionID.self), try row.get(1, as: Int64.self))
            let (action, count) = (RecordVersion.Action(code: try row.get(2)), try row.get(3, as: Int.self))
            let at = Instant(microseconds: place * width)
            if found.last?.at != at || found.last?.collection != collection { found.append(ChangeCounts(collection: collection, at: at)) }
            switch action {
            case .created, .imported: found[found.count - 1].created += count
            case .changed, .restored: found[found.count - 1].changed += count
            case .deleted: found[found.count - 1].deleted += count
            }
        }
        return found
    }
}
