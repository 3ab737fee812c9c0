import Hummingbird
import NIOCore
import Records
import Vocabulary
import Web

extension ShellCommands {
    func addDataCommands(to router: Router<HoldfastContext>) {
        command("import", .post, "/environments/{label}/collections/{collection}/import", on: router) { request, context in
            let workspace = try await installation.workspace(of: try await environment(context.parameter("label")).id)
            let slug = try context.parameter("collection")
            let actor = Actor(principal: context.principal, roles: [Role.owner])
            let imports = workspace.imports
            let upload = try await imports.upload(
                name: request.query("file") ?? "upload", request.body.map { Array($0.readableBytesView) }, by: actor)
            do {
                let create = request.query("create") == "true"
                var plan = try await imports.suggestedPlan(upload.id, slug: create ? nil : slug, name: create ? slug : nil, by: actor)
                plan.mode = request.query("all_or_nothing") == "true" ? .allOrNothing : .goodLines
                let operation = try await imports.start(upload.id, plan, by: actor)
                return .json(describe(try await imports.run(operation)))
            } catch let refusal as Refusal {
                try await imports.discard(upload.id, by: actor)
                throw refusal
            }
        }
        command("export", .get, "/environments/{label}/collections/{collection}/export", on: router) { request, context in
            let workspace = try await installation.workspace(of: try await environment(context.parameter("label")).id)
            let slug = try context.parameter("collection")
            let format: ExportFormat = request.query("format") == "jsonl" ? .jsonLines : .csv
            let stream = try await workspace.exports.stream(slug, as: format, by: Actor(principal: context.principal, roles: [Role.owner]))
            return .download(name: "\(slug).\(format.fileExtension)", type: format.contentType) { sink in
                for try await chunk in stream { try await sink.write(ByteBuffer(bytes: chunk)) }
            }
        }
    }

    private func describe(_ report: ImportReport) -> JSONValue {
        [
            "operation": .string(report.operation.description), "imported": .integer(Int64(report.imported)),
            "refused": .integer(Int64(report.refused)),
            "refusals": .array(
                report.lines.map { line in
                    [
                        "line": .integer(Int64(line.line)),
                        "reason": .string(line.reasons.map { "\($0.field): \($0.message)" }.joined(separator: "; ")),
                    ]
                }),
        ]
    }
}
