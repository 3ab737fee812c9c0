import Foundation
import Mail
import Storage
import Vocabulary

/// A further way to tell one side of its alarms, beside mail to its own people.
package struct AlarmRoute: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case mail
        case webhook
    }

    package let id: AlarmRouteID
    package let side: AlarmSide
    package let kind: Kind
    /// A mail address or the address that a webhook goes to.
    package let target: String
    /// What is less severe doesn't go this way.
    package let threshold: AlarmSeverity
    package let since: Instant
    package let addedBy: String
    /// Of a webhook: when something was last sent there, and how that went.
    package let triedAt: Instant?
    package let outcome: String?

    /// The target without what may be a secret: of a webhook only the host.
    package var name: String { kind == .mail ? target : URLComponents(string: target)?.host ?? "a webhook" }

    static let columns: SQL = "id, tenant, kind, target, threshold, since, added_by, tried_at, outcome"

    init(row: Row) throws {
        id = try row.get(0)
        side = AlarmSide(try row.get(1))
        guard let kind = Kind(rawValue: try row.get(2)) else { throw StorageError.unexpectedColumn("alarm_route.kind") }
        self.kind = kind
        target = try row.get(3)
        // A threshold of a newer release: rather too many alarms than too few.
        threshold = AlarmSeverity(rawValue: try row.get(4)) ?? .notice
        since = try row.get(5)
        addedBy = try row.get(6)
        triedAt = try row.get(7)
        outcome = try row.get(8)
    }

    static func find(_ id: AlarmRouteID, in reader: any Reader) throws -> AlarmRoute? {
        try reader.row("SELECT \(columns) FROM alarm_route WHERE id = \(id)").map(AlarmRoute.init(row:))
    }

    static func all(of side: AlarmSide, in reader: any Reader) throws -> [AlarmRoute] {
        let condition: SQL = side.tenant.map { "tenant = \($0)" } ?? "tenant IS NULL"
        return try reader.rows("SELECT \(columns) FROM alarm_route WHERE \(condition) ORDER BY id").map(AlarmRoute.init(row:))
    }

    /// What a person typed, in its one spelling.
    /// - Throws: ``Refusal`` `mail-address`, `webhook-address`
    static func target(_ text: String, _ kind: Kind, plain: Bool) throws -> String {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        switch kind {
        case .mail: return try MailAddress(text).description
        case .webhook:
            guard let address = WebhookAddress(text), !address.isPlain || plain
            else {
                throw Refusal.invalid(
                    "webhook-address", "Give an address that begins with https://, such as https://chat.example.com/hooks/alarms.",
                    field: "target")
            }
            return text
        }
    }
}
