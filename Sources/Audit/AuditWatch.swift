import Storage
import Vocabulary

/// Stands beside a log and is told of each event, inside the transaction that records it.
package protocol AuditWatch: Sendable {
    /// What it throws takes the change back: an event that had to be told of and can't be doesn't happen.
    func saw(_ event: AuditEvent, by principal: Principal, at instant: Instant, in transaction: any Transaction) throws
}
