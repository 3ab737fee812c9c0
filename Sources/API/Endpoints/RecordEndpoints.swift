import HTTPTypes
import Hummingbird
import NIOCore
import Records
import Vocabulary
import Web

extension Endpoint {
    static let records: [Endpoint] = [
        Endpoint(.get, "/collections/{collection}/records", needs: .view) { call in
            let page = try await call.workspace().records.list(in: call.collection(), call.query(), by: call.actor())
            var headers: HTTPFields = [:]
            if let next = page.next, let link = call.link(to: next) { headers[.link] = link }
            return .bytes(ByteBuffer(bytes: page.bytes()), type: "application/json", headers: headers)
        },
        Endpoint(.post, "/collections/{collection}/records", needs: .create) { call in
            let (actor, slug) = (try call.actor(), try call.collection())
            let body = try await call.request.json(in: call.context)
            let values = try JSONDecoding.decode(RecordBody.self, from: body).values
            let key = try call.request.headers[.idempotencyKey].map { try IdempotencyKey($0, request: Array(slug.utf8) + [0] + body.bytes) }
            let record = try await call.workspace().records.create(values, in: slug, idempotency: key, by: actor)
            return record.response(status: .created, headers: [.location: "\(API.base)/collections/\(slug)/records/\(record.id)"])
        },
        Endpoint(.get, "/collections/{collection}/records/{record}", needs: .view) { call in
            let record = try await call.workspace().records.find(call.record(), in: call.collection(), by: call.actor())
            return call.has(record.etag) ? Response(status: .notModified, headers: [.eTag: record.etag]) : record.response()
        },
        Endpoint(.put, "/collections/{collection}/records/{record}", needs: .edit) { call in
            let (actor, slug, id, version) = (try call.actor(), try call.collection(), try call.record(), try call.ifMatch())
            let values = try await call.body(RecordBody.self).values
            return try await call.workspace().records.replace(id, in: slug, with: values, ifVersion: version, by: actor).response()
        },
        Endpoint(.patch, "/collections/{collection}/records/{record}", needs: .edit) { call in
            let (actor, slug, id, version) = (try call.actor(), try call.collection(), try call.record(), try call.ifMatch())
            let values = try await call.body(RecordBody.self).values
            return try await call.workspace().records.change(id, in: slug, values, ifVersion: version, by: actor).response()
        },
        Endpoint(.delete, "/collections/{collection}/records/{record}", needs: .delete) { call in
            let records = try await call.workspace().records
            try await records.delete(call.record(), in: call.collection(), ifVersion: call.ifMatch(), by: call.actor())
            return .noContent()
        },
        Endpoint(.post, "/collections/{collection}/records/{record}/restoration", needs: .restore) { call in
            let (actor, slug, id, version) = (try call.actor(), try call.collection(), try call.record(), try call.ifMatch())
            let body = try await call.body(RestorationBody.self)
            return try await call.workspace().records.restore(id, in: slug, version: body.version, ifVersion: version, by: actor).response()
        },
    ]

    static let versions: [Endpoint] = [
        Endpoint(.get, "/collections/{collection}/records/{record}/versions", needs: .view) { call in
            let limit = try call.number("limit", in: 1...RecordVersions.pageLimit) ?? 50
            let before = try call.number("before", in: 1...Int(Int32.max))
            let versions = try await call.workspace().history.list(
                of: call.record(), in: call.collection(), before: before, limit: limit, by: call.actor())
            let last = versions.count == limit ? versions.last.map(\.version) : nil
            return .json([
                "versions": .array(versions.map(\.document)), "next": last.flatMap { $0 > 1 ? .integer(Int64($0)) : nil } ?? .null,
            ])
        },
        Endpoint(.get, "/collections/{collection}/records/{record}/versions/{version}", needs: .view) { call in
            guard let version = Int(try call.context.parameter("version")) else { throw Refusal.notFound("version") }
            let found = try await call.workspace().history.find(version, of: call.record(), in: call.collection(), by: call.actor())
            return .json(found.document)
        },
    ]
}

extension Call {
    /// The list parameters: `filter`, `sort`, `search`, `cursor`, `limit`, `count`, `deleted`, `titles`.
    func query() throws -> Query {
        Query(
            filter: try text("filter"), sort: try text("sort"), search: try text("search"), cursor: try text("cursor"),
            limit: try number("limit", in: 1...Records.pageLimit) ?? 50, count: try flag("count"), deleted: try flag("deleted"),
            titles: try flag("titles"))
    }

    /// The next page's address (RFC 8288). Nil if the query can't be repeated in a header.
    func link(to cursor: String) -> String? {
        let others = (request.uri.query ?? "").split(separator: "&").filter { !$0.hasPrefix("cursor=") }
        let query = (others.map(String.init) + ["cursor=\(cursor)"]).joined(separator: "&")
        guard query.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x3E && $0 != 0x3C && $0 != 0x22 }) else { return nil }
        return "<\(request.uri.path)?\(query)>; rel=\"next\""
    }
}

extension HTTPField.Name {
    static let link = HTTPField.Name("Link") ?? .location
}
