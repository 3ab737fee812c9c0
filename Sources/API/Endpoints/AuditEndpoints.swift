import Audit
import Hummingbird
import NIOCore
import Records
import Vocabulary
import Web

extension Endpoint {
    static let audit: [Endpoint] = [
        Endpoint(.get, "/audit", needs: .viewAudit) { call in
            let workspace = try await call.workspace()
            try await workspace.roles.require(.viewAudit, by: call.actor())
            let filter = AuditEntries.Filter(
                events: Set((try call.text("event") ?? "").split(separator: ",").prefix(50).map(String.init)),
                actor: try call.text("actor"),
                from: try call.instant("from"), until: try call.instant("until"))
            let before = try call.number("before", in: 0...Int.max).map { UInt64($0) }
            let limit = try call.number("limit", in: 1...AuditEntries.longestPage) ?? 50
            let page = try await AuditEntries(database: workspace.database).page(filter, before: before, limit: limit)
            return .json([
                "entries": .array(page.entries.map(\.document)), "next": page.next.map { .integer(Int64(clamping: $0)) } ?? .null,
            ])
        },
        Endpoint(.get, "/audit/export", needs: .viewAudit) { call in
            let workspace = try await call.workspace()
            try await workspace.roles.require(.viewAudit, by: call.actor())
            guard let checkpoints = try await call.parts.checkpoints(call.context.requireEnvironment()) else {
                throw Refusal.notFound("audit log")
            }
            let export = AuditExport(database: workspace.database, checkpoints: checkpoints)
            return .download(name: "audit.jsonl", type: "application/x-ndjson") { sink in
                try await export.write { try await sink.write($0) }
            }
        },
    ]
}

extension Call {
    fileprivate func instant(_ name: String) throws -> Instant? {
        guard let text = try text(name) else { return nil }
        guard let instant = Instant(text) else {
            throw Refusal.invalid("invalid-parameter", "Write a moment as 2026-11-21T07:37:42Z.", field: name)
        }
        return instant
    }
}

extension AuditEntry {
    fileprivate var document: JSONValue {
        let members = fields.map { field -> (String, JSONValue) in
            switch field.value {
            case .name(let text), .reference(let text): (field.name, .string(text))
            case .number(let number): (field.name, .integer(number))
            }
        }
        return [
            "seq": .integer(Int64(clamping: seq)), "at": .string(at.description), "event": .string(event), "title": .string(title),
            "actor": .string(actor), "fields": .object(Dictionary(members) { first, _ in first }),
            "session": session.map { .string($0) } ?? .null,
            "network": network.map { .string($0) } ?? .null,
        ]
    }
}
