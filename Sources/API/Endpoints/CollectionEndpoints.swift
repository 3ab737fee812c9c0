import HTTPTypes
import Hummingbird
import Records
import Vocabulary
import Web

extension Endpoint {
    static let collections: [Endpoint] = [
        Endpoint(.get, "/collections", needs: .membership) { call in
            let collections = try await call.workspace().collections.list(by: call.actor())
            return .json(["collections": .array(collections.map(\.document))])
        },
        Endpoint(.post, "/collections", needs: .design) { call in
            let actor = try call.actor()
            let workspace = try await call.workspace()
            let body = try await call.body(CollectionBody.self)
            let collection = try await workspace.collections.create(body.draft(workspace.collections.list(by: actor)), by: actor)
            return collection.response(status: .created, headers: [.location: "\(API.base)/collections/\(collection.slug)"])
        },
        Endpoint(.get, "/collections/{collection}", needs: .view) { call in
            let collection = try await call.workspace().collections.find(call.collection(), by: call.actor())
            return call.has(collection.etag) ? Response(status: .notModified, headers: [.eTag: collection.etag]) : collection.response()
        },
        Endpoint(.patch, "/collections/{collection}", needs: .design) { call in
            let (actor, slug, version) = (try call.actor(), try call.collection(), try call.ifMatch())
            let body = try await call.body(CollectionChangeBody.self)
            let change = CollectionChange(
                name: body.name, singular: body.singular, description: body.description, order: body.order, titleField: body.title_field,
                fieldOrder: body.field_order)
            return try await call.workspace().collections.change(slug, change, ifVersion: version, by: actor).response()
        },
        Endpoint(.delete, "/collections/{collection}", needs: .design) { call in
            try await call.workspace().collections.delete(call.collection(), ifVersion: call.ifMatch(), by: call.actor())
            return .noContent()
        },
        Endpoint(.get, "/deleted-collections", needs: .design) { call in
            let collections = try await call.workspace().collections.deleted(by: call.actor())
            return .json(["collections": .array(collections.map(\.document))])
        },
        Endpoint(.post, "/deleted-collections/{id}/restoration", needs: .design) { call in
            let id: CollectionID = try call.context.id("id", what: "collection")
            return try await call.workspace().collections.restore(id, by: call.actor()).response()
        },
    ]

    static let fields: [Endpoint] = [
        Endpoint(.post, "/collections/{collection}/fields", needs: .design) { call in
            let (actor, slug, version) = (try call.actor(), try call.collection(), try call.ifMatch())
            let body = try await call.body(FieldBody.self)
            let collections = try await call.workspace().collections
            let draft = try body.draft(try await collections.list(by: actor))
            return try await collections.addField(draft, to: slug, ifVersion: version, by: actor).response(status: .created)
        },
        Endpoint(.patch, "/collections/{collection}/fields/{field}", needs: .design) { call in
            let (actor, slug, version) = (try call.actor(), try call.collection(), try call.ifMatch())
            let body = try await call.body(FieldChangeBody.self)
            let collections = try await call.workspace().collections
            let key = try call.context.parameter("field")
            guard let field = try await collections.find(slug, by: actor).field(key) else { throw Refusal.notFound("field") }
            let change = try body.change(of: field, try await collections.list(by: actor))
            return try await collections.changeField(key, of: slug, change, ifVersion: version, by: actor).response()
        },
        Endpoint(.delete, "/collections/{collection}/fields/{field}", needs: .design) { call in
            let key = try call.context.parameter("field")
            let collections = try await call.workspace().collections
            return try await collections.removeField(key, of: call.collection(), ifVersion: call.ifMatch(), by: call.actor()).response()
        },
    ]
}

extension CollectionBody {
    func draft(_ collections: [Collection]) throws -> CollectionDraft {
        CollectionDraft(
            slug: slug, name: name, singular: singular, description: description ?? "",
            fields: try (fields ?? []).map { try $0.draft(collections) },
            titleField: title_field)
    }
}
