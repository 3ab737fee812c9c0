import Hummingbird
import Identity
import Vocabulary
import Web

extension ShellCommands {
    func addRiskCommands(to router: Router<HoldfastContext>) {
        let risks = installation.identity.risks
        command("risk list", .get, "/risks", on: router) { request, _ in
            let tenant: TenantID?
            if let slug = request.query("tenant") { tenant = try await installation.tenants.find(slug: slug).id } else { tenant = nil }
            let level = request.query("level").flatMap(Risk.Level.init)
            let found = try await risks.everybodys(in: tenant, unsettled: request.query("all") == nil, level: level)
            let people = try await installation.identity.accounts.find(found.map(\.account))
            return .list(found.map { Self.describe($0, people[$0.account]) })
        }
        command("risk show", .get, "/risks/{id}", on: router) { _, context in
            let event = try await risks.find(context.id("id", of: RiskEvent.self, what: "risk"))
            return .json(Self.describe(event, try await installation.identity.accounts.find(event.account)))
        }
        command("risk dismiss", .post, "/risks/{id}/dismissal", on: router) { _, context in
            let id = try context.id("id", of: RiskEvent.self, what: "risk")
            try await risks.dismissAtServer(id, by: context.principal)
            let event = try await risks.find(id)
            return .json(Self.describe(event, try await installation.identity.accounts.find(event.account)))
        }
    }

    private static func describe(_ event: RiskEvent, _ account: Account?) -> JSONValue {
        [
            "id": .string(event.id.description), "at": .string(event.at.description), "account": .string(event.account.description),
            "identifier": account.map { .string($0.identifier) } ?? .null, "level": .string(event.risk.level.rawValue),
            "score": .integer(Int64(event.risk.score)), "reasons": .array(event.risk.reasons.map { .string($0.rawValue) }),
            "because": .string(event.risk.reasons.map(\.title).joined(separator: ", ")), "with": .string(event.means),
            "country": event.country.map { .string($0) } ?? .null, "network": event.network.map { .string($0) } ?? .null,
            "action": .string(event.action.rawValue), "state": .string(event.state.rawValue),
        ]
    }
}
