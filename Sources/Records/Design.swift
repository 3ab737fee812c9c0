import Storage
import Vocabulary

/// Everything that an environment's administrators designed, as one immutable value: collections with fields, and roles.
package struct Design: Sendable {
    static let migrations: [Migration] = []
    let stamp: Int64
}

/// Remembers the newest ``Design`` of each database, found by its stamp, so that a request needs one small read instead of many.
package final class DesignCache: Sendable {
    package init() {}
}
