import Hummingbird
import Tenants
import Vocabulary
import Web

extension ShellCommands {
    private struct NewTenant: Decodable {
        let slug: String
        let name: String
        let edition: String
        let region: String?
        let environments: [String]?
        let owner: String?
    }

    private struct NewEnvironment: Decodable { let kind: String }
    private struct NewEdition: Decodable { let edition: String }

    func addTenantCommands(to router: Router<HoldfastContext>) {
        let tenants = installation.tenants
        command("tenant create", .post, "/tenants", on: router) { request, context in
            let wanted = try await request.decode(NewTenant.self, in: context)
            let kinds = try (wanted.environments ?? ["production"]).map(Self.kind)
            let tenant = try await tenants.create(
                slug: wanted.slug, name: wanted.name, edition: wanted.edition, region: wanted.region ?? Region.all[0].name,
                environments: kinds,
                by: context.principal)
            if let owner = wanted.owner {
                _ = try await installation.identity.invitations.invite(
                    owner, to: tenant.id, named: tenant.name, roles: ["owner"], by: context.principal)
            }
            return .json(try await describe(tenant), status: .created)
        }
        command("tenant list", .get, "/tenants", on: router) { _, _ in
            .list(try await tenants.list(limit: 100_000).map(summary))
        }
        command("tenant show", .get, "/tenants/{slug}", on: router) { _, context in
            .json(try await describe(try await tenants.find(slug: context.parameter("slug"))))
        }
        command("tenant edition", .put, "/tenants/{slug}/edition", on: router) { request, context in
            let wanted = try await request.decode(NewEdition.self, in: context)
            let tenant = try await tenants.find(slug: context.parameter("slug"))
            _ = try await tenants.change(edition: wanted.edition, of: tenant.id, by: context.principal)
            return .json(try await describe(try await tenants.find(tenant.id)))
        }
        command("tenant rules", .get, "/tenants/{slug}/rules", on: router) { _, context in
            let tenant = try await tenants.find(slug: context.parameter("slug")).id
            let password = try await installation.identity.passwords.policy(of: tenant)
            let risk = try await installation.identity.risks.policy(of: tenant)
            return .json([
                "password_shortest": .integer(Int64(password.shortest)), "password_classic": .bool(password.classic),
                "passkey_alone": .bool(try await installation.identity.signInRules.rule(of: tenant).admitsPasskeyAlone),
                "risk_medium": .string(risk.medium.rawValue), "risk_high": .string(risk.high.rawValue),
            ])
        }
        command("environment create", .post, "/tenants/{slug}/environments", on: router) { request, context in
            let wanted = try await request.decode(NewEnvironment.self, in: context)
            let tenant = try await tenants.find(slug: context.parameter("slug"))
            let environment = try await tenants.createEnvironment(try Self.kind(wanted.kind), of: tenant.id, by: context.principal)
            return .json(describe(environment), status: .created)
        }
        command("environment list", .get, "/tenants/{slug}/environments", on: router) { _, context in
            let tenant = try await tenants.find(slug: context.parameter("slug"))
            return .list(try await tenants.environments(of: tenant.id).map(describe))
        }
        command("environment list", .get, "/environments", on: router) { _, _ in
            var all: [JSONValue] = []
            for tenant in try await tenants.list(limit: 100_000) { all += try await tenants.environments(of: tenant.id).map(describe) }
            return .list(all)
        }
    }

    static func kind(_ text: String) throws -> HostedEnvironment.Kind {
        guard let kind = HostedEnvironment.Kind(rawValue: text) else {
            throw Refusal.invalid("kind-unknown", "An environment is production, test or sandbox, not '\(text.prefix(40))'.", field: "kind")
        }
        return kind
    }

    /// The environment that a host label names.
    func environment(_ label: String) async throws -> HostedEnvironment {
        guard let environment = try await installation.tenants.environment(label: label) else { throw Refusal.notFound("environment") }
        return environment
    }

    private func summary(_ tenant: Tenant) -> JSONValue {
        [
            "id": .string(tenant.id.description), "slug": .string(tenant.slug), "name": .string(tenant.name),
            "edition": .string(tenant.edition), "region": .string(tenant.region), "state": .string(tenant.state.rawValue),
            "created_at": .string(tenant.createdAt.description), "url": .string(installation.gateway.origin(label: tenant.slug)),
        ]
    }

    private func describe(_ tenant: Tenant) async throws -> JSONValue {
        var members = summary(tenant).object ?? [:]
        members["environments"] = .array(try await installation.tenants.environments(of: tenant.id).map(describe))
        return .object(members)
    }

    private func describe(_ environment: HostedEnvironment) -> JSONValue {
        [
            "id": .string(environment.id.description), "label": .string(environment.label), "kind": .string(environment.kind.rawValue),
            "region": .string(environment.region), "state": .string(environment.state.rawValue), "place": .string(environment.place),
            "url": .string(installation.gateway.origin(label: environment.label)),
        ]
    }
}
