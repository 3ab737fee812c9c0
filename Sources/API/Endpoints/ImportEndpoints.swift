import HTTPTypes
import Hummingbird
import Jobs
import NIOCore
import Records
import Vocabulary
import Web

extension Endpoint {
    /// An upload first, then a look at what is in it, then the work.
    static let imports: [Endpoint] = [
        Endpoint(.post, "/imports", needs: .import) { call in
            let actor = try call.actor()
            let workspace = try await call.workspace()
            let name = try call.text("name") ?? "upload.csv"
            let upload = try await workspace.imports.upload(name: name, call.request.body.map { Array($0.readableBytesView) }, by: actor)
            let preview = try await workspace.imports.preview(upload.id, by: actor)
            return .json(preview.document(of: upload), status: .created, headers: [.location: "\(API.base)/imports/\(upload.id)"])
        },
        Endpoint(.get, "/imports/{upload}", needs: .import) { call in
            let (actor, id) = (try call.actor(), try call.upload())
            let imports = try await call.workspace().imports
            let preview = try await imports.preview(id, for: call.text("collection"), by: actor)
            return .json(preview.document(of: try await imports.find(id, by: actor)))
        },
        Endpoint(.delete, "/imports/{upload}", needs: .import) { call in
            try await call.workspace().imports.discard(call.upload(), by: call.actor())
            return .noContent()
        },
        Endpoint(.post, "/imports/{upload}/operation", needs: .import) { call in
            let (actor, id) = (try call.actor(), try call.upload())
            let workspace = try await call.workspace()
            _ = try await workspace.imports.find(id, by: actor)
            let plan = try await call.body(ImportBody.self).plan(id, workspace, by: actor)
            let operation = try await workspace.imports.start(id, plan, by: actor)
            let logger = call.context.logger
            call.parts.imports.enqueue(operation.id, in: workspace) { error in
                logger.error("an import failed", metadata: ["kind": "\(type(of: error))"])
            }
            return operation.accepted()
        },
    ]

    static let operations: [Endpoint] = [
        Endpoint(.get, "/operations", needs: .membership) { call in
            let actor = try call.actor()
            let operations = try await call.workspace().imports.operations(limit: 100, by: actor)
            return .json(["operations": .array(operations.map(\.document))])
        },
        Endpoint(.get, "/operations/{operation}", needs: .membership) { call in
            .json(try await call.workspace().imports.operation(call.operation(), by: call.actor()).document)
        },
        Endpoint(.post, "/operations/{operation}/cancellation", needs: .membership) { call in
            let (actor, id) = (try call.actor(), try call.operation())
            let imports = try await call.workspace().imports
            try await imports.cancel(id, by: actor)
            return try await imports.operation(id, by: actor).accepted()
        },
        Endpoint(.get, "/operations/{operation}/refusals", needs: .membership) { call in
            let report = try await call.workspace().imports.report(call.operation(), by: call.actor())
            switch call.request.query("format") {
            case nil, "json": return .json(report.document)
            case "csv":
                let headers: HTTPFields = [.contentDisposition: "attachment; filename=\"refused-lines.csv\""]
                return .bytes(ByteBuffer(bytes: Exports.csv(of: report)), type: ExportFormat.csv.contentType, headers: headers)
            default: throw Refusal.invalid("invalid-parameter", "The format is json or csv.", field: "format")
            }
        },
    ]
}

extension Call {
    func upload() throws -> OperationID { try context.id("upload", what: "upload") }
    func operation() throws -> OperationID { try context.id("operation", what: "operation") }
}

extension ImportBody {
    func plan(_ upload: OperationID, _ workspace: Workspace, by actor: Actor) async throws -> ImportPlan {
        guard let mode = ImportPlan.Mode(rawValue: mode ?? ImportPlan.Mode.goodLines.rawValue) else {
            throw Refusal.invalid("invalid-mode", "The mode is good-lines or all-or-nothing.", field: "mode")
        }
        var plan: ImportPlan
        switch (collection, new_collection) {
        case (let slug?, nil): plan = try await workspace.imports.suggestedPlan(upload, slug: slug, name: nil, by: actor)
        case (nil, let body?):
            plan = try await workspace.imports.suggestedPlan(upload, slug: nil, name: body.slug, by: actor)
            var draft = try body.draft(try await workspace.collections.list(by: actor))
            if body.fields == nil, case .new(let suggested) = plan.target { draft.fields = suggested.fields }
            plan.target = .new(draft)
        default: throw Refusal.invalid("no-target", "Give either collection or new_collection.", field: "collection")
        }
        if let mappings { plan.mappings = mappings.map { .init(column: $0.column, field: $0.field) } }
        plan.mode = mode
        return plan
    }
}

extension ImportPreview {
    func document(of upload: ImportUpload) -> JSONValue {
        [
            "id": .string(upload.id.description), "name": .string(upload.name), "bytes": .integer(Int64(bytes)),
            "format": .string(format.rawValue),
            "encoding": .string(encoding.rawValue), "delimiter": delimiter.map { .string($0) } ?? .null,
            "sampled_rows": .integer(Int64(sampledRows)), "columns": .array(columns.map(\.document)),
            "rows": .array(rows.map { .array($0.map { .string($0) }) }),
        ]
    }
}

extension ImportPreview.Column {
    fileprivate var document: JSONValue {
        [
            "name": .string(name), "suggested_key": .string(suggestedKey), "suggested_label": .string(suggestedLabel),
            "suggested_type": .string(suggestedType.name), "always_filled": .bool(alwaysFilled),
            "samples": .array(samples.map { .string($0) }),
            "matches": matches.map { .string($0) } ?? .null,
        ]
    }
}

extension ImportReport {
    var document: JSONValue {
        [
            "operation": .string(operation.description), "imported": .integer(Int64(imported)), "refused": .integer(Int64(refused)),
            "lines": .array(
                lines.map { line in
                    [
                        "line": .integer(Int64(line.line)),
                        "reasons": .array(line.reasons.map { ["field": .string($0.field), "message": .string($0.message)] }),
                    ]
                }),
        ]
    }
}
