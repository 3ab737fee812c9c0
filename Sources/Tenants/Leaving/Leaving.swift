import Foundation
import Sealing
import Storage
import Vocabulary

/// A tenant on its way out. First a window in which nothing can be changed and everything can be fetched; then its data is destroyed, for good.
package struct Leaving: Sendable, Hashable {
    package enum Stage: String, Sendable, Hashable, CaseIterable {
        /// It may still stay.
        case window
        /// There is no way back; whatever is away is tried again until it confirms.
        case destroying
        case gone
    }

    /// What is destroyed, gathered before, and how far it has come. Kept as JSON.
    package struct Facts: Sendable, Hashable, Codable {
        package struct Environment: Sendable, Hashable, Codable {
            package let id: String
            package let label: String
            package let kind: String
            package let place: String
            package let createdAt: String
            /// Of its audit log.
            package let entries: Int
            /// The last signed state of its audit log, and the key that verifies it.
            package let checkpoint: String
            package let auditKey: String
            /// Of every copy of its database, and its own.
            package let keys: [String]
            package var keysDestroyedAt: String?
            package var databaseDestroyedAt: String?
            package var objects: Int?

            package init(
                id: String, label: String, kind: String, place: String, createdAt: String, entries: Int, checkpoint: String,
                auditKey: String,
                keys: [String]
            ) {
                (self.id, self.label, self.kind, self.place, self.createdAt) = (id, label, kind, place, createdAt)
                (self.entries, self.checkpoint, self.auditKey, self.keys) = (entries, checkpoint, auditKey, keys)
            }
        }

        package struct Destination: Sendable, Hashable, Codable {
            package let name: String
            package var objects: Int
            /// Nil while it has not confirmed that nothing is left.
            package var confirmedAt: String?
            /// Why it has not.
            package var waiting: String?

            package init(name: String, objects: Int) { (self.name, self.objects) = (name, objects) }
        }

        package var environments: [Environment] = []
        package var destinations: [Destination] = []
        package var members = 0
        package var sessions = 0
        /// Accounts of the owners, who are told when it is done.
        package var owners: [String] = []

        package init() {}
    }

    package enum Refusal {
        package static let begun = Vocabulary.Refusal.conflict("leaving-begun", "This tenant is leaving already.")
        package static let none = Vocabulary.Refusal.conflict("not-leaving", "This tenant is not leaving.")
        package static let tooLate = Vocabulary.Refusal.conflict(
            "leaving-too-late", "What this tenant had is being destroyed, or is gone. There is no way back.")
        package static let readOnly = Vocabulary.Refusal.forbidden(
            "leaving",
            "Your organisation is leaving: nothing can be changed any more. Exports and downloads go on until the day that was set.")
    }

    /// Where nobody says when.
    package static let usualWindow = Duration.days(14)
    /// A contract may agree on more than the usual.
    package static let longestWindow = Duration.days(366)
    /// Owners are reminded so long before the end.
    package static let reminder = Duration.days(2)

    package let tenant: TenantID
    package let slug: String
    package let name: String
    package internal(set) var stage: Stage
    package let requestedAt: Instant
    package internal(set) var endsAt: Instant
    package let reason: String
    package internal(set) var remindedAt: Instant?
    package internal(set) var goneAt: Instant?
    package var facts: Facts
    /// A signed note.
    package internal(set) var certificate: String?

    package init(
        tenant: TenantID, slug: String, name: String, stage: Stage, requestedAt: Instant, endsAt: Instant, reason: String,
        remindedAt: Instant? = nil, goneAt: Instant? = nil, facts: Facts, certificate: String? = nil
    ) {
        (self.tenant, self.slug, self.name, self.stage, self.reason) = (tenant, slug, name, stage, reason)
        (self.requestedAt, self.endsAt, self.remindedAt, self.goneAt) = (requestedAt, endsAt, remindedAt, goneAt)
        (self.facts, self.certificate) = (facts, certificate)
    }

    /// What keeps it from being done, in words.
    package var waiting: [String] {
        guard stage == .destroying else { return [] }
        return facts.destinations.filter { $0.confirmedAt == nil }.map { "\($0.name): \($0.waiting ?? "not asked yet")" }
    }
}

extension Leaving {
    static let migration = Migration("tenants_0003_leaving") { dialect in
        let (number, strict): (SQL, SQL) = dialect == .sqlite ? ("INTEGER", " STRICT") : ("BIGINT", "")
        return [
            """
            CREATE TABLE leaving (
                tenant TEXT PRIMARY KEY, slug TEXT NOT NULL, name TEXT NOT NULL,
                stage TEXT NOT NULL CHECK (stage IN ('window', 'destroying', 'gone')), requested_at \(number) NOT NULL,
                ends_at \(number) NOT NULL, reason TEXT NOT NULL, reminded_at \(number), gone_at \(number), facts TEXT NOT NULL,
                certificate TEXT
            )\(strict)
            """,
            "ALTER TABLE environment ADD COLUMN is_leaving \(number) NOT NULL DEFAULT 0",
        ]
    }

    static func list(_ condition: SQL, in reader: any Reader) throws -> [Leaving] {
        try reader.rows(
            """
            SELECT tenant, slug, name, stage, requested_at, ends_at, reason, reminded_at, gone_at, facts, certificate FROM leaving
            WHERE \(condition)
            """
        ).map { row in
            let facts: String = try row.get(9)
            guard let facts = try? JSONDecoder().decode(Facts.self, from: Data(facts.utf8)) else {
                throw StorageError.unexpectedColumn("facts")
            }
            return Leaving(
                tenant: try row.get(0), slug: try row.get(1), name: try row.get(2), stage: try row.name(3), requestedAt: try row.get(4),
                endsAt: try row.get(5), reason: try row.get(6), remindedAt: try row.get(7), goneAt: try row.get(8), facts: facts,
                certificate: try row.get(10))
        }
    }

    private func encodedFacts() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(facts), as: UTF8.self)
    }

    func save(in transaction: any Transaction) throws {
        let facts = try encodedFacts()
        try transaction.run(
            """
            INSERT INTO leaving (tenant, slug, name, stage, requested_at, ends_at, reason, reminded_at, gone_at, facts, certificate)
            VALUES (\(tenant), \(slug), \(name), \(stage.rawValue), \(requestedAt), \(endsAt), \(reason), \(remindedAt), \(goneAt), \(facts), \(certificate))
            ON CONFLICT (tenant) DO UPDATE SET stage = excluded.stage, ends_at = excluded.ends_at, reminded_at = excluded.reminded_at,
                gone_at = excluded.gone_at, facts = excluded.facts, certificate = excluded.certificate
            """)
    }
}
