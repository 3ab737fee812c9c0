import Storage
import Synchronization
import Vocabulary

/// Everything that an environment's administrators designed, as one immutable value: collections with their fields, and roles.
///
/// Each change gives the database a new random `stamp`. A design is known by its stamp for ever, so one that was seen inside a
/// transaction which did not commit does no harm in the cache.
package struct Design: Sendable {
    let stamp: Int64
    /// Authenticates cursors. Never leaves the process.
    let cursorKey: [UInt8]
    /// Deleted ones included, in display order.
    let collections: [Collection]
    let roles: [Role]
    /// Who took over from whom.
    let successors: [AccountID: AccountID]
    private let bySlug: [String: Int]
    private let byID: [CollectionID: Int]
    private let permissions: [String: Permissions]

    init(stamp: Int64, cursorKey: [UInt8], collections: [Collection], roles: [Role], successors: [AccountID: AccountID] = [:]) {
        self.stamp = stamp
        self.cursorKey = cursorKey
        self.collections = collections
        self.roles = roles
        self.successors = successors
        let living = collections.enumerated().filter { $0.element.deletedAt == nil }
        bySlug = Dictionary(living.map { ($0.element.slug, $0.offset) }) { first, _ in first }
        byID = Dictionary(collections.enumerated().map { ($0.element.id, $0.offset) }) { first, _ in first }
        permissions = Dictionary(roles.map { ($0.name, $0.permissions) }) { first, _ in first }
    }

    /// As it is while a transaction changes one collection of it.
    func replacing(_ collection: Collection) -> Design {
        let changed = collections.map { $0.id == collection.id ? collection : $0 }
        return Design(stamp: stamp, cursorKey: cursorKey, collections: changed, roles: roles, successors: successors)
    }

    /// A living collection.
    func collection(_ slug: String) -> Collection? { bySlug[slug].map { collections[$0] } }

    /// A collection, living or deleted.
    func collection(_ id: CollectionID) -> Collection? { byID[id].map { collections[$0] } }

    /// What `actor` may do, all roles joined. A role that is not defined here allows nothing.
    func permissions(of actor: Actor) -> Permissions {
        actor.roles.reduce(Permissions()) { $0.union(permissions[$1] ?? Permissions()) }
    }

    func allows(_ actor: Actor, _ permission: Permission, in collection: CollectionID? = nil) -> Bool {
        actor.roles.contains { permissions[$0]?.allows(permission, in: collection) == true }
    }

    /// The collection, if `actor` may view it and has `permission`. What may not be viewed is not there.
    func collection(_ slug: String, for permission: Permission, by actor: Actor) throws -> Collection {
        guard let collection = collection(slug), allows(actor, .view, in: collection.id) || allows(actor, .design, in: collection.id)
        else { throw Refusal.notFound("collection") }
        try require(permission, in: collection.id, by: actor)
        return collection
    }

    func require(_ permission: Permission, in collection: CollectionID? = nil, by actor: Actor) throws {
        guard allows(actor, permission, in: collection) else { throw AccessRefused(permission: permission, collection: collection) }
    }
}

/// Somebody asked for what their roles don't allow. ``Workspace`` audits it and turns it into a ``Refusal``.
struct AccessRefused: Error {
    let permission: Permission
    let collection: CollectionID?

    var refusal: Refusal {
        .forbidden(
            "not-permitted", "Your roles don't include the permission \"\(permission.rawValue)\" here. An administrator can give it to you."
        )
    }
}

/// Remembers the newest ``Design`` of each database, found by its stamp, so that a request needs one small read instead of many.
package final class DesignCache: Sendable {
    private let designs = Mutex<[DatabaseName: Design]>([:])
    private let limit: Int

    /// - Parameter limit: how many databases to remember; the least fortunate ones are forgotten.
    package init(limit: Int = 2000) { self.limit = limit }

    func current(in reader: any Reader, of database: DatabaseName) throws -> Design {
        guard let head = try reader.row("SELECT stamp, cursor_key FROM design WHERE id = 1") else {
            throw StorageError.failed("no design row")
        }
        let stamp: Int64 = try head.get(0)
        if let known = designs.withLock({ $0[database] }), known.stamp == stamp { return known }
        let design = try Design.load(stamp: stamp, cursorKey: head.get(1), from: reader)
        designs.withLock { designs in
            if designs.count >= limit, designs[database] == nil, let victim = designs.keys.first { designs[victim] = nil }
            designs[database] = design
        }
        return design
    }
}
