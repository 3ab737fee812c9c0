import Audit
import Controls
import Hummingbird
import NIOCore
import ObjectStores
import Sealing
import Vocabulary
import Web

extension ShellCommands {
    func addAuditCommands(to router: Router<HoldfastContext>) {
        command("audit list", .get, "/audit/{log}", on: router) { request, context in
            let owner = try await owner(context.parameter("log"))
            let limit = request.query("limit").flatMap { Int($0) } ?? 50
            let page = try await AuditEntries(database: try await installation.database(of: owner)).page(limit: limit)
            return .list(page.entries.map(describe))
        }
        command("audit verify", .post, "/audit/{log}/verify", on: router) { _, context in
            let name = try context.parameter("log")
            // By the register and not by the keyring, which also holds the keys of environments that are just being made.
            let owners =
                name == "all" ? [.control] + (try await installation.places().map { .environment($0.id) }) : [try await owner(name)]
            var reports: [JSONValue] = []
            for owner in owners {
                guard let checkpoints = try await installation.checkpoints(of: owner) else { continue }
                let published = try await installation.publishedLog(of: owner)
                let kept: [String?]
                let outside: PublishedLog.Report?
                do {
                    kept = [try await Witnesses.newest(of: checkpoints.origin, in: installation.control), try await published?.note()]
                    outside = try await published?.verify()
                } catch let fault as ObjectFault {
                    throw Refusal(.unavailable(retryAfter: .seconds(60)), "objects", "The published tiles can't be read: \(fault).")
                }
                let report = try await AuditVerifier(key: checkpoints.key, kept: kept.compactMap(\.self))
                    .verify(try await installation.database(of: owner)).adding(outside?.faults ?? [])
                let clock = installation.clock
                try await installation.control.write { transaction in
                    try installation.audit.record(
                        .auditVerified(entries: Int(clamping: report.entries), result: report.holds ? "unchanged" : "changed"),
                        by: context.principal, at: clock.now(), in: transaction)
                }
                var members = report.json(log: owner.description).object ?? [:]
                members["published"] = (outside?.size).map { .integer(Int64(clamping: $0)) } ?? .null
                members["tiles"] = .integer(Int64(outside?.tiles ?? 0))
                reports.append(.object(members))
            }
            return .list(reports)
        }
        command("audit key", .get, "/audit/{log}/key", on: router) { _, context in
            let checkpoints = try await checkpoints(context)
            return .json(["key": .string(checkpoints.key.description), "origin": .string(checkpoints.origin)])
        }
        command("audit checkpoint", .get, "/audit/{log}/checkpoint", on: router) { _, context in
            guard let signed = try await checkpoints(context).sign() else {
                throw Refusal.conflict("empty-log", "The log is empty, so there is nothing to sign yet.")
            }
            return .json([
                "checkpoint": .string(signed.note), "size": .integer(Int64(clamping: signed.checkpoint.size)),
                "at": .string(signed.at.description),
            ])
        }
        command("audit export", .get, "/audit/{log}/export", on: router) { _, context in
            let owner = try await owner(context.parameter("log"))
            guard let checkpoints = try await installation.checkpoints(of: owner) else { throw Refusal.notFound("log") }
            let export = AuditExport(database: try await installation.database(of: owner), checkpoints: checkpoints)
            return .download(name: "audit.jsonl", type: "application/x-ndjson") { sink in
                try await export.write { try await sink.write($0) }
            }
        }
    }

    private func checkpoints(_ context: HoldfastContext) async throws -> AuditCheckpoints {
        let owner = try await owner(context.parameter("log"))
        guard let checkpoints = try await installation.checkpoints(of: owner) else { throw Refusal.notFound("log") }
        return checkpoints
    }

    /// `platform`, or an environment's host label.
    private func owner(_ log: String) async throws -> KeyOwner {
        log == "platform" ? .control : .environment(try await environment(log).id)
    }

    private func describe(_ entry: AuditEntry) -> JSONValue {
        [
            "seq": .integer(Int64(clamping: entry.seq)), "at": .string(entry.at.description), "event": .string(entry.event),
            "title": .string(entry.title), "actor": .string(entry.actor),
            "summary": .string(entry.fields.map { "\($0.name)=\($0.text)" }.joined(separator: " ")),
        ]
    }
}

extension AuditVerifier.Report {
    /// For `holdfast audit verify`, online and offline.
    package func json(log: String) -> JSONValue {
        [
            "log": .string(log), "entries": .integer(Int64(clamping: entries)), "checkpoints": .integer(Int64(checkpoints)),
            "root": .string("\(root)"), "ok": .bool(holds), "finding": .string(faults.prefix(5).map { "\($0)" }.joined(separator: "; ")),
            "key": key.map { .string($0.description) } ?? .null,
        ]
    }
}
