import HTTPTypes
import Hummingbird
import NIOCore
import Records
import Vocabulary
import Web

extension Endpoint {
    static let exports: [Endpoint] = [
        Endpoint(.get, "/collections/{collection}/export", needs: .export) { call in
            let slug = try call.collection()
            guard let format = ExportFormat(rawValue: call.request.query("format") ?? "csv") else {
                throw Refusal.invalid("invalid-parameter", "The format is csv or json-lines.", field: "format")
            }
            let query = Query(
                filter: try call.text("filter"), sort: try call.text("sort"), search: try call.text("search"),
                deleted: try call.flag("deleted"))
            let stream = try await call.workspace().exports.stream(
                slug, as: format, query, guardFormulas: call.flag("guard_formulas"), by: call.actor(),
                asLongAs: { try await call.isWelcome() })
            return .download(name: "\(slug).\(format.fileExtension)", type: format.contentType) { sink in
                for try await chunk in stream { try await sink.write(ByteBuffer(bytes: chunk)) }
            }
        }
    ]
}
