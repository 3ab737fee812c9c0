import API
import Alarms
import Audit
import Controls
import HTTPTypes
import Hummingbird
import Identity
import IdentityTesting
import Jobs
import Logging
import NIOCore
import OwnCopies
import Records
import Recovery
import Storage
import Tenants
import Testing
import TestSupport
import Vocabulary
import Web

/// Two tenants with the API in front of them. A request's bearer token is the names of the roles that its visitor has.
struct Scene: Sendable {
    let installation: Installation
    let tenants: Tenants
    let desk = ImportDesk()
    let designs = DesignCache()
    private let front: Front
    let acme: EnvironmentID
    let zenith: EnvironmentID

    private struct ByRole: Authenticator {
        func visitor(of request: Request, in context: HoldfastContext) async throws -> Visitor? {
            guard let header = request.headers[.authorization] else { return nil }
            let roles = header.dropFirst("Bearer ".count).split(separator: "+").map(String.init).filter { $0 != "none" }
            let digits = 10 + (roles.first?.utf8.count ?? 0)
            let account = AccountID("00000000-0000-7000-8000-0000000000\(digits)")
            return account.map {
                Visitor(
                    principal: Principal(.account($0)), roles: roles, means: .bearer(scopes: []), authenticatedAt: context.arrivedAt)
            }
        }
    }

    private struct Registered: Hosts {
        let tenants: Tenants
        func site(label: String) async throws -> Site? {
            try await tenants.environment(label: label).map { .environment($0.id, label: $0.label) }
        }
    }

    init() async throws {
        let installation = try await Installation(
            extra: Tenants.migrations + ControlResults.migrations + Outbox.migrations + AlarmSchema.migrations + Drill.migrations
                + OwnCopy.migrations)
        let (clock, entropy) = (installation.clock, installation.entropy)
        let audit = AuditLog()
        let control = installation.plane.database
        let schema = Schema(name: "environment", AuditLog.migrations, Operations.migrations, Workspace.migrations)
        let tenants = Tenants(
            control: control, engine: installation.engine.engine, keyring: installation.keyring,
            environmentSchema: schema, clock: clock,
            entropy: entropy, audit: audit)
        self.installation = installation
        self.tenants = tenants
        var environments: [EnvironmentID] = []
        for slug in ["acme", "zenith"] {
            let tenant = try await tenants.create(
                slug: slug, name: "Same Ltd", edition: Edition.team.name, region: Region.all[0].name, by: Installation.shell)
            environments.append(try await tenants.environments(of: tenant.id)[0].id)
        }
        (acme, zenith) = (environments[0], environments[1])
        let board = OperationBoard(entropy: entropy, clock: clock)
        let identity = installation.desk
        let watch = AlarmWatch(
            Outbox(of: .control, keyring: installation.keyring, entropy: entropy), entropy: entropy, product: "Holdfast",
            origin: Installation.origin)
        let routes = Routes()
        let workspace: @Sendable (EnvironmentID) async throws -> Workspace = { [designs] environment in
            Workspace(
                database: try await tenants.database(of: environment), clock: clock, entropy: entropy, audit: audit, designs: designs,
                board: board)
        }
        let recovery = Recovery(
            control: control, tenants: tenants, keyring: installation.keyring, schema: schema, destinations: nil,
            scratch: "/nonexistent", audit: audit, watched: audit, workspaces: workspace, clock: clock, entropy: entropy,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        API(
            .init(
                workspace: workspace, imports: desk, tenants: tenants, accounts: identity.accounts, passwords: identity.passwords,
                signInRules: identity.signInRules,
                memberships: identity.memberships,
                invitations: identity.invitations, devices: identity.devices, risks: identity.risks, staff: identity.staff,
                checkpoints: { _ in nil },
                controls: ControlResults(database: control, clock: clock, audit: audit), alarms: AlarmDesk(installation.plane),
                alarmRoutes: AlarmRoutes(installation.plane, keyring: installation.keyring, watch: watch, reach: Reach()),
                restores: Restores(recovery),
                ownCopies: OwnCopies(
                    .init(
                        control: control, tenants: tenants, keyring: installation.keyring, memberships: identity.memberships,
                        accounts: identity.accounts, objects: nil, scratch: "/nonexistent", audit: audit, watched: audit,
                        workspaces: workspace, product: "Holdfast", clock: clock, entropy: entropy,
                        logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))))
        ).add(to: routes)
        front = Front(
            .init(
                gateway: Gateway(apex: "holdfast.localhost", port: 8443), hosts: Registered(tenants: tenants), authenticator: ByRole(),
                clock: clock, entropy: entropy, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })),
            routes: routes)
    }

    struct Answer {
        let status: Int
        let headers: HTTPFields
        let text: String
        var json: JSONValue { (try? JSONReader.read(text.utf8)) ?? .null }
        var etag: String { headers[.eTag] ?? "" }
    }

    func ask(
        _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil, as roles: String? = "owner", at label: String = "acme",
        headers: HTTPFields = [:], bytes: [UInt8]? = nil
    ) async throws -> Answer {
        var headers = headers
        if let roles { headers[.authorization] = "Bearer \(roles)" }
        if body != nil { headers[.contentType] = "application/json" }
        let answer = try await front.exchange(
            method, API.base + path, host: "\(label).holdfast.localhost:8443", headers: headers,
            body: ByteBuffer(bytes: bytes ?? body?.bytes ?? []))
        return Answer(status: answer.status.code, headers: answer.headers, text: String(buffer: answer.body))
    }

    /// A collection of notes on both sides, with one record each; returns the records' ids.
    func furnish() async throws -> (acme: String, zenith: String) {
        var ids: [String] = []
        for label in ["acme", "zenith"] {
            let made = try await ask(
                .post, "/collections",
                [
                    "slug": "notes", "name": "Notes",
                    "fields": [["key": "name", "type": "text", "required": true, "unique": true], ["key": "size", "type": "number"]],
                ], at: label)
            #expect(made.status == 201)
            let record = try await ask(
                .post, "/collections/notes/records", ["values": ["name": .string("canary-\(label)"), "size": 1]], at: label)
            #expect(record.status == 201)
            ids.append(record.json["id"]?.string ?? "")
        }
        return (ids[0], ids[1])
    }
}
