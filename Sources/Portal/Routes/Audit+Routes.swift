import Audit
import Foundation
import HTTPTypes
import Hummingbird
import Identity
import NIOCore
import Records
import Storage
import Vocabulary
import Web

/// The audit log of an environment, and of the platform for its operators.
extension Portal {
    func addAudit(to router: Router<HoldfastContext>) {
        room("/audit", on: router) { room in
            try await room.workspace.roles.require(.viewAudit, by: room.actor)
            return try await room.visit.showAudit(of: room.database, room.environment.id, name: room.tenant.slug)
        }
        room("/audit/export", on: router) { room in
            try await room.workspace.roles.require(.viewAudit, by: room.actor)
            return try await auditFile(of: room.database, room.environment.id, name: room.environment.label)
        }
        deed("/audit/verify", on: router) { room, _ in
            try await room.workspace.roles.require(.viewAudit, by: room.actor)
            return try await verifyAudit(of: room.database, room.environment.id, room.visit)
        }
    }

    func addPlatformAudit(to router: Router<HoldfastContext>) {
        page("/audit", on: router) { visit in
            try visit.requireOperator()
            return try await visit.showAudit(of: parts.control, nil, name: "platform")
        }
        page("/audit/export", on: router) { visit in
            try visit.requireOperator()
            return try await auditFile(of: parts.control, nil, name: "platform")
        }
        action("/audit/verify", on: router) { visit, _ in
            try visit.requireOperator()
            return try await verifyAudit(of: parts.control, nil, visit)
        }
    }

    private func auditFile(of database: any Database, _ environment: EnvironmentID?, name: String) async throws -> Response {
        guard let checkpoints = try await parts.checkpoints(environment) else { throw Refusal.notFound("export") }
        let export = AuditExport(database: database, checkpoints: checkpoints)
        return .download(name: "\(name)-audit.jsonl", type: "application/jsonl") { sink in
            try await export.write { try await sink.write($0) }
        }
    }

    /// Reads the whole log again and holds it against what was signed.
    private func verifyAudit(of database: any Database, _ environment: EnvironmentID?, _ visit: Visit) async throws -> Response {
        guard let checkpoints = try await parts.checkpoints(environment) else { throw Refusal.notFound("checkpoint") }
        let report = try await AuditVerifier(key: checkpoints.key).verify(database)
        return try visit.go(
            "/audit",
            report.holds
                ? Notice(.done, "Verified: all \(Numeral.text(Int(clamping: report.entries))) entries are as they were signed.")
                : Notice(.problem, "The log does not match what was signed. Tell the platform’s security officer at once."))
    }
}

extension Visit {
    fileprivate func showAudit(of database: any Database, _ environment: EnvironmentID?, name: String) async throws -> Response {
        let who = (request.query("who") ?? "").trimmingCharacters(in: .whitespaces)
        let (event, from, to) = (request.query("event") ?? "", request.query("from") ?? "", request.query("to") ?? "")
        var filter = AuditEntries.Filter()
        if !event.isEmpty { filter.events = [event] }
        if !who.isEmpty {
            // A person by address; else the actor as the log spells it.
            filter.actor = try await parts.accounts.find(identifier: who).map { "account:\($0.id)" } ?? who
        }
        filter.from = Instant("\(from)T00:00:00Z")
        filter.until = Instant("\(to)T00:00:00Z").map { $0 + .days(1) }
        let before = request.query("before").flatMap { UInt64($0) }
        let log = AuditEntries(database: database)
        let found =
            if let after = request.query("after").flatMap({ UInt64($0) }) {
                try await log.page(filter, after: after, limit: 30)
            } else {
                try await log.page(filter, before: before, limit: 30)
            }
        let accounts = try await parts.accounts.find(found.entries.compactMap(\.account))
        let entries = found.entries.map { entry in
            AuditPage.Entry(
                number: Int(clamping: entry.seq), at: Moment(entry.at), event: entry.title,
                who: entry.account.flatMap { accounts[$0]?.identifier } ?? entry.actor,
                facts: entry.fields.prefix(6).map { .init($0.name.replacing("_", with: " "), Self.short($0.text)) })
        }
        let checkpoints = try await parts.checkpoints(environment)
        let signed = try await checkpoints?.newest()
        let kept = [("event", event), ("who", who), ("from", from), ("to", to)]
        let next = found.next.map { "/audit" + Portal.query(kept + [("before", String($0))]) }
        let previous = found.previous.map { "/audit" + Portal.query(kept + [("after", String($0))]) }
        let names = AuditEvent.examples.map { $0.entry.name }
        let page = AuditPage(
            lead: "Who did what, in the order it happened. Nothing in here can be changed without it showing.", address: "/audit",
            export: checkpoints == nil ? nil : "/audit/export",
            checkpoint: signed.map { signed in
                .init(
                    heading: "Signed up to entry \(Numeral.text(Int(clamping: signed.checkpoint.size)))",
                    text: "On \(Moment(signed.at).text), by \(checkpoints?.origin ?? "").", verify: "/audit/verify")
            },
            events: [Choice("", "Any")]
                + Set(names).sorted().map { Choice($0, AuditEvent.title(named: $0), isChosen: $0 == event) },
            who: who, from: from, to: to, entries: entries,
            pager: Pager(
                said: Numeral.count(entries.count, "entry", "entries"), previous: previous, next: next),

            command: (["holdfast audit verify --file \(name)-audit.jsonl"] + (checkpoints.map { ["--key '\($0.key)'"] } ?? [])
                + (signed == nil ? [] : ["--checkpoint \(name)-checkpoint.txt"])).joined(separator: " \\\n  "),
            note: signed.map { .init($0.note, file: "\(name)-checkpoint.txt") })
        return try show(page, current: "Audit")
    }

    /// Identifiers are long and mostly alike; their end tells them apart.
    private static func short(_ text: String) -> String {
        text.utf8.count == 36 && text.filter({ $0 == "-" }).count == 4 ? "…\(text.suffix(8))" : String(text.prefix(80))
    }
}
