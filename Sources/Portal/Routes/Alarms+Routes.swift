import Alarms
import Hummingbird
import Identity
import Vocabulary
import Web

/// Alarms of an environment's customer, and of the vendor for its operators: the same pages at both doors.
extension Portal {
    func addAlarms(to router: Router<HoldfastContext>) {
        addAlarms(
            show: { path, body in
                room(path, on: router) { try await body(AlarmRoom($0)) }
            },
            change: { path, body in
                deed(path, on: router) { try await body(AlarmRoom($0), $1) }
            })
    }

    func addPlatformAlarms(to router: Router<HoldfastContext>) {
        addAlarms(
            show: { path, body in
                page(path, on: router) { try await body(AlarmRoom($0)) }
            },
            change: { path, body in
                action(path, on: router) { try await body(AlarmRoom($0), $1) }
            })
    }

    private func addAlarms(
        show: (RouterPath, @escaping @Sendable (AlarmRoom) async throws -> Response) -> Void,
        change: (RouterPath, @escaping @Sendable (AlarmRoom, Form) async throws -> Response) -> Void
    ) {
        show("/alarms") { try await $0.showAll() }
        show("/alarms/{id}") { try await $0.showOne() }
        change("/alarms/{id}/acknowledge") { room, _ in
            let alarm = try await room.desk.acknowledge(room.id(), of: room.side, by: room.principal)
            return try room.visit.go("/alarms", Notice(.done, "“\(alarm.rule.title)” is yours."))
        }
        change("/alarms/{id}/assignee") { room, form in
            do {
                guard let account = AccountID(try form.require("assignee")) else {
                    throw Refusal.invalid("assignee", "Choose one of your colleagues.", field: "assignee")
                }
                _ = try await room.desk.assign(room.id(), to: account, of: room.side, by: room.principal)
                return try room.visit.go("/alarms/\(room.id())", Notice(.done, "Assigned."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await room.showOne(assigning: refusal)
            }
        }
        change("/alarms/{id}/close") { room, form in
            do {
                let alarm = try await room.desk.close(room.id(), note: form["note"], of: room.side, by: room.principal)
                return try room.visit.go("/alarms", Notice(.done, "“\(alarm.rule.title)” is closed.", undo: "/alarms/\(alarm.id)/reopen"))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await room.showOne(closing: refusal, note: form["note"] ?? "")
            }
        }
        change("/alarms/{id}/reopen") { room, _ in
            let alarm = try await room.desk.reopen(room.id(), of: room.side, by: room.principal)
            return try room.visit.go("/alarms/\(alarm.id)", Notice(.done, "Open again."))
        }
        addWays(change)
    }

    /// Whoever could take ways away unseen could do the rest unseen too: they ask for a recent proof.
    private func addWays(_ change: (RouterPath, @escaping @Sendable (AlarmRoom, Form) async throws -> Response) -> Void) {
        change("/alarms/routes") { room, form in
            try room.visit.context.requireRecentProof()
            do {
                let kind = AlarmRoute.Kind(rawValue: form["kind"] ?? "") ?? .mail
                let threshold = AlarmSeverity(rawValue: form["threshold"] ?? "") ?? .notice
                let (route, secret) = try await room.routes.add(
                    kind, to: try form.require("target"), threshold: threshold, for: room.side, by: room.principal)
                guard let secret else { return try room.visit.go("/alarms", Notice(.done, "Alarms go to \(route.target) too.")) }
                return try await room.showAll(secret: secret)
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await room.showAll(typed: form, refusal)
            }
        }
        change("/alarms/routes/{id}/test") { room, _ in
            let route = try await room.routes.test(room.way(), of: room.side, by: room.principal)
            return try room.visit.go("/alarms", Notice(.done, "A test is on its way to \(route.target)."))
        }
        change("/alarms/routes/{id}/remove") { room, _ in
            try room.visit.context.requireRecentProof()
            let route = try await room.routes.remove(room.way(), of: room.side, by: room.principal)
            return try room.visit.go("/alarms", Notice(.done, "Alarms no longer go to \(route.target). Everybody was told."))
        }
    }
}

/// A visit to the alarms of one side.
struct AlarmRoom: Sendable {
    let visit: Visit
    let side: AlarmSide

    init(_ room: Room) async throws {
        try await room.workspace.roles.require(.managePeople, by: room.actor)
        (visit, side) = (room.visit, .tenant(room.tenant.id))
    }

    init(_ visit: Visit) async throws {
        try visit.requireOperator()
        (self.visit, side) = (visit, .vendor)
    }

    var desk: AlarmDesk { visit.parts.alarms }
    var routes: AlarmRoutes { visit.parts.alarmRoutes }
    var principal: Principal { visit.principal }

    func id() throws -> AlarmID { try visit.context.id("id", of: Kinds.Alarm.self, what: "alarm") }
    func way() throws -> AlarmRouteID { try visit.context.id("id", of: Kinds.AlarmRoute.self, what: "way") }

    // MARK: Pages

    func showAll(typed: Form? = nil, _ refusal: Refusal? = nil, secret: String? = nil) async throws -> Response {
        let before = visit.request.query("before").flatMap { AlarmID($0) }
        let waiting = try await desk.list(side, unsettled: true, limit: 200, by: principal)
        let closed = try await desk.list(side, unsettled: false, before: before, limit: 20, by: principal)
        let names = try await names(of: waiting + closed)
        let page = AlarmsPage(
            people: side == .vendor ? "every operator" : "all owners and administrators", waiting: waiting.map { row($0, names) },
            closed: closed.map { row($0, names) }, older: closed.count == 20 ? closed.last.map { "/alarms?before=\($0.id)" } : nil,
            ways: try await routes.list(side, by: principal).map(way),
            add: AlarmForms.add(
                target: typed?["target"] ?? "", kind: typed?["kind"] ?? "mail", threshold: typed?["threshold"] ?? "notice", refusal),
            secret: secret)
        guard let refusal else { return try visit.show(page, current: "Alarms") }
        return try visit.show(page, current: "Alarms", after: refusal)
    }

    func showOne(assigning: Refusal? = nil, closing: Refusal? = nil, note: String = "") async throws -> Response {
        let (alarm, steps) = try await desk.find(id(), of: side, by: principal)
        let names = try await names(of: [alarm], steps)
        let colleagues = try await desk.colleagues(side, by: principal)
        let address = "/alarms/\(alarm.id)"
        let isClosed = alarm.state == .closed
        let raised = AlarmPage.Step(
            said: alarm.told == 0 ? "Listed" : "Told to \(Numeral.count(alarm.told, "place")), within the same moment",
            who: visit.parts.product, at: Moment(alarm.raisedAt))
        let page = AlarmPage(
            heading: alarm.rule.title, severity: alarm.severity.pill, facts: facts(alarm, names), advice: alarm.rule.advice,
            steps: steps.reversed().map { step($0, names) } + [raised], acknowledge: alarm.state == .open ? address + "/acknowledge" : nil,
            reopen: isClosed ? address + "/reopen" : nil,
            assign: isClosed
                ? nil
                : AlarmForms.assign(
                    address, people: colleagues.map { ($0.id.description, $0.displayName) },
                    chosen: (alarm.assignee ?? visit.account.id).description, assigning),
            close: isClosed ? nil : AlarmForms.close(address, note: note, closing))
        guard let refusal = assigning ?? closing else { return try visit.show(page, current: "Alarms") }
        return try visit.show(page, current: "Alarms", after: refusal)
    }

    // MARK: Words

    private func row(_ alarm: Alarm, _ names: [AccountID: Account]) -> AlarmsPage.Row {
        let about = alarm.subject.map { names[$0]?.identifier ?? "a former member" }
        let said = [about, alarm.detail.isEmpty ? nil : alarm.detail, "by \(who(alarm.actor, names))"].compactMap { $0 }
        return AlarmsPage.Row(
            heading: alarm.rule.title, address: "/alarms/\(alarm.id)", said: said.joined(separator: " · "), at: Moment(alarm.raisedAt),
            severity: alarm.severity.pill, state: alarm.state.pill, assignee: alarm.assignee.flatMap { names[$0]?.displayName },
            acknowledge: alarm.state == .open ? "/alarms/\(alarm.id)/acknowledge" : nil)
    }

    private func way(_ route: AlarmRoute) -> AlarmsPage.Way {
        let what =
            switch route.threshold {
            case .notice: "everything"
            case .warning: "warnings and worse"
            case .critical: "the worst only"
            }
        let last = route.outcome.map { outcome in "last: \(outcome)" + (route.triedAt.map { ", \(Moment($0).text)" } ?? "") }
        return AlarmsPage.Way(
            target: route.target, kind: route.kind == .mail ? "Mail" : "Webhook",
            said: [what, last].compactMap { $0 }.joined(separator: " · "), address: "/alarms/routes/\(route.id)")
    }

    private func facts(_ alarm: Alarm, _ names: [AccountID: Account]) -> [AlarmPage.Fact] {
        var facts: [AlarmPage.Fact] = []
        if let subject = alarm.subject {
            facts.append(.init("Who", names[subject].map { "\($0.displayName), \($0.identifier)" } ?? "A former member"))
        }
        if !alarm.detail.isEmpty { facts.append(.init("What", alarm.detail)) }
        facts.append(.init("Done by", who(alarm.actor, names)))
        facts.append(.init("When", Moment(alarm.raisedAt).text))
        facts.append(.init("State", alarm.state.pill.label))
        if let assignee = alarm.assignee { facts.append(.init("Looked after by", names[assignee]?.displayName ?? "A former member")) }
        return facts
    }

    private func step(_ step: AlarmStep, _ names: [AccountID: Account]) -> AlarmPage.Step {
        let said =
            switch step.kind {
            case .acknowledged: "Seen"
            case .assigned: "Given to \(step.assignee.flatMap { names[$0]?.displayName } ?? "a former member")"
            case .closed: "Closed"
            case .reopened: "Opened again"
            }
        return AlarmPage.Step(said: said, who: who(step.actor, names), at: Moment(step.at), note: step.note)
    }

    private func names(of alarms: [Alarm], _ steps: [AlarmStep] = []) async throws -> [AccountID: Account] {
        let concerned = alarms.flatMap { [$0.subject, $0.actorAccount, $0.assignee] } + steps.flatMap { [$0.actorAccount, $0.assignee] }
        return try await visit.parts.accounts.find(Set(concerned.compactMap { $0 }))
    }

    private func who(_ actor: String, _ names: [AccountID: Account]) -> String {
        if let id = AccountID(actor) { return names[id]?.identifier ?? "a former member" }
        let parts = actor.split(separator: "/", maxSplits: 1)
        return switch parts.first {
        case "shell": "\(parts.last ?? "somebody") at the server"
        case "client": "an application"
        case "platform": visit.parts.product
        default: "somebody who was not signed in"
        }
    }
}

extension AlarmSeverity {
    fileprivate var pill: Pill {
        switch self {
        case .notice: Pill("Notice", .info)
        case .warning: Pill("Warning", .warn)
        case .critical: Pill("Critical", .bad)
        }
    }
}

extension Alarm.State {
    fileprivate var pill: Pill {
        switch self {
        case .open: Pill("Waits", .note)
        case .acknowledged: Pill("In hand", .info)
        case .closed: Pill("Closed")
        }
    }
}
