import Audit
import Storage
import Vocabulary

extension Control {
    static let nobodyElse = automated(
        "ID-15", "Nobody acts as somebody else", "Y",
        "There is no way, for administrators or staff either, to act under another person's name.",
        every: .hours(6), NobodyElse())
}

/// Reads the route table, the event catalogue and the schema for ways to become somebody else, and every live session for signs of one.
struct NobodyElse: Probe {
    static let words = [
        "impersonat", "act-as", "act_as", "actas", "sign-in-as", "login-as", "log-in-as", "switch-user", "sudo", "assume", "become",
        "on-behalf",
    ]

    func check(_ platform: Platform) async throws -> Evidence {
        var findings = Findings()
        guard !platform.routes.isEmpty else { throw CannotProbe("the route table was not handed in") }
        findings.count("routes", platform.routes.count)
        for route in platform.routes {
            findings.expect(!Self.speaksOfIt(route.path), "\(route.method) \(route.path) sounds like acting as somebody else")
        }
        for event in AuditEvent.examples { findings.expect(!Self.speaksOfIt(event.entry.name), "there is an event \(event.entry.name)") }

        let look = try await platform.control.read { reader in
            (
                columns: try SchemaColumns.all(reader),
                foreign: try reader.value(
                    "SELECT count(*) FROM session AS s JOIN session AS p ON p.id = s.parent WHERE s.account <> p.account", as: Int.self)
                    ?? 0,
                live: try reader.rows(
                    "SELECT id, account FROM session WHERE ended_at IS NULL ORDER BY created_at DESC LIMIT 500"
                ).map { (id: try $0.get(0, as: String.self), account: try $0.get(1, as: String.self)) }
            )
        }
        for column in look.columns {
            findings.expect(!Self.speaksOfIt(column.name), "column \(column.name) sounds like acting as somebody else")
        }
        findings.expect(look.foreign == 0, "\(look.foreign) sessions belong to another person than the sign-in they hang on")

        // Who started a session, says the log; whose it is, says the table. They must agree.
        let started = try await Self.starters(platform)
        var compared = 0
        for session in look.live {
            guard let actor = started[session.id] else { continue }
            compared += 1
            findings.expect(actor == "account:\(session.account)", "session \(session.id) was started by \(actor)")
        }
        findings.count("live_sessions", look.live.count)
        findings.count("sessions_compared_with_the_log", compared)
        return findings.evidence("No route, event or column lets anybody act as another person, and every live session is its owner's own.")
    }

    static func speaksOfIt(_ text: String) -> Bool {
        let text = text.lowercased()
        return words.contains { text.contains($0) }
    }

    /// The actor of the event that began each of the newest sessions.
    private static func starters(_ platform: Platform) async throws -> [String: String] {
        var starters: [String: String] = [:]
        var before: UInt64?
        for _ in 0..<4 {
            let page = try await AuditEntries(database: platform.control)
                .page(.init(events: ["session_started"]), before: before, limit: AuditEntries.longestPage)
            for entry in page.entries {
                guard let session = entry.fields.first(where: { $0.name == "session" })?.text else { continue }
                starters[session] = entry.actor
            }
            guard let next = page.next else { break }
            before = next
        }
        return starters
    }
}
