// Alarms: what people must hear of at once.
//
// It promises that an event that matters raises an alarm in the transaction of the event itself, so that neither is without the other;
// that it is told by mail and webhook within seconds, always to somebody besides the one who did it; and that each can be taken
// over, closed and looked back on. It refuses to see events itself: the audit log's watch hands them in.
//
//     AlarmRule       what is worth an alarm, and how much
//     Sighting        what a rule saw in an event
//     AlarmWatch      stands at the control plane's log and raises them
//     Audience        who is told
//     Alarm           one of them; AlarmStep what people did about it
//     AlarmDesk       the list: acknowledge, assign, close
//     AlarmRoute      further ways to tell, AlarmRoutes their register
//     Webhook         the message and its signature (Standard Webhooks)
//     WebhookCarrier  takes it there
//     WebhookAddress  where it goes, in one spelling
//     Reach           which addresses a webhook may go to
import Storage
import Vocabulary

/// Whose alarm it is.
package enum AlarmSide: Hashable, Sendable {
    case vendor
    case tenant(TenantID)

    package var tenant: TenantID? {
        if case .tenant(let id) = self { id } else { nil }
    }

    init(_ tenant: TenantID?) { self = tenant.map(AlarmSide.tenant) ?? .vendor }
}

package enum AlarmSchema {
    package static let migrations: [Migration] = [
        Migration("alarm_0001_alarms") { dialect in
            let (instant, blob, strict): (SQL, SQL, SQL) =
                dialect == .sqlite ? ("INTEGER", "BLOB", " STRICT") : ("BIGINT", "BYTEA", "")
            return [
                """
                CREATE TABLE alarm (
                    id TEXT NOT NULL PRIMARY KEY,
                    rule TEXT NOT NULL,
                    tenant TEXT,
                    subject TEXT,
                    detail TEXT NOT NULL,
                    actor TEXT NOT NULL,
                    is_shared INTEGER NOT NULL,
                    told INTEGER NOT NULL,
                    raised_at \(instant) NOT NULL,
                    state TEXT NOT NULL,
                    assignee TEXT
                )\(strict)
                """,
                "CREATE INDEX alarm_by_tenant ON alarm (tenant, id)",
                "CREATE INDEX alarm_by_rule ON alarm (rule, raised_at)",
                "CREATE INDEX alarm_unsettled ON alarm (id) WHERE state <> 'closed'",
                """
                CREATE TABLE alarm_step (
                    id TEXT NOT NULL PRIMARY KEY,
                    alarm TEXT NOT NULL REFERENCES alarm (id) ON DELETE CASCADE,
                    step TEXT NOT NULL,
                    at \(instant) NOT NULL,
                    actor TEXT NOT NULL,
                    assignee TEXT,
                    note TEXT
                )\(strict)
                """,
                "CREATE INDEX alarm_step_by_alarm ON alarm_step (alarm, id)",
                """
                CREATE TABLE alarm_route (
                    id TEXT NOT NULL PRIMARY KEY,
                    tenant TEXT,
                    kind TEXT NOT NULL,
                    target TEXT NOT NULL,
                    threshold TEXT NOT NULL,
                    secret \(blob),
                    since \(instant) NOT NULL,
                    added_by TEXT NOT NULL,
                    tried_at \(instant),
                    outcome TEXT
                )\(strict)
                """,
                "CREATE INDEX alarm_route_by_tenant ON alarm_route (tenant)",
            ]
        }
    ]
}
