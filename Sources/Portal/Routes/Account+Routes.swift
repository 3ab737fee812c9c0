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
        action("/account/sessions/others/revoke", on: router) { visit, _ in
            try await parts.sessions.revokeOthers(than: try await visit.session(), by: visit.principal)
            return try visit.go("/account", Notice(.done, "You are signed out everywhere else."))
        }
        action("/account/sessions/{id}/revoke", on: router) { visit, _ in
            let id: SessionID = try visit.context.id("id", what: "session")
            try await parts.sessions.revoke(id, by: visit.principal)
            return try visit.go("/account", Notice(.done, "That session has ended."))
        }
        addFactors(to: router)
    }

}

extension Visit {
    fileprivate func showAccount(name: String? = nil, profileRefusal: Refusal? = nil, passwordRefusal: Refusal? = nil) async throws
        -> Response
    {
        let current = try await session()
        let hasAuthenticator = try await parts.factors.summary(of: account.id).hasAuthenticator
        let policy = try await parts.passwords.policy(for: account.id)
        let page = AccountPage(
            identifier: account.identifier, name: name ?? account.displayName, places: try await places(), factors: try await factorRows(),
            addAuthenticator: hasAuthenticator ? nil : "/account/factors/new", sessions: try await sessions(current: current),
            hint: policy.description,
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

    private func sessions(current: Session) async throws -> [AccountPage.Session] {
        var listed: [AccountPage.Session] = []
        for session in try await parts.sessions.list(of: account.id) {
            var place = parts.product
            if let id = session.environment {
                let environment = try await parts.tenants.environment(id)
                place = host(of: environment.label)
            }
            let isCurrent = session.id == current.id
            listed.append(
                .init(
                    device: Device.name(of: session.agent), address: session.address ?? "unknown address", place: place,
                    seen: Moment(session.lastSeenAt), since: Moment(session.createdAt), isCurrent: isCurrent,
                    revoke: isCurrent ? nil : "/account/sessions/\(session.id)/revoke"))
        }
        return listed
    }
}

extension HostedEnvironment.Kind {
    var pill: Pill {
        switch self {
        case .production: Pill("Production")
        case .test: Pill("Test", .note)
        case .sandbox: Pill("Sandbox", .warn)
        }
    }
}

/// A browser by the name it goes by. A hint for people, never a proof.
enum Device {
    static func name(of agent: String?) -> String {
        guard let agent, !agent.isEmpty else { return "Unknown browser" }
        let browsers = [
            ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"),
        ]
        let systems = [
            ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "Mac"), ("Linux", "Linux"),
        ]
        let browser = browsers.first { agent.contains($0.0) }?.1 ?? "A browser"
        return systems.first { agent.contains($0.0) }.map { "\(browser) on \($0.1)" } ?? browser
    }
}
