import Hummingbird
import Records
import Vocabulary
import Web

extension Portal {
    func addCollections(to router: Router<HoldfastContext>) {
        room("/collections", on: router) { room in
            let counts = try await room.workspace.records.counts(by: room.actor)
            let changes = try await room.workspace.records.lastChanges(by: room.actor)
            let rows = room.collections.map { collection in
                CollectionsPage.Row(
                    name: collection.name, slug: collection.slug, detail: collection.description.isEmpty ? nil : collection.description,
                    fields: collection.fields.count, count: counts[collection.id] ?? 0, changed: changes[collection.id].map { Moment($0) })
            }
            return try room.show(
                CollectionsPage(collections: rows, mayCreate: room.may(.design), mayImport: room.may(.design) && room.may(.import)),
                current: "Collections")
        }
        deed("/collections/{slug}/delete", on: router) { room, _ in
            let collection = try room.collectionOfPath()
            try await room.workspace.collections.delete(collection.slug, by: room.actor)
            return try room.go(
                "/collections",
                Notice(.done, "\(collection.name) is set aside with its records.", undo: "/collections/restore/\(collection.id)"))
        }
        deed("/collections/restore/{id}", on: router) { room, _ in
            let id: CollectionID = try room.context.id("id", what: "collection")
            let collection = try await room.workspace.collections.restore(id, by: room.actor)
            return try room.go("/collections/\(collection.slug)", Notice(.done, "\(collection.name) is back."))
        }
    }
}
