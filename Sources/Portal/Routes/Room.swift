import HTTPTypes
import Hummingbird
import Identity
import Jobs
import Records
import Storage
import Tenants
import Vocabulary
import Web

/// A visit to one environment of a tenant: whose it is, what is in it, and what this visitor may do there.
struct Room: Sendable {
    let visit: Visit
    let tenant: Tenant
    let environment: HostedEnvironment
    let database: any Database
    let workspace: Workspace
    let actor: Actor
    let permissions: Permissions
    /// Those that the visitor may view.
    let collections: [Collection]

    var portal: Portal { visit.portal }
    var parts: Portal.Parts { visit.parts }
    var context: HoldfastContext { visit.context }
    var request: Request { visit.request }

    func may(_ permission: Permission, in collection: Collection? = nil) -> Bool { permissions.allows(permission, in: collection?.id) }

    func show(_ page: some Page, current: String, after refusal: Refusal? = nil) throws -> Response {
        guard let refusal else { return try visit.show(page, current: current) }
        return try visit.show(page, current: current, after: refusal)
    }

    /// Whether the visitor still belongs here: for what goes on after the request was let in.
    func isWelcome() async throws -> Bool { try await !parts.memberships.roles(of: visit.account.id, in: tenant.id).isEmpty }

    func go(_ path: String, _ notice: Notice? = nil) throws -> Response { try visit.go(path, notice) }

    /// A collection that the visitor may view; for others it is not there.
    func collection(_ slug: String) throws -> Collection {
        guard let found = collections.first(where: { $0.slug == slug }) else { throw Refusal.notFound("collection") }
        return found
    }

    func collectionOfPath() throws -> Collection { try collection(try context.parameter("slug")) }

    /// What people call whoever did something.
    func names(of authors: some Sequence<Author>) async throws -> [Author: String] {
        let all = Set(authors)
        let accounts = try await parts.accounts.find(all.compactMap(\.account))
        var names: [Author: String] = [:]
        for author in all {
            names[author] =
                switch author {
                case .account(let id): accounts[id]?.displayName ?? "A former member"
                case .client: "An application"
                case .shell(let user): "\(user) at the server"
                case .platform: parts.product
                }
        }
        return names
    }
}

extension Portal {
    /// A page of an environment; whoever isn't signed in is sent to sign in first.
    func room(
        _ path: RouterPath, on router: Router<HoldfastContext>, _ body: @escaping @Sendable (Room) async throws -> Response
    ) {
        router.get(path) { request, context -> Response in
            guard context.visitor != nil else { return .seeOther(Self.signInAddress(for: request, in: context)) }
            return try await confirming(request, context) { try await body(enter(request, context)) }
        }
    }

    /// A form of an environment.
    func deed(
        _ path: RouterPath, on router: Router<HoldfastContext>, _ body: @escaping @Sendable (Room, Form) async throws -> Response
    ) {
        router.post(path) { request, context -> Response in
            let room = try await enter(request, context)
            let form = try await request.form(in: context)
            return try await confirming(request, context) { try await body(room, form) }
        }
    }

    func enter(_ request: Request, _ context: HoldfastContext) async throws -> Room {
        let visitor = try context.requireVisitor()
        // Pages are for people in browsers; a token's scopes are the API's to judge.
        guard visitor.means == .cookie, let id = visitor.account, let account = try await parts.accounts.find(id) else {
            throw Refusal(.unauthenticated, "sign-in-required", "Sign in first.")
        }
        let environment = try await parts.tenants.environment(try context.requireEnvironment())
        let tenant = try await parts.tenants.find(environment.tenant)
        let workspace = try await parts.workspace(environment.id)
        let actor = Actor(principal: visitor.principal, roles: visitor.roles)
        let permissions = try await workspace.roles.permissions(of: actor)
        let collections = try await workspace.collections.list(by: actor)
        let alarms = permissions.allows(.managePeople) ? try await parts.alarms.openCount(.tenant(tenant.id)) : 0
        let kind: Frame.Place.Kind =
            switch environment.kind {
            case .production: .production
            case .test: .test
            case .sandbox: .sandbox
            case .restored: .restored
            }
        let visit = Visit(
            portal: self, request: request, context: context, visitor: visitor, account: account,
            place: .init(kind: kind, name: tenant.name, host: context.origin, isLeaving: environment.isLeaving),
            navigation: Self.navigation(permissions, collections, alarms: alarms))
        return Room(
            visit: visit, tenant: tenant, environment: environment, database: workspace.database, workspace: workspace, actor: actor,
            permissions: permissions, collections: collections)
    }

    static func navigation(_ permissions: Permissions, _ collections: [Collection], alarms: Int = 0) -> [Frame.NavigationLink] {
        var links: [Frame.NavigationLink] = [
            .init("Home", "/", icon: "home", key: "h"), .init("Collections", "/collections", icon: "collections", key: "c"),
        ]
        links += collections.prefix(12).map { .init($0.name, "/collections/\($0.slug)", isNested: true) }
        if permissions.allowsAnywhere(.import) { links.append(.init("Activity", "/operations", icon: "work", key: "w")) }
        if permissions.allows(.managePeople) { links.append(.init("People", "/people", icon: "people", key: "p")) }
        if permissions.allows(.managePeople) { links.append(.alarms(alarms)) }
        if permissions.allows(.manageRoles) { links.append(.init("Roles", "/roles", icon: "roles", key: "r")) }
        if permissions.allows(.viewAudit) { links.append(.init("Audit", "/audit", icon: "audit", key: "a")) }
        if permissions.allows(.manageBackups) { links.append(.init("Backups", "/backups", icon: "backup", key: "b")) }
        links.append(.init("Trust", "/trust", icon: "trust", key: "t"))
        return links
    }
}
