import Hummingbird
import Identity
import Records
import Vocabulary
import Web

/// What the tenant asks of whoever comes into its environments.
extension Endpoint {
    static let signInRule: [Endpoint] = [
        Endpoint(.get, "/sign-in-rule", needs: .managePeople) { call in
            let tenant = try await call.tenant(managing: [])
            return .json(try await call.parts.signInRules.rule(of: tenant.id).document)
        },
        Endpoint(.put, "/sign-in-rule", needs: .managePeople) { call in
            let tenant = try await call.tenant(managing: [])
            let body = try await call.body(SignInRuleBody.self)
            try call.context.requireRecentProof()
            let rule = SignInRule(admitsPasskeyAlone: body.passkey_alone)
            try await call.parts.signInRules.set(rule, of: tenant.id, by: call.actor().principal)
            return .json(rule.document)
        },
    ]
}

private struct SignInRuleBody: Decodable {
    let passkey_alone: Bool
}

extension SignInRule {
    fileprivate var document: JSONValue { ["passkey_alone": .bool(admitsPasskeyAlone)] }
}
