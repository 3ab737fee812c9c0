import HTTPTypes
import Hummingbird
import Identity
import Vocabulary
import Web

/// Unusual sign-ins of the tenant's members, and what is done about the next ones.
extension Endpoint {
    static let risks: [Endpoint] = [
        Endpoint(.get, "/risks", needs: .managePeople) { call in
            let tenant = try await call.tenant(managing: [])
            return .json(["risks": .array(try await call.parts.risks.list(in: tenant.id).map(\.document))])
        },
        Endpoint(.post, "/risks/{risk}/dismissal", needs: .managePeople) { call in
            let id: RiskEventID = try call.context.id("risk", what: "sign-in")
            let tenant = try await call.tenant(managing: [])
            try await call.parts.risks.dismiss(id, in: tenant.id, by: call.actor().principal)
            return .noContent()
        },
        Endpoint(.get, "/risk-policy", needs: .managePeople) { call in
            let tenant = try await call.tenant(managing: [])
            return .json(try await call.parts.risks.policy(of: tenant.id).document)
        },
        Endpoint(.put, "/risk-policy", needs: .managePeople) { call in
            let actor = try call.actor()
            let tenant = try await call.tenant(managing: [])
            let body = try await call.body(RiskPolicyBody.self)
            guard let medium = RiskPolicy.Action(rawValue: body.medium), let high = RiskPolicy.Action(rawValue: body.high) else {
                throw Refusal.invalid("risk-policy", "An action is allow, step-up or block.")
            }
            try call.context.requireRecentProof()
            try await call.parts.risks.setPolicy(RiskPolicy(medium: medium, high: high), of: tenant.id, by: actor.principal)
            return .json(try await call.parts.risks.policy(of: tenant.id).document)
        },
    ]
}

private struct RiskPolicyBody: Decodable {
    let medium: String
    let high: String
}

extension RiskPolicy {
    fileprivate var document: JSONValue { ["medium": .string(medium.rawValue), "high": .string(high.rawValue)] }
}

extension RiskEvent {
    /// Without where it came from, which is its owner's to know.
    fileprivate var document: JSONValue {
        [
            "id": .string(id.description), "account": .string(account.description), "at": .string(at.description),
            "level": .string(risk.level.rawValue), "score": .integer(Int64(risk.score)),
            "reasons": .array(risk.reasons.map { .string($0.rawValue) }), "action": .string(action.rawValue),
            "state": .string(state.rawValue), "platform": .string(platform.name),
            "application": application.map { .string($0) } ?? .null,
        ]
    }
}
