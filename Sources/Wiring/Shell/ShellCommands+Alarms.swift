import Alarms
import Hummingbird
import Vocabulary
import Web

extension ShellCommands {
    private struct Note: Decodable {
        let note: String?
    }

    private struct NewRoute: Decodable {
        let kind: String
        let target: String
        let threshold: String?
        let tenant: String?
    }

    func addAlarmCommands(to router: Router<HoldfastContext>) {
        let (alarms, routes) = (installation.alarms, installation.alarmRoutes)
        command("alarm list", .get, "/alarms", on: router) { request, context in
            let side = try await side(request.query("tenant"))
            let found = try await alarms.list(side, unsettled: request.query("all") == nil ? true : nil, limit: 1000, by: context.principal)
            return .list(found.map(Self.describe))
        }
        command("alarm acknowledge", .post, "/alarms/{id}/acknowledge", on: router) { request, context in
            let id = try context.id("id", of: Kinds.Alarm.self, what: "alarm")
            return .json(
                Self.describe(try await alarms.acknowledge(id, of: try await side(request.query("tenant")), by: context.principal)))
        }
        command("alarm close", .post, "/alarms/{id}/close", on: router) { request, context in
            let id = try context.id("id", of: Kinds.Alarm.self, what: "alarm")
            let note = try await request.decode(Note.self, in: context).note
            let closed = try await alarms.close(id, note: note, of: try await side(request.query("tenant")), by: context.principal)
            return .json(Self.describe(closed))
        }
        command("alarm route list", .get, "/alarms/routes", on: router) { request, context in
            let side = try await side(request.query("tenant"))
            return .list(try await routes.list(side, by: context.principal).map(Self.describe))
        }
        command("alarm route add", .post, "/alarms/routes", on: router) { request, context in
            let wanted = try await request.decode(NewRoute.self, in: context)
            guard let kind = AlarmRoute.Kind(rawValue: wanted.kind), let threshold = AlarmSeverity(rawValue: wanted.threshold ?? "notice")
            else {
                throw Refusal.invalid("alarm-route", "A route is mail or webhook, for notice, warning or critical.", field: "kind")
            }
            let (route, secret) = try await routes.add(
                kind, to: wanted.target, threshold: threshold, for: try await side(wanted.tenant), by: context.principal)
            guard case .object(var document) = Self.describe(route) else { return .json(Self.describe(route), status: .created) }
            document["secret"] = secret.map { .string($0) } ?? .null
            return .json(.object(document), status: .created)
        }
        command("alarm route test", .post, "/alarms/routes/{id}/test", on: router) { request, context in
            let id = try context.id("id", of: Kinds.AlarmRoute.self, what: "route")
            return .json(Self.describe(try await routes.test(id, of: try await side(request.query("tenant")), by: context.principal)))
        }
        command("alarm route remove", .delete, "/alarms/routes/{id}", on: router) { request, context in
            let id = try context.id("id", of: Kinds.AlarmRoute.self, what: "route")
            return .json(Self.describe(try await routes.remove(id, of: try await side(request.query("tenant")), by: context.principal)))
        }
    }

    /// The vendor's alarms, or those of the tenant that was named.
    private func side(_ slug: String?) async throws -> AlarmSide {
        guard let slug else { return .vendor }
        return .tenant(try await installation.tenants.find(slug: slug).id)
    }

    private static func describe(_ alarm: Alarm) -> JSONValue {
        [
            "id": .string(alarm.id.description), "rule": .string(alarm.rule.rawValue), "severity": .string(alarm.severity.rawValue),
            "title": .string(alarm.rule.title), "subject": alarm.subject.map { .string($0.description) } ?? .null,
            "detail": .string(alarm.detail), "actor": .string(alarm.actor), "raised_at": .string(alarm.raisedAt.description),
            "state": .string(alarm.state.rawValue), "told": .integer(Int64(alarm.told)),
            "assignee": alarm.assignee.map { .string($0.description) } ?? .null,
        ]
    }

    private static func describe(_ route: AlarmRoute) -> JSONValue {
        [
            "id": .string(route.id.description), "kind": .string(route.kind.rawValue), "target": .string(route.target),
            "threshold": .string(route.threshold.rawValue), "since": .string(route.since.description),
            "tried_at": route.triedAt.map { .string($0.description) } ?? .null, "outcome": route.outcome.map { .string($0) } ?? .null,
        ]
    }
}
