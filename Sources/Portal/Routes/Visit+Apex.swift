import HTTPTypes
import Hummingbird
import Vocabulary
import Web

extension Portal {
    /// A page at the apex for whoever is signed in; everybody else is sent to sign in first.
    func page(
        _ path: RouterPath, on router: Router<HoldfastContext>, _ body: @escaping @Sendable (Visit) async throws -> Response
    ) {
        router.get(path) { request, context -> Response in
            guard context.visitor != nil else { return .seeOther(Self.signInAddress(for: request, in: context)) }
            return try await confirming(request, context) { try await body(visit(request, context)) }
        }
    }

    /// A form at the apex.
    func action(
        _ path: RouterPath, on router: Router<HoldfastContext>, _ body: @escaping @Sendable (Visit, Form) async throws -> Response
    ) {
        router.post(path) { request, context -> Response in
            let visit = try await visit(request, context)
            let form = try await request.form(in: context)
            return try await confirming(request, context) { try await body(visit, form) }
        }
    }

    private func visit(_ request: Request, _ context: HoldfastContext) async throws -> Visit {
        let visitor = try context.requireVisitor()
        guard let id = visitor.account, let account = try await parts.accounts.find(id) else {
            throw Refusal(.unauthenticated, "sign-in-required", "Sign in first.")
        }
        var navigation: [Frame.NavigationLink] = []
        if visitor.isOperator {
            navigation.append(.init("Tenants", "/tenants", icon: "tenants", key: "c"))
            navigation.append(.alarms(try await parts.alarms.openCount(.vendor)))
            navigation.append(.init("Audit", "/audit", icon: "audit", key: "a"))
            navigation.append(.init("Staff", "/staff", icon: "roles", key: "s"))
            navigation.append(.init("Bans", "/bans", icon: "bans", key: "b"))
            if parts.nodes != nil { navigation.append(.init("Nodes", "/nodes", icon: "work", key: "w")) }
        }
        navigation.append(.init("Your account", "/account", icon: "people", key: "y"))
        navigation.append(.init("Trust", "/trust", icon: "trust", key: "t"))
        return Visit(
            portal: self, request: request, context: context, visitor: visitor, account: account,
            place: .init(kind: .platform, name: parts.product, host: context.origin), navigation: navigation)
    }
}

extension Frame.NavigationLink {
    /// Counts those that nobody has seen yet.
    static func alarms(_ open: Int) -> Self {
        .init("Alarms", "/alarms", icon: "alert", key: "l", count: open == 0 ? nil : open > 99 ? "99+" : String(open))
    }
}

extension Visit {
    /// The vendor's console is not even there for others.
    func requireOperator() throws {
        guard visitor.isOperator else { throw Refusal.notFound("page") }
    }

    /// Where an environment is reached, as seen from any host of this installation.
    func address(of label: String) -> String {
        guard let start = context.apexOrigin.range(of: "://") else { return "/" }
        return "\(context.apexOrigin[..<start.upperBound])\(label).\(context.apexOrigin[start.upperBound...])"
    }

    /// A host name without scheme and port, for people.
    func host(of label: String) -> String {
        let address = address(of: label)
        guard let start = address.range(of: "://") else { return address }
        return String(address[start.upperBound...].prefix { $0 != ":" })
    }
}
