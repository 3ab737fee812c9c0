import Hummingbird
import Identity
import Tenants
import Vocabulary
import Web

/// One's own account.
extension Portal {
    func addAccount(to router: Router<HoldfastContext>) {
        page("/", on: router) { visit in .seeOther(visit.visitor.isOperator ? "/tenants" : "/account") }
        page("/account", on: router) { try await $0.showAccount() }
        action("/account/name", on: router) { visit, form in
            do {
                try await parts.accounts.rename(visit.account.id, to: form["name"] ?? "", by: visit.principal)
                return try visit.go("/account", Notice(.done, "Your name is saved."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await visit.showAccount(name: form["name"], profileRefusal: refusal)
            }
        }
        action("/account/password", on: router) { visit, form in
            do {
                try await parts.passwords.change(
                    from: try form.secret("current"), to: try form.secret("password"), in: try await visit.session(), by: visit.principal)
                return try visit.go("/account", Notice(.done, "Your password is changed. All other sessions have ended."))
            } catch let refusal as Refusal where refusal.belongsToForm {
                return try await visit.showAccount(passwordRefusal: refusal)
            }
        }
        addFactors(to: router)
        addAccess(to: router)
    }

}

extension Visit {
    fileprivate func showAccount(name: String? = nil, profileRefusal: Refusal? = nil, passwordRefusal: Refusal? = nil) async throws
        -> Response
    {
        let hasAuthenticator = try await parts.factors.summary(of: account.id).hasAuthenticator
        let policy = try await parts.passwords.policy(for: account.id)
        let page = AccountPage(
            identifier: account.identifier, name: name ?? account.displayName, places: try await places(), factors: try await factorRows(),
            addAuthenticator: hasAuthenticator ? nil : "/account/factors/new", access: try await accessInWords(), hint: policy.description,
            profileRefusal: profileRefusal, passwordRefusal: passwordRefusal)
        guard let refusal = profileRefusal ?? passwordRefusal else { return try show(page, current: "Your account") }
        return try show(page, current: "Your account", after: refusal)
    }

    private func places() async throws -> [AccountPage.Place] {
        var places: [AccountPage.Place] = []
        for membership in try await parts.memberships.list(of: account.id) {
            let tenant = try await parts.tenants.find(membership.tenant)
            for environment in try await parts.tenants.environments(of: tenant.id) where environment.state == .active {
                places.append(
                    .init(
                        name: tenant.name, pill: environment.kind.pill, roles: membership.roles.map(\.name),
                        address: address(of: environment.label) + "/"))
            }
        }
        return places
    }
}

extension HostedEnvironment.Kind {
    var pill: Pill {
        switch self {
        case .production: Pill("Production")
        case .test: Pill("Test", .note)
        case .sandbox: Pill("Sandbox", .warn)
        case .restored: Pill("Restored copy", .note)
        }
    }
}
