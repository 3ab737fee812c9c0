// Tenants: the vendor's customers and their environments.
//
// It promises that each environment has its own database, its own key and its own host name, that an environment is
// there whole or not at all, that no slug of one customer can be taken for an environment of another, and that what an edition
// grants is data, not code. It refuses to know people, roles and records.
import Audit
import Cluster
import Foundation
import Moving
import Sealing
import Storage
import Vocabulary

/// The register of tenants and their environments, and the way to an environment's database.
///
/// An environment is reserved in the control database (`creating`), then its key and its database are made, then it is
/// called `active`; ``recover(by:)`` ends what a crash interrupted between. One instance per server: it caches.
package struct Tenants: Sendable {
    let control: any Database
    package let places: Places
    let keyring: Keyring
    let environmentSchema: Schema
    let seed: @Sendable (any Transaction) throws -> Void
    let clock: any Clock
    let entropy: any Entropy
    let audit: AuditLog
    let coherence: Coherence
    /// An environment is made by one node at a time.
    let turns: any Turns
    let known: KnownEnvironments
    let handles = Handles()
    /// What has to be made anew where a database moves to.
    let derivation: any Derivation
    package let placements: Placements

    /// - Parameters:
    ///   - elsewhere: further places for environments' databases, by name.
    ///   - seed: fills a new environment's database, in the transaction that makes it.
    package init(
        control: any Database, engine: any Engine, elsewhere: [Places.Name: any Engine] = [:], keyring: Keyring, environmentSchema: Schema,
        clock: any Clock, entropy: any Entropy,
        audit: AuditLog, coherence: Coherence? = nil, turns: any Turns = LocalTurns(),
        derivation: any Derivation = NothingDerived(), placements: Placements = Placements(),
        seed: @escaping @Sendable (any Transaction) throws -> Void = { _ in }
    ) {
        self.control = control
        let home = Places(engine).home
        places = Places(home: home, engine, and: elsewhere)
        self.keyring = keyring
        self.environmentSchema = environmentSchema
        self.seed = seed
        self.clock = clock
        self.entropy = entropy
        self.audit = audit
        self.turns = turns
        self.derivation = derivation
        self.placements = placements
        let coherence = coherence ?? Coherence(control)
        self.coherence = coherence
        let known = KnownEnvironments(lease: coherence.lease)
        self.known = known
        coherence.listen { invalidation in
            switch invalidation {
            case .environment(let id): known.forget([id])
            case .everything: known.forgetAll()
            case .session, .account, .rights, .ban, .allowedRanges, .signingKeys, .key, .masterKey: break
            }
        }
    }

    // MARK: Making

    /// Makes a tenant with its environments; production, unless `environments` says otherwise.
    /// - Throws: ``Refusal`` `slug-invalid`, `slug-reserved`, `slug-taken`, `name-invalid`, `edition-unknown`, `region-unknown`,
    ///   `environment-limit`; `sealed` from the keyring.
    package func create(
        slug: String, name: String, edition: Edition.Name, region: Region.Name, environments: [HostedEnvironment.Kind] = [.production],
        by principal: Principal
    ) async throws -> Tenant {
        let slug = try Slug.check(slug)
        guard let name = Text.name(name) else {
            throw Refusal.invalid("name-invalid", "Give the tenant a name of 1 to 120 characters.", field: "name")
        }
        guard let edition = Edition(named: edition) else { throw Edition.unknown }
        guard Region(named: region) != nil else { throw Region.unknown }
        let kinds = HostedEnvironment.Kind.allCases.filter(environments.contains)
        guard !kinds.isEmpty, kinds.count == environments.count, kinds.count <= edition.limits.environments else {
            throw edition.tooManyEnvironments
        }
        try requireKeyring()
        // Also where an older control database doesn't know that it left.
        guard try !keyring.tombstones().contains(where: { $0.slug == slug }) else { throw Slug.taken }
        let now = clock.now()
        let tenant = Tenant(
            id: TenantID(at: now, entropy: entropy), slug: slug, name: name, edition: edition.name, region: region, state: .creating,
            createdAt: now)
        let reserved = kinds.map { kind in
            HostedEnvironment(
                id: EnvironmentID(at: now, entropy: entropy), tenant: tenant.id, kind: kind, label: kind.label(of: slug), region: region,
                state: .creating, createdAt: now, place: places.home)
        }
        return try await making(tenant.id) {
            try await control.write { transaction in
                if try Tenant.find("slug = \(slug)", in: transaction) != nil { throw Slug.taken }
                try tenant.insert(in: transaction)
                for environment in reserved { try environment.insert(in: transaction) }
            }
            do {
                for environment in reserved { try await build(environment) }
            } catch {
                await takeBack(reserved, tenant: tenant.id)
                throw error
            }
            return try await activate(reserved, of: tenant.id, by: principal)
        }
    }

    /// Adds an environment to a tenant.
    /// - Throws: ``Refusal`` `not-found`, `environment-exists`, `environment-limit`; `sealed` from the keyring.
    package func createEnvironment(_ kind: HostedEnvironment.Kind, of tenant: TenantID, by principal: Principal) async throws
        -> HostedEnvironment
    {
        guard HostedEnvironment.Kind.allCases.contains(kind) else {
            throw Refusal.invalid("kind-unknown", "Choose production, test or sandbox.", field: "kind")
        }
        try requireKeyring()
        return try await making(tenant) { try await add(kind, to: tenant, by: principal) }
    }

    private func add(_ kind: HostedEnvironment.Kind, to tenant: TenantID, by principal: Principal) async throws -> HostedEnvironment {
        let now = clock.now()
        let id = EnvironmentID(at: now, entropy: entropy)
        let gone = Set(try keyring.tombstones().map(\.slug))
        let environment = try await control.write { [home = places.home] transaction in
            guard let found = try Tenant.find("id = \(tenant)", in: transaction), found.state == .active else {
                throw Refusal.notFound("tenant")
            }
            guard try Leaving.list("tenant = \(tenant)", in: transaction).isEmpty, !gone.contains(found.slug) else {
                throw Leaving.Refusal.begun
            }
            let others = try HostedEnvironment.list("tenant = \(tenant) AND kind <> 'restored'", in: transaction)
            guard !others.contains(where: { $0.kind == kind }) else {
                throw Refusal.conflict("environment-exists", "This tenant has a \(kind.rawValue) environment already.", field: "kind")
            }
            guard let edition = Edition(named: found.edition), others.count < edition.limits.environments else {
                throw (Edition(named: found.edition) ?? .sandbox).tooManyEnvironments
            }
            let environment = HostedEnvironment(
                id: id, tenant: tenant, kind: kind, label: kind.label(of: found.slug), region: found.region, state: .creating,
                createdAt: now, place: home)
            try environment.insert(in: transaction)
            return environment
        }
        do {
            try await build(environment)
        } catch {
            await takeBack([environment], tenant: nil)
            throw error
        }
        _ = try await activate([environment], of: tenant, by: principal)
        return try await self.environment(environment.id)
    }

    /// Ends what a crash interrupted: every environment that was being made is finished, and every move is ended where it
    /// stood: the copy that is not in use is removed. What can't be removed now, because its place is away, stays noted for the next time. Call it at the start, with the keyring open, and when another
    /// node is gone. What a node is just making is left to it.
    /// - Returns: The environments that were finished.
    @discardableResult
    package func recover(by principal: Principal) async throws -> [HostedEnvironment] {
        try await removeEntombed(by: principal)
        var finished: [HostedEnvironment] = []
        for tenant in try await Set(halves().map(\.tenant)) {
            guard let turn = try await turns.taking(Self.turn(of: tenant)) else { continue }
            do {
                // Read again: whoever had the turn before may have finished or removed them.
                var environments = try await halves().filter { $0.tenant == tenant }
                // Half a copy is worth nothing: who wanted it orders it again.
                await takeBack(environments.filter { $0.kind == .restored }, tenant: nil)
                environments.removeAll { $0.kind == .restored }
                for environment in environments { try await build(environment) }
                if !environments.isEmpty { _ = try await activate(environments, of: tenant, by: principal) }
                finished += environments
                await turn.givingBack()
            } catch {
                await turn.givingBack()
                throw error
            }
        }
        await recoverMoves(by: principal)
        return finished
    }

    private func halves() async throws -> [HostedEnvironment] {
        try await control.read { try HostedEnvironment.list("state = 'creating'", in: $0) }
    }

    /// Nobody else makes or finishes environments of `tenant` meanwhile.
    func making<T: Sendable>(_ tenant: TenantID, _ body: () async throws -> T) async throws -> T {
        guard let turn = try await turns.taking(Self.turn(of: tenant)) else {
            throw Refusal(
                .unavailable(retryAfter: .seconds(2)), "environment-being-made",
                "An environment of this tenant is just being made. Try again in a moment.")
        }
        do {
            let result = try await body()
            await turn.givingBack()
            return result
        } catch {
            await turn.givingBack()
            throw error
        }
    }

    private static func turn(of tenant: TenantID) -> String { "tenant/\(tenant)" }

    // MARK: Finding

    package func find(slug: String) async throws -> Tenant {
        guard let found = try await control.read({ try Tenant.find("slug = \(slug)", in: $0) }) else { throw Refusal.notFound("tenant") }
        return found
    }

    package func find(_ id: TenantID) async throws -> Tenant {
        guard let found = try await control.read({ try Tenant.find("id = \(id)", in: $0) }) else { throw Refusal.notFound("tenant") }
        return found
    }

    /// All tenants by slug, from after `slug` on, at most `limit`.
    package func list(after slug: String = "", limit: Int = 1000) async throws -> [Tenant] {
        try await control.read { try Tenant.list("slug > \(slug) ORDER BY slug LIMIT \(max(0, limit))", in: $0) }
    }

    /// By short name, backwards: those before `slug`, the nearest first.
    package func list(before slug: String, limit: Int = 1000) async throws -> [Tenant] {
        try await control.read { try Tenant.list("slug < \(slug) ORDER BY slug DESC LIMIT \(max(0, limit))", in: $0) }
    }

    package func count() async throws -> Int {
        try await control.read { try $0.value("SELECT count(*) FROM tenant") ?? 0 }
    }

    /// Production first.
    package func environments(of tenant: TenantID) async throws -> [HostedEnvironment] {
        let found = try await control.read { try HostedEnvironment.list("tenant = \(tenant)", in: $0) }
        return (HostedEnvironment.Kind.allCases + [.restored]).flatMap { kind in found.filter { $0.kind == kind } }
    }

    /// Every environment of the installation, by label.
    package func allEnvironments() async throws -> [HostedEnvironment] {
        try await control.read { try HostedEnvironment.list("state = 'active' ORDER BY label", in: $0) }
    }

    package func environment(_ id: EnvironmentID) async throws -> HostedEnvironment {
        if let cached = known.environment(id) { return cached }
        let generation = known.generation
        guard let found = try await control.read({ try HostedEnvironment.list("id = \(id)", in: $0).first }) else {
            throw Refusal.notFound("environment")
        }
        known.keep(found, ifStill: generation)
        return found
    }

    /// The active environment behind a host name's first label; nil where there is none. Asked for every request, so cached.
    package func environment(label: String) async throws -> HostedEnvironment? {
        if let cached = known.environment(label: label) { return cached }
        guard Text.isSlug(label) else { return nil }
        let generation = known.generation
        guard let found = try await control.read({ try HostedEnvironment.list("label = \(label) AND state = 'active'", in: $0).first })
        else {
            return nil
        }
        known.keep(found, ifStill: generation)
        return found
    }

    // MARK: Changing

    /// - Throws: ``Refusal`` `not-found`, `edition-unknown`, `environment-limit`.
    package func change(edition: Edition.Name, of tenant: TenantID, by principal: Principal) async throws -> Tenant {
        guard let edition = Edition(named: edition) else { throw Edition.unknown }
        let now = clock.now()
        let (changed, environments) = try await control.write { [audit] transaction in
            guard let found = try Tenant.find("id = \(tenant)", in: transaction) else { throw Refusal.notFound("tenant") }
            let environments = try HostedEnvironment.list("tenant = \(tenant)", in: transaction)
            guard environments.count(where: { $0.kind != .restored }) <= edition.limits.environments else {
                throw edition.tooManyEnvironments
            }
            guard found.edition != edition.name else { return (found, environments) }
            try transaction.run("UPDATE tenant SET edition = \(edition.name) WHERE id = \(tenant)")
            try audit.record(.tenantEditionChanged(tenant: tenant, edition: edition.name), by: principal, at: now, in: transaction)
            let changed = Tenant(
                id: found.id, slug: found.slug, name: found.name, edition: edition.name, region: found.region, state: found.state,
                createdAt: found.createdAt)
            return (changed, environments)
        }
        for environment in environments { note(environment, of: changed) }
        return changed
    }
}
