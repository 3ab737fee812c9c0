import Audit
import Identity
import Records
import Sealing
import Storage
import Vocabulary

extension Control {
    static let noPersonalData = automated(
        "LG-2", "No personal data in logs", "M",
        "Logs, metrics and traces hold user names at most: no other personal data, nothing that a customer wrote.",
        NoPersonalData())
}

/// Sends words that nobody else knows through a request, in every place that a request has, and through a failing sign-in; then looks for them in the
/// logs of the process, in the audit log, and in the records of a fresh environment's log.
struct NoPersonalData: Probe {
    func check(_ platform: Platform) async throws -> Evidence {
        guard let log = platform.recentLog else { throw CannotProbe("nobody collects what the process logs") }
        guard let listener = platform.listener else { throw CannotProbe("no address listens for TLS") }
        var findings = Findings()
        let canary = "canary" + platform.entropy.bytes(16).map { String($0 % 36, radix: 36) }.joined()
        let search = FileSearch(for: canary)
        let before = log.snapshot().total
        let controlBefore = try await AuditEntries(database: platform.control).count()

        let answer = await CanaryRequest.send(canary, to: listener)
        guard let answer else { throw CannotProbe("the listening address does not answer") }
        findings.expect(answer.hasPrefix("HTTP/1.1 4") || answer.hasPrefix("HTTP/1.1 3"), "a request for nothing was not refused")
        do {
            _ = try await platform.signIn.password(
                identifier: "\(canary)@holdfast.invalid", password: Secret(canary), by: Principal(.platform(component: "controls")),
                agent: UserAgent(canary))
        } catch is Refusal {}

        let (lines, after) = log.snapshot()
        findings.expect(after > before, "the request left no line in the log")
        findings.expect(!lines.contains { !search.forms(in: $0).isEmpty }, "the process's log holds what a request carried")
        let entries = try await AuditEntries(database: platform.control).page(limit: AuditEntries.longestPage).entries.filter {
            $0.seq >= controlBefore
        }
        findings.expect(!entries.isEmpty, "the failing sign-in left no entry")
        findings.expect(!entries.contains { !search.forms(in: $0.body).isEmpty }, "the audit log holds what a request carried")

        let recorded = try await ScratchEnvironment.lend(on: platform) { scratch in
            let space = scratch.workspace
            let actor = Actor.platform("controls")
            try await space.collections.create(
                .init(slug: "things", name: canary, description: canary, fields: [.init(key: "name", label: canary, type: .text)]),
                by: actor)
            let record = try await space.records.create(["name": .string(canary)], in: "things", by: actor)
            _ = try await space.records.change(record.id, in: "things", ["name": .string("\(canary) again")], ifVersion: nil, by: actor)
            try await space.records.delete(record.id, in: "things", ifVersion: nil, by: actor)
            return try await AuditEntries(database: scratch.database).page(limit: AuditEntries.longestPage).entries
        }
        findings.expect(recorded.count >= 4, "work with records left too few entries")
        findings.expect(!recorded.contains { !search.forms(in: $0.body).isEmpty }, "the audit log holds a customer's words")
        findings.count("log_lines_searched", lines.count)
        findings.count("audit_entries_searched", entries.count + recorded.count)
        return findings.evidence("Words sent through a request, a sign-in and records were in no log.")
    }
}

/// A request with the canary in its path, query, headers, cookie and body.
enum CanaryRequest {
    static func send(_ canary: String, to listener: Platform.Listener) async -> String? {
        let body = "{\"name\":\"\(canary)\",\"password\":\"\(canary)\"}"
        let request = """
            POST /\(canary)?q=\(canary) HTTP/1.1\r
            Host: \(listener.serverName):\(listener.port)\r
            User-Agent: \(canary)\r
            Referer: https://\(listener.serverName)/\(canary)\r
            Cookie: __Host-session=\(canary)\r
            Authorization: Bearer \(canary)\r
            X-Request-ID: \(canary)\r
            X-Forwarded-For: \(canary)\r
            Content-Type: application/json\r
            Content-Length: \(body.utf8.count)\r
            Connection: close\r
            \r
            \(body)
            """
        return await RawRequest.send(request, to: listener)
    }
}
