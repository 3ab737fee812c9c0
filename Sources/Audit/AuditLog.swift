import Storage
import Vocabulary

/// The audit log of one database.
///
/// ``record(_:by:at:in:)`` is called inside the transaction that makes the change: if the event can't be written, the
/// change is not made.
package struct AuditLog: Sendable {
    package init() {}

    package static let migrations: [Migration] = [
        Migration("audit_0001_entries") { dialect in
            switch dialect {
            case .sqlite:
                ["CREATE TABLE audit_entry (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, event TEXT NOT NULL, body TEXT NOT NULL)"]
            case .postgres:
                ["CREATE TABLE audit_entry (seq BIGSERIAL PRIMARY KEY, at BIGINT NOT NULL, event TEXT NOT NULL, body TEXT NOT NULL)"]
            }
        }
    ]

    package func record(_ event: AuditEvent, by principal: Principal, at instant: Instant, in transaction: any Transaction) throws {
        let entry = event.entry
        try transaction.run("INSERT INTO audit_entry (at, event, body) VALUES (\(instant), \(entry.name), \("{}"))")
    }
}
