import Identity
import Records
import Sealing
import Tenants
import Vocabulary

/// Fills an installation that holds nothing yet.
package struct Demo: Sendable {
    /// One way in, for the person at the terminal.
    package struct Door: Sendable, Hashable {
        /// The host's label; nil for the apex.
        package let label: String?
        package let place: String
        package let person: DemoPerson
        package let role: String
    }

    /// What was made.
    package struct Report: Sendable, Hashable {
        package let tenants: Int
        package let people: Int
        package let records: Int
    }

    let plane: ControlPlane
    let hasher: PasswordHasher
    let sealer: Sealer
    let tenants: Tenants
    let workspace: @Sendable (EnvironmentID) async throws -> Workspace

    /// `sealer`: of the control plane's sealed columns, as ``Factors`` takes it.
    package init(
        plane: ControlPlane, hasher: PasswordHasher, sealer: Sealer, tenants: Tenants,
        workspace: @escaping @Sendable (EnvironmentID) async throws -> Workspace
    ) {
        self.plane = plane
        self.hasher = hasher
        self.sealer = sealer
        self.tenants = tenants
        self.workspace = workspace
    }

    /// Makes staff, tenants, people and records. `say` hears of each collection, for a progress line.
    /// - Throws: ``DemoError``; whatever the domains refuse.
    package func fill(from sources: Sources, say: @escaping @Sendable (String) -> Void = { _ in }) async throws -> Report {
        guard try await tenants.count() == 0, try await Staff(plane).list().isEmpty, try await Accounts(plane).list(limit: 1).isEmpty else {
            throw DemoError.notEmpty
        }
        let entrance = DemoPeople(plane: plane, hasher: hasher, sealer: sealer)
        guard let staff = DemoPerson.all.first(where: \.isStaff) else { throw DemoError.noSources }
        let staffPrincipal = try await entrance.claim(staff)
        var inside: [DemoPerson: Principal] = [staff: staffPrincipal]
        var records = 0
        let shown = DemoTenant.all(from: sources).filter { !$0.tables.isEmpty }
        for demo in shown {
            let kinds = [HostedEnvironment.Kind.production] + demo.furtherEnvironments.compactMap(HostedEnvironment.Kind.init(rawValue:))
            let tenant = try await tenants.create(
                slug: demo.slug, name: demo.name, edition: demo.edition, region: demo.region, environments: kinds,
                by: staffPrincipal)
            let members =
                DemoPerson.all.filter { $0.roles[demo.slug] == "owner" }
                + DemoPerson.all.filter { ($0.roles[demo.slug] ?? "owner") != "owner" }
            guard let owner = members.first else { continue }
            for person in members {
                let inviter = person == owner ? staffPrincipal : inside[owner] ?? staffPrincipal
                inside[person] = try await entrance.join(
                    person, tenant.id, named: tenant.name, as: person.roles[demo.slug] ?? "reader", invitedBy: inviter,
                    known: inside[person])
            }
            guard let ownerPrincipal = inside[owner] else { continue }
            let actor = Actor(principal: ownerPrincipal, roles: ["owner"])
            for environment in try await tenants.environments(of: tenant.id) where environment.kind == .production {
                let importer = DemoImport(workspace: try await workspace(environment.id), actor: actor)
                var made: [String: Collection] = [:]
                for table in demo.tables {
                    let (collection, count) = try await importer.run(table, after: made)
                    made[table.slug] = collection
                    records += count
                    say("\(tenant.name): \(count) \(table.name.lowercased())")
                }
            }
        }
        for principal in inside.values { try await entrance.leave(principal) }
        return Report(tenants: shown.count, people: inside.count, records: records)
    }

    /// How to get in, best first.
    package static let doors: [Door] = DemoPerson.all.flatMap { person -> [Door] in
        if person.isStaff { return [Door(label: nil, place: "Console of the vendor", person: person, role: "operator")] }
        return person.roles.sorted { $0.key < $1.key }.map { slug, role in
            Door(label: slug, place: slug.capitalized, person: person, role: role)
        }
    }
}
