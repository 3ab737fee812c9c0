import Audit
import Sealing
import Storage
import Vocabulary

extension Tenants {
    /// Sealed, nothing is even reserved.
    func requireKeyring() throws { _ = try keyring.contains(.control) }

    /// Makes what is missing of an environment: its keys, then its database. Safe to repeat.
    func build(_ environment: HostedEnvironment) async throws {
        let name = DatabaseName.environment(environment.id)
        let engine = try places.engine(at: environment.place)
        if let tenant = try await control.read({ try Tenant.find("id = \(environment.tenant)", in: $0) }) { note(environment, of: tenant) }
        let key = try await keyring.apart { keyring in
            // Published whole, so where there is a key it is complete.
            for owner in [.environment(environment.id), environment.databaseKey] where try !keyring.contains(owner) {
                try keyring.create(for: owner)
            }
            return try keyring.subkey(for: environment.databaseKey, purpose: .database)
        }
        do {
            try await engine.create(name, key: key, schema: environmentSchema, populate: seed)
        } catch StorageError.exists {}
        // Made before a crash, it has this key, or it does not open. And whoever ships databases hears of one when it is opened, which a new
        // one's first visitor may not do for weeks.
        _ = try await engine.open(name, schema: environmentSchema) { key }
    }

    /// Publishes environments, and their tenant with the first of them.
    func activate(_ environments: [HostedEnvironment], of tenant: TenantID, by principal: Principal) async throws -> Tenant {
        let now = clock.now()
        return try await coherence.write { [audit, coherence] transaction in
            guard let found = try Tenant.find("id = \(tenant)", in: transaction) else { throw Refusal.notFound("tenant") }
            if found.state == .creating {
                try transaction.run("UPDATE tenant SET state = 'active' WHERE id = \(tenant)")
                try audit.record(
                    .tenantCreated(tenant: tenant, slug: found.slug, edition: found.edition, region: found.region), by: principal, at: now,
                    in: transaction)
            }
            for environment in environments {
                let changed = try transaction.run(
                    "UPDATE environment SET state = 'active' WHERE id = \(environment.id) AND state = 'creating'")
                guard changed == 1 else { continue }
                try coherence.note(.environment(environment.id), in: transaction)
                try audit.record(.environmentKeyCreated(environment: environment.id), by: principal, at: now, in: transaction)
                try audit.record(
                    .environmentCreated(environment: environment.id, kind: environment.kind.rawValue), by: principal, at: now,
                    in: transaction)
            }
            return try Tenant.find("id = \(tenant)", in: transaction) ?? found
        }
    }

    /// Removes what was reserved and could not be made. What can't be removed now stays `creating` and is finished at the next start.
    func takeBack(_ environments: [HostedEnvironment], tenant: TenantID?) async {
        do {
            for environment in environments {
                do { try await places.engine(at: environment.place).destroy(.environment(environment.id)) } catch StorageError.missing {}
                placements.forget(environment.id)
                for owner in [environment.databaseKey, .environment(environment.id)] { try await destroyKey(of: owner) }
            }
            try await control.write { transaction in
                for environment in environments {
                    try transaction.run("DELETE FROM environment WHERE id = \(environment.id) AND state = 'creating'")
                }
                if let tenant { try transaction.run("DELETE FROM tenant WHERE id = \(tenant) AND state = 'creating'") }
            }
        } catch {
            // The reservation stays, and `recover` finishes it.
        }
    }

    /// Where there is one.
    func destroyKey(of owner: KeyOwner) async throws {
        try await keyring.apart { keyring in
            if try keyring.contains(owner) { try keyring.destroy(for: owner) }
        }
    }
}
