import Audit
import Guarding
import Identity
import Storage
import Vocabulary

/// What a rule saw in an event.
package struct Sighting: Sendable, Hashable {
    package let rule: AlarmRule
    package let side: AlarmSide
    /// Whom it is about.
    var subject: AccountID?
    /// What else is to be said of it, in a few words: a role, an address, a control.
    var detail = ""
}

extension Sighting {
    /// What in an event is worth an alarm: mostly nothing; more than one where several customers are concerned.
    static func all(in event: AuditEvent, by principal: Principal, _ reader: any Reader) throws -> [Sighting] {
        switch event {
        case .roleAssigned(let account, let role, let tenant): try appointment(of: account, as: role, in: tenant, by: principal, reader)
        case .banned(let id, let reason, _, _): try ban(id, reason, reader)
        case .recoveryCodeUsed(let account): try everywhere(.recoveryCode, account, reader)
        case .passkeyCopySuspected(let account, _): try everywhere(.passkeyCopy, account, reader)
        case .riskFound(let risk, let account, "high", _, _): try self.risk(risk, account, reader)
        case .staffAccessGiven(let account, let role, "production"): try productionAccess(of: account, as: role, by: principal, reader)
        case .factorResetRequested(let account, let tenant):
            [Sighting(rule: .factorReset, side: .tenant(tenant), subject: account, detail: "asked for")]
        case .factorResetUsed(let account, let tenant):
            [Sighting(rule: .factorReset, side: .tenant(tenant), subject: account, detail: "new ones were set up")]
        case .controlTurned(let control, "fail"): [Sighting(rule: .control, side: .vendor, detail: control)]
        case .restoreOrdered(let environment, "in-place"): try restore(environment, reader)
        case .restoreDrilled(let environment, _, _, _, _, "failed"): try drill(environment, reader)
        case .ownCopyFailed(let environment):
            [Sighting(rule: .ownCopyFailed, side: .vendor, detail: try label(of: environment, reader))]
        case .alarmRouteRemoved(let route): try removal(of: route, reader)
        default: []
        }
    }

    /// Nobody is told of the first one, who is there before anybody else could be; nor of the demonstration's people.
    private static func appointment(
        of account: AccountID, as role: String, in tenant: TenantID?, by principal: Principal, _ reader: any Reader
    ) throws -> [Sighting] {
        if case .platform = principal.kind { return [] }
        guard let tenant else {
            guard role == "operator", try Audience.hasOperator(besides: account, reader) else { return [] }
            return [Sighting(rule: .newOperator, side: .vendor, subject: account)]
        }
        guard Role.arePowerful([role]), try Audience.hasAdministrator(of: tenant, besides: account, reader) else { return [] }
        return [Sighting(rule: .newAdministrator, side: .tenant(tenant), subject: account, detail: role)]
    }

    /// For whom a sign-in concerns: everybody whom the person works for. An application's token is its tenant's.
    private static func risk(_ text: String, _ account: AccountID, _ reader: any Reader) throws -> [Sighting] {
        guard let id = RiskEventID(text), let event = try Risks.find(id, in: reader) else { return [] }
        let detail = event.risk.reasons.map(\.title).joined(separator: ", ")
        if let tenant = event.tenant { return [Sighting(rule: .risk, side: .tenant(tenant), subject: account, detail: detail)] }
        return try everywhere(.risk, account, reader).map { Sighting(rule: .risk, side: $0.side, subject: account, detail: detail) }
    }

    /// The first operator's own is no news to anybody.
    private static func productionAccess(of account: AccountID, as role: String, by principal: Principal, _ reader: any Reader) throws
        -> [Sighting]
    {
        if case .platform = principal.kind { return [] }
        guard try Audience.hasOperator(besides: account, reader) else { return [] }
        return [Sighting(rule: .productionAccess, side: .vendor, subject: account, detail: role)]
    }

    private static func ban(_ id: BanID, _ reason: String, _ reader: any Reader) throws -> [Sighting] {
        guard let offence = Offence(rawValue: reason), let ban = try Bans.find(id, in: reader) else { return [] }
        // Nobody's network (RFC 5737, RFC 3849): the platform's own trials.
        guard !Bans.documentation.contains(where: { $0.contains(ban.range.start) }) else { return [] }
        return [
            Sighting(
                rule: offence == .probe ? .intrusion : .ban, side: .vendor,
                detail: "\(ban.range) for \(offence.title), until \(Ban.words(ban.until))")
        ]
    }

    /// For each customer that somebody works for, and for the vendor where they work there.
    private static func everywhere(_ rule: AlarmRule, _ account: AccountID, _ reader: any Reader) throws -> [Sighting] {
        let tenants = try reader.rows("SELECT tenant FROM membership WHERE account = \(account) ORDER BY id").map {
            AlarmSide.tenant(try $0.get(0))
        }
        let isStaff = try reader.row("SELECT 1 FROM staff WHERE account = \(account)") != nil
        return (tenants + (isStaff ? [.vendor] : [])).map { Sighting(rule: rule, side: $0, subject: account) }
    }

    private static func restore(_ environment: EnvironmentID, _ reader: any Reader) throws -> [Sighting] {
        guard let row = try reader.row("SELECT tenant, kind, label FROM environment WHERE id = \(environment)"),
            try row.get(1, as: String.self) == "production"
        else { return [] }
        return [Sighting(rule: .restore, side: .tenant(try row.get(0)), detail: try row.get(2))]
    }

    /// The vendor has to find out why; the customer sees it on its page.
    private static func drill(_ environment: EnvironmentID, _ reader: any Reader) throws -> [Sighting] {
        [Sighting(rule: .drillFailed, side: .vendor, detail: try label(of: environment, reader))]
    }

    private static func label(of environment: EnvironmentID, _ reader: any Reader) throws -> String {
        try reader.value("SELECT label FROM environment WHERE id = \(environment)", as: String.self) ?? environment.description
    }

    private static func removal(of id: AlarmRouteID, _ reader: any Reader) throws -> [Sighting] {
        guard let route = try AlarmRoute.find(id, in: reader) else { return [] }
        return [Sighting(rule: .routeRemoved, side: route.side, detail: route.name)]
    }
}
