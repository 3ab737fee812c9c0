import Storage
import Vocabulary

/// What became of jobs, without their content.
package struct OutboxEntry: Sendable, Hashable {
    package enum State: String, Sendable, Hashable {
        case waiting
        case delivered
        case dead
    }

    package let id: String
    package let kind: String
    package let state: State
    package let attempts: Int
    package let createdAt: Instant
    /// When it is tried next, while it waits.
    package let dueAt: Instant
    package let settledAt: Instant?
    /// Why it could not be delivered the last time.
    package let reason: String?
}

extension Outbox {
    /// Newest first.
    package func entries(_ state: OutboxEntry.State? = nil, limit: Int = 100, in reader: any Reader) throws -> [OutboxEntry] {
        let condition: SQL = state.map { "WHERE state = \($0.rawValue)" } ?? ""
        return try reader.rows(
            "SELECT id, kind, state, attempts, created_at, due_at, settled_at, reason FROM outbox \(condition) ORDER BY id DESC LIMIT \(limit)"
        ).map { row in
            guard let state = OutboxEntry.State(rawValue: try row.get(2)) else { throw StorageError.unexpectedColumn("outbox.state") }
            return OutboxEntry(
                id: try row.get(0), kind: try row.get(1), state: state, attempts: try row.get(3), createdAt: try row.get(4),
                dueAt: try row.get(5),
                settledAt: try row.get(6), reason: try row.get(7))
        }
    }

    /// Tries a dead job anew, with a full count of attempts.
    /// - Throws: ``Refusal`` `not-found`
    package func revive(_ id: String, at instant: Instant, in transaction: any Transaction) throws {
        let revived = try transaction.run(
            "UPDATE outbox SET state = 'waiting', attempts = 0, due_at = \(instant), settled_at = NULL, expires_at = NULL WHERE id = \(id) AND state = 'dead'"
        )
        guard revived > 0 else { throw Refusal.notFound("message") }
        bell.ring()
    }

    /// Forgets what was settled before `instant`.
    @discardableResult
    package func prune(before instant: Instant, in transaction: any Transaction) throws -> Int {
        try transaction.run("DELETE FROM outbox WHERE state <> 'waiting' AND settled_at < \(instant)")
    }

    /// Takes what is due. Until `lease` ends nobody else takes it; if this process ends before, it becomes due again.
    func claim(_ load: OutboxLoad, at now: Instant, lease: Duration, limit: Int, in transaction: any Transaction) throws -> [Claim] {
        try transaction.rows(
            """
            UPDATE outbox SET attempts = attempts + 1, due_at = \(now + lease)
            WHERE state = 'waiting' AND due_at <= \(now)
                AND id IN (SELECT id FROM outbox WHERE state = 'waiting' AND due_at <= \(now) \(load.condition) ORDER BY due_at, id LIMIT \(limit))
            RETURNING id, kind, payload, attempts, expires_at
            """
        ).map { Claim(id: try $0.get(0), kind: try $0.get(1), payload: try $0.get(2), attempt: try $0.get(3), expiresAt: try $0.get(4)) }
    }

    struct Claim: Sendable {
        let id: String
        let kind: String
        let payload: [UInt8]
        let attempt: Int
        let expiresAt: Instant?
    }

    enum Outcome: Sendable {
        case delivered
        case retry(at: Instant, reason: String)
        case dead(reason: String)
    }

    /// The attempt's number tells whether the claim is still ours.
    func settle(_ claim: Claim, _ outcome: Outcome, at now: Instant, in transaction: any Transaction) throws {
        let (id, attempt) = (claim.id, claim.attempt)
        switch outcome {
        case .delivered:
            try transaction.run(
                "UPDATE outbox SET state = 'delivered', payload = \([UInt8]()), settled_at = \(now), reason = NULL WHERE id = \(id) AND attempts = \(attempt) AND state = 'waiting'"
            )
        case .retry(let next, let reason):
            try transaction.run(
                "UPDATE outbox SET due_at = \(next), reason = \(reason) WHERE id = \(id) AND attempts = \(attempt) AND state = 'waiting'")
        case .dead(let reason):
            try transaction.run(
                "UPDATE outbox SET state = 'dead', settled_at = \(now), reason = \(reason) WHERE id = \(id) AND attempts = \(attempt) AND state = 'waiting'"
            )
        }
    }

    func nextDue(_ load: OutboxLoad, in reader: any Reader) throws -> Instant? {
        try reader.value("SELECT MIN(due_at) FROM outbox WHERE state = 'waiting' \(load.condition)", as: Instant?.self).flatMap { $0 }
    }
}
