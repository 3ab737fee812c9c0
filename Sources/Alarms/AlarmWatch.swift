import Audit
import Identity
import Jobs
import Mail
import Storage
import Vocabulary

/// Raises alarms for what it sees at the control plane's log: the alarm's row and what carries it out are part of the event's own transaction.
package struct AlarmWatch: AuditWatch {
    /// Most alarms of one rule and side in an hour that are sent. What comes on top is listed only: a flood of attackers must not become one of mail.
    package static let mostInAnHour = 20

    private let outbox: Outbox
    private let entropy: any Entropy
    private let product: String
    private let origin: String

    /// - Parameter origin: of the apex, such as `https://holdfast.localhost:8443`.
    package init(_ outbox: Outbox, entropy: any Entropy, product: String, origin: String) {
        self.outbox = outbox
        self.entropy = entropy
        self.product = product
        self.origin = origin
    }

    package func saw(_ event: AuditEvent, by principal: Principal, at instant: Instant, in transaction: any Transaction) throws {
        for sighting in try Sighting.all(in: event, by: principal, transaction) {
            try raise(sighting, by: principal, at: instant, in: transaction)
        }
    }

    @discardableResult
    func raise(_ sighting: Sighting, by principal: Principal, at now: Instant, in transaction: any Transaction) throws -> AlarmID {
        let id = AlarmID(at: now, entropy: entropy)
        let rule = sighting.rule
        let same: SQL = sighting.side.tenant.map { "tenant = \($0)" } ?? "tenant IS NULL"
        let lately =
            try transaction.value(
                "SELECT count(*) FROM alarm WHERE rule = \(rule.rawValue) AND raised_at > \(now - .hours(1)) AND \(same)", as: Int.self)
            ?? 0
        var audience = Audience()
        if lately < Self.mostInAnHour {
            let concerned = [principal.account, sighting.subject].compactMap { $0 }
            audience = try Audience.find(sighting.side, rule.severity, concerned: concerned, in: transaction)
        }
        try transaction.run(
            """
            INSERT INTO alarm (id, rule, tenant, subject, detail, actor, is_shared, told, raised_at, state)
            VALUES (\(id), \(rule.rawValue), \(sighting.side.tenant), \(sighting.subject), \(sighting.detail), \(principal.keptName),
                \(audience.isShared ? 1 : 0), \(audience.addresses.count + audience.webhooks.count), \(now), 'open')
            """)
        guard !audience.addresses.isEmpty || !audience.webhooks.isEmpty else { return id }
        let telling = try Telling(sighting, id, by: principal, at: now, product: product, origin: origin, in: transaction)
        for address in audience.addresses {
            let message = try Message(
                to: address, subject: telling.subject, text: telling.text(isLast: lately + 1 == Self.mostInAnHour))
            try outbox.add(.mail(message, once: "alarm/\(id)/\(address)", expiresAt: now + .days(1)), in: transaction, at: now)
        }
        for route in audience.webhooks { try send(telling.webhook, of: id, by: route, at: now, in: transaction) }
        return id
    }

    /// Sends a test one way.
    func tryOut(_ route: AlarmRoute, by principal: Principal, at now: Instant, in transaction: any Transaction) throws {
        let id = AlarmID(at: now, entropy: entropy)
        let sighting = Sighting(rule: .trial, side: route.side, detail: route.name)
        try transaction.run(
            """
            INSERT INTO alarm (id, rule, tenant, detail, actor, is_shared, told, raised_at, state)
            VALUES (\(id), \(sighting.rule.rawValue), \(route.side.tenant), \(route.name), \(principal.keptName), 0, 1, \(now), 'closed')
            """)
        let telling = try Telling(sighting, id, by: principal, at: now, product: product, origin: origin, in: transaction)
        switch route.kind {
        case .mail:
            let message = try Message(to: route.target, subject: telling.subject, text: telling.text(isLast: false))
            try outbox.add(.mail(message, once: "alarm/\(id)/\(route.target)", expiresAt: now + .days(1)), in: transaction, at: now)
        case .webhook: try send(telling.webhook, of: id, by: route.id, at: now, in: transaction)
        }
    }

    private func send(_ body: JSONValue, of alarm: AlarmID, by route: AlarmRouteID, at now: Instant, in transaction: any Transaction) throws
    {
        let job = OutboxJob(
            kind: WebhookCarrier.kind, payload: ["route": .string(route.description), "body": body], once: "alarm/\(alarm)/\(route)",
            expiresAt: now + .days(1))
        try outbox.add(job, in: transaction, at: now)
    }
}
