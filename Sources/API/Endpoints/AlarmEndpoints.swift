import Alarms
import Hummingbird
import Records
import Vocabulary
import Web

/// Alarms belong to the tenant, so these look the same from each of its environments.
extension Endpoint {
    static let alarms: [Endpoint] = [
        Endpoint(.get, "/alarms", needs: .managePeople) { call in
            let side = try await call.alarmSide()
            let limit = try call.number("limit", in: 1...500) ?? 50
            let before = call.request.query("before").flatMap { AlarmID($0) }
            let found = try await call.parts.alarms.list(
                side, unsettled: try call.flag("unsettled") ? true : nil, before: before, limit: limit, by: call.actor().principal)
            return .json(["alarms": .array(found.map(\.document))])
        },
        Endpoint(.get, "/alarms/{alarm}", needs: .managePeople) { call in
            let side = try await call.alarmSide()
            let (alarm, steps) = try await call.parts.alarms.find(call.alarm(), of: side, by: call.actor().principal)
            guard case .object(var document) = alarm.document else { return .json(alarm.document) }
            document["steps"] = .array(steps.map(\.document))
            return .json(.object(document))
        },
        Endpoint(.post, "/alarms/{alarm}/acknowledgement", needs: .managePeople) { call in
            let side = try await call.alarmSide()
            return .json(try await call.parts.alarms.acknowledge(call.alarm(), of: side, by: call.actor().principal).document)
        },
        Endpoint(.put, "/alarms/{alarm}/assignee", needs: .managePeople) { call in
            let side = try await call.alarmSide()
            guard let account = AccountID(try await call.body(AssigneeBody.self).account) else {
                throw Refusal.invalid("assignee", "Give a colleague's account.", field: "account")
            }
            return .json(try await call.parts.alarms.assign(call.alarm(), to: account, of: side, by: call.actor().principal).document)
        },
        Endpoint(.post, "/alarms/{alarm}/closing", needs: .managePeople) { call in
            let side = try await call.alarmSide()
            let note = try await call.body(ClosingBody.self).note
            return .json(try await call.parts.alarms.close(call.alarm(), note: note, of: side, by: call.actor().principal).document)
        },
        Endpoint(.delete, "/alarms/{alarm}/closing", needs: .managePeople) { call in
            let side = try await call.alarmSide()
            return .json(try await call.parts.alarms.reopen(call.alarm(), of: side, by: call.actor().principal).document)
        },
    ]

    static let alarmRoutes: [Endpoint] = [
        Endpoint(.get, "/alarm-routes", needs: .managePeople) { call in
            let routes = try await call.parts.alarmRoutes.list(call.alarmSide(), by: call.actor().principal)
            return .json(["routes": .array(routes.map(\.document))])
        },
        Endpoint(.post, "/alarm-routes", needs: .managePeople) { call in
            let side = try await call.alarmSide()
            let body = try await call.body(AlarmRouteBody.self)
            guard let kind = AlarmRoute.Kind(rawValue: body.kind), let threshold = AlarmSeverity(rawValue: body.threshold ?? "notice")
            else {
                throw Refusal.invalid("alarm-route", "A route is mail or webhook, for notice, warning or critical.", field: "kind")
            }
            try call.context.requireRecentProof()
            let (route, secret) = try await call.parts.alarmRoutes.add(
                kind, to: body.target, threshold: threshold, for: side, by: call.actor().principal)
            guard let secret, case .object(var document) = route.document else { return .json(route.document, status: .created) }
            document["secret"] = .string(secret)
            return .json(.object(document), status: .created)
        },
        Endpoint(.post, "/alarm-routes/{route}/test", needs: .managePeople) { call in
            let side = try await call.alarmSide()
            return .json(try await call.parts.alarmRoutes.test(call.route(), of: side, by: call.actor().principal).document)
        },
        Endpoint(.delete, "/alarm-routes/{route}", needs: .managePeople) { call in
            let side = try await call.alarmSide()
            let route = try call.route()
            try call.context.requireRecentProof()
            _ = try await call.parts.alarmRoutes.remove(route, of: side, by: call.actor().principal)
            return .noContent()
        },
    ]
}

private struct AssigneeBody: Decodable {
    let account: String
}

private struct ClosingBody: Decodable {
    let note: String?
}

private struct AlarmRouteBody: Decodable {
    let kind: String
    let target: String
    let threshold: String?
}

extension Call {
    fileprivate func alarmSide() async throws -> AlarmSide { .tenant(try await tenant(managing: []).id) }
    fileprivate func alarm() throws -> AlarmID { try context.id("alarm", what: "alarm") }
    fileprivate func route() throws -> AlarmRouteID { try context.id("route", what: "route") }
}

extension Alarm {
    fileprivate var document: JSONValue {
        [
            "id": .string(id.description), "rule": .string(rule.rawValue), "severity": .string(severity.rawValue),
            "title": .string(rule.title), "subject": subject.map { .string($0.description) } ?? .null, "detail": .string(detail),
            "actor": .string(actor), "raised_at": .string(raisedAt.description), "state": .string(state.rawValue),
            "assignee": assignee.map { .string($0.description) } ?? .null,
        ]
    }
}

extension AlarmStep {
    fileprivate var document: JSONValue {
        [
            "step": .string(kind.rawValue), "at": .string(at.description), "actor": .string(actor),
            "assignee": assignee.map { .string($0.description) } ?? .null, "note": note.map { .string($0) } ?? .null,
        ]
    }
}

extension AlarmRoute {
    fileprivate var document: JSONValue {
        [
            "id": .string(id.description), "kind": .string(kind.rawValue), "target": .string(target),
            "threshold": .string(threshold.rawValue), "since": .string(since.description),
            "tried_at": triedAt.map { .string($0.description) } ?? .null, "outcome": outcome.map { .string($0) } ?? .null,
        ]
    }
}
