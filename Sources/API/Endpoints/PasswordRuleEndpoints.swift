import Hummingbird
import Identity
import Records
import Vocabulary
import Web

/// What the tenant asks of its people's passwords on top of what the platform does.
extension Endpoint {
    static let passwordRule: [Endpoint] = [
        Endpoint(.get, "/password-rule", needs: .managePeople) { call in
            let tenant = try await call.tenant(managing: [])
            return .json(try await call.parts.passwords.policy(of: tenant.id).document)
        },
        Endpoint(.put, "/password-rule", needs: .managePeople) { call in
            let tenant = try await call.tenant(managing: [])
            let body = try await call.body(PasswordRuleBody.self)
            let range = PasswordPolicy.shortestRange
            guard range.contains(body.shortest) else {
                throw Refusal.invalid("password-rule", "Give a number from \(range.lowerBound) to \(range.upperBound).", field: "shortest")
            }
            try call.context.requireRecentProof()
            let policy = PasswordPolicy(classic: body.classic, shortest: body.shortest)
            try await call.parts.passwords.setRule(policy, of: tenant.id, by: call.actor().principal)
            return .json(policy.document)
        },
    ]
}

private struct PasswordRuleBody: Decodable {
    let shortest: Int
    let classic: Bool
}

extension PasswordPolicy {
    fileprivate var document: JSONValue { ["shortest": .integer(Int64(shortest)), "classic": .bool(classic)] }
}
