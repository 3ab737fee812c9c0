import Audit
import Cluster
import Sealing
import Storage
import Vocabulary

extension Tenants {
    // MARK: The window

    /// Begins the window at whose end everything is destroyed. From now on the tenant's environments can only be read.
    ///
    /// - Parameters:
    ///   - end: 14 days from now if left out; may be now.
    ///   - alongside: what else belongs into the transaction.
    /// - Throws: ``Refusal`` `leaving-begun`, `leaving-end-invalid`, `not-found`.
    package func leave(
        _ id: TenantID, on end: Instant?, reason: String, by principal: Principal,
        alongside: @escaping @Sendable (Leaving, any Transaction) throws -> Void = { _, _ in }
    ) async throws -> Leaving {
        let now = clock.now()
        let end = max(now, end ?? now + Leaving.usualWindow)
        guard end <= now + Leaving.longestWindow else {
            throw Refusal.invalid("leaving-end-invalid", "The window ends within a year.", field: "on")
        }
        return try await coherence.write { [audit, coherence] transaction in
            guard let tenant = try Tenant.find("id = \(id)", in: transaction) else { throw Refusal.notFound("tenant") }
            guard try Leaving.list("tenant = \(id)", in: transaction).isEmpty else { throw Leaving.Refusal.begun }
            let leaving = Leaving(
                tenant: id, slug: tenant.slug, name: tenant.name, stage: .window, requestedAt: now, endsAt: end,
                reason: Text.name(reason) ?? "", facts: .init())
            try leaving.save(in: transaction)
            try Self.mark(id, isLeaving: true, coherence, transaction)
            try audit.record(
                .tenantLeaving(tenant: id, days: Int((end - now).components.seconds / 86_400)), by: principal, at: now, in: transaction)
            try alongside(leaving, transaction)
            return leaving
        }
    }

    /// The tenant stays: as if nothing had been.
    /// - Throws: ``Refusal`` `not-leaving`, `leaving-too-late`.
    package func stay(_ id: TenantID, by principal: Principal) async throws {
        let now = clock.now()
        try await coherence.write { [audit, coherence] transaction in
            guard let leaving = try Leaving.list("tenant = \(id)", in: transaction).first else { throw Leaving.Refusal.none }
            guard leaving.stage == .window else { throw Leaving.Refusal.tooLate }
            try transaction.run("DELETE FROM leaving WHERE tenant = \(id) AND stage = 'window'")
            try Self.mark(id, isLeaving: false, coherence, transaction)
            try audit.record(.tenantStays(tenant: id), by: principal, at: now, in: transaction)
        }
    }

    private static func mark(_ tenant: TenantID, isLeaving: Bool, _ coherence: Coherence, _ transaction: any Transaction) throws {
        try transaction.run("UPDATE environment SET is_leaving = \(isLeaving ? 1 : 0) WHERE tenant = \(tenant)")
        for environment in try HostedEnvironment.list("tenant = \(tenant)", in: transaction) {
            try coherence.note(.environment(environment.id), in: transaction)
        }
    }

    package func leaving(_ tenant: TenantID) async throws -> Leaving? {
        try await control.read { try Leaving.list("tenant = \(tenant)", in: $0).first }
    }

    /// The latest first.
    package func allLeaving() async throws -> [Leaving] {
        try await control.read { try Leaving.list("1 = 1 ORDER BY requested_at DESC", in: $0) }
    }

    package func note(_ leaving: Leaving, alongside: @escaping @Sendable (any Transaction) throws -> Void = { _ in }) async throws {
        try await control.write { transaction in
            try leaving.save(in: transaction)
            try alongside(transaction)
        }
    }

    package func noteReminder(_ leaving: Leaving, alongside: @escaping @Sendable (any Transaction) throws -> Void) async throws {
        var leaving = leaving
        leaving.remindedAt = clock.now()
        try await note(leaving, alongside: alongside)
    }

    // MARK: Destroying

    /// Takes the tenant's environments out of the register. From then on there is no way back.
    package func close(
        _ leaving: Leaving, by principal: Principal, alongside: @escaping @Sendable (inout Leaving, any Transaction) throws -> Void
    ) async throws -> Leaving {
        let now = clock.now()
        return try await coherence.write { [audit, coherence] transaction in
            var leaving = leaving
            leaving.stage = .destroying
            try alongside(&leaving, transaction)
            for environment in try HostedEnvironment.list("tenant = \(leaving.tenant)", in: transaction) {
                try transaction.run("DELETE FROM environment_move WHERE environment = \(environment.id)")
                try transaction.run("DELETE FROM environment WHERE id = \(environment.id)")
                try coherence.note(.environment(environment.id), in: transaction)
                try audit.record(.environmentRemoved(environment: environment.id), by: principal, at: now, in: transaction)
            }
            try leaving.save(in: transaction)
            return leaving
        }
    }

    /// Puts up the tombstone, then destroys every key of an environment. Safe to repeat.
    package func destroyKeys(of id: EnvironmentID, slug: String) async throws {
        let now = clock.now()
        try await keyring.apart { keyring in
            if try !keyring.isEntombed(id) { try keyring.entomb(Tombstone(environment: id, slug: slug, at: now)) }
            for owner in try keyring.owners() where owner.environment == id {
                do { try keyring.destroy(for: owner) } catch SealingFault.keyMissing {}
            }
        }
        known.forget([id])
    }

    /// At every place: a move may have left a copy. Safe to repeat.
    package func destroyDatabases(of id: EnvironmentID) async throws {
        placements.forget(id)
        for name in places.names {
            do { try await places.engine(at: name).destroy(.environment(id)) } catch StorageError.missing {}
        }
    }

    /// The end: what is left in the register is the name, which nobody else gets.
    package func finish(
        _ leaving: Leaving, certificate: String, by principal: Principal,
        alongside: @escaping @Sendable (Leaving, any Transaction) throws -> Void
    ) async throws {
        let now = clock.now()
        try await control.write { [audit] transaction in
            var leaving = leaving
            (leaving.stage, leaving.goneAt, leaving.certificate) = (.gone, now, certificate)
            try leaving.save(in: transaction)
            try audit.record(
                .tenantGone(
                    tenant: leaving.tenant, environments: leaving.facts.environments.count,
                    keys: leaving.facts.environments.map(\.keys.count).reduce(0, +),
                    objects: leaving.facts.destinations.map(\.objects).reduce(0, +)), by: principal, at: now, in: transaction)
            try alongside(leaving, transaction)
        }
    }

    /// Takes out of the register whatever has a tombstone: an older copy of the control database may have been put back. Returns how many there were.
    @discardableResult
    package func removeEntombed(by principal: Principal) async throws -> Int {
        let gone = Set(try keyring.tombstones().map(\.environment))
        guard !gone.isEmpty else { return 0 }
        let now = clock.now()
        let revived = try await control.read { try HostedEnvironment.list("1 = 1", in: $0) }.filter { gone.contains($0.id) }
        for environment in revived {
            try await destroyKeys(of: environment.id, slug: environment.label)
            try await destroyDatabases(of: environment.id)
            try await coherence.write { [audit, coherence] transaction in
                try transaction.run("DELETE FROM environment_move WHERE environment = \(environment.id)")
                try transaction.run("DELETE FROM environment WHERE id = \(environment.id)")
                try coherence.note(.environment(environment.id), in: transaction)
                try audit.record(.environmentRemoved(environment: environment.id), by: principal, at: now, in: transaction)
            }
        }
        return revived.count
    }
}
