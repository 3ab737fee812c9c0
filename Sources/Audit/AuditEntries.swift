import Ledger
import Storage
import Vocabulary

/// Reads the log of one database. Whether the reader may, the caller has decided.
package struct AuditEntries: Sendable {
    /// What to show. Conditions are joined by *and*; the empty filter shows all.
    package struct Filter: Sendable, Hashable {
        /// Names from the catalogue; empty means every event.
        package var events: Set<String>
        /// An actor's text form, such as `account:0192…`.
        package var actor: String?
        package var from: Instant?
        /// Exclusive.
        package var until: Instant?

        package init(events: Set<String> = [], actor: String? = nil, from: Instant? = nil, until: Instant? = nil) {
            self.events = events
            self.actor = actor
            self.from = from
            self.until = until
        }
    }

    /// Newest first.
    package struct Page: Sendable {
        package let entries: [AuditEntry]
        /// Pass as `before` for the next page. Nil on the last one.
        package let next: UInt64?
        /// Pass as `after` for the page before. Nil on the first one.
        package let previous: UInt64?
    }

    package static let longestPage = 500

    private let database: any Database

    package init(database: any Database) { self.database = database }

    /// How many entries there are.
    package func count() async throws -> UInt64 {
        try await database.read { try AuditLog.frontier(in: $0).size }
    }

    /// The entries before `before`, or the newest; at most `limit`, and never more than ``longestPage``.
    package func page(_ filter: Filter = Filter(), before: UInt64? = nil, limit: Int = 50) async throws -> Page {
        let limit = min(max(limit, 1), Self.longestPage)
        let bodies = try await database.read { reader in
            try reader.rows(Self.query(filter, before: before, limit: limit + 1)).map { try $0.get(0, as: String.self) }
        }
        let entries = bodies.prefix(limit).compactMap(AuditEntry.init(body:))
        return Page(
            entries: entries, next: bodies.count > limit ? entries.last?.seq : nil, previous: before == nil ? nil : entries.first?.seq)
    }

    /// The entries right after `after`; newest first all the same.
    package func page(_ filter: Filter = Filter(), after: UInt64, limit: Int = 50) async throws -> Page {
        let limit = min(max(limit, 1), Self.longestPage)
        let bodies = try await database.read { reader in
            try reader.rows(Self.query(filter, after: after, limit: limit + 1)).map { try $0.get(0, as: String.self) }
        }
        let entries: [AuditEntry] = bodies.prefix(limit).compactMap(AuditEntry.init(body:)).reversed()
        return Page(entries: entries, next: entries.last?.seq, previous: bodies.count > limit ? entries.first?.seq : nil)
    }

    package func entry(_ seq: UInt64) async throws -> AuditEntry? {
        guard let seq = Int64(exactly: seq) else { return nil }
        return try await database.read { try $0.value("SELECT body FROM audit_entry WHERE seq = \(seq)", as: String.self) }
            .flatMap(AuditEntry.init(body:))
    }

    private static func query(_ filter: Filter, before: UInt64? = nil, after: UInt64? = nil, limit: Int) -> SQL {
        var conditions: [SQL] = ["1 = 1"]
        if let before { conditions.append("seq < \(Int64(clamping: before))") }
        if let after { conditions.append("seq > \(Int64(clamping: after))") }
        if !filter.events.isEmpty { conditions.append("event IN (\(filter.events.sorted().map { "\($0)" as SQL }.joined()))") }
        if let actor = filter.actor { conditions.append("actor = \(actor)") }
        if let from = filter.from { conditions.append("at >= \(from)") }
        if let until = filter.until { conditions.append("at < \(until)") }
        let order: SQL = after == nil ? "DESC" : "ASC"
        return "SELECT body FROM audit_entry WHERE \(conditions.joined(" AND ")) ORDER BY seq \(order) LIMIT \(limit)"
    }
}
