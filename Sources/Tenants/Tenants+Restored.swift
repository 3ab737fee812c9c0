import Audit
import Moving
import Sealing
import Storage
import Vocabulary

extension Tenants {
    /// Makes a copy of an environment's rows an environment of its own, with a host name and a key of its own. It is there whole or not at all.
    ///
    /// - Parameters:
    ///   - name: what stands behind the tenant's short name in the host's label.
    ///   - scratch: has the rows. It is changed by the copying, and of no use afterwards.
    ///   - derivation: says also which tables stay behind.
    ///   - finish: the last transaction in the new database.
    /// - Throws: ``Refusal`` `environment-exists` where the tenant has a restored copy already, `slug-invalid`, `slug-taken`, `not-found`; ``MoveFault``.
    package func putBeside(
        _ source: HostedEnvironment, named name: String, from scratch: any Database, following derivation: any Derivation,
        by principal: Principal, report: @escaping @Sendable (LiveCopy.Progress) async throws -> Void,
        finish: @escaping @Sendable (any Transaction) throws -> Void
    ) async throws -> (environment: HostedEnvironment, digest: RowsDigest) {
        try requireKeyring()
        let name = try Slug.check(name)
        let now = clock.now()
        let id = EnvironmentID(at: now, entropy: entropy)
        let gone = Set(try keyring.tombstones().map(\.slug))
        return try await making(source.tenant) {
            let environment = try await control.write { [home = places.home] transaction in
                guard let tenant = try Tenant.find("id = \(source.tenant)", in: transaction), tenant.state == .active else {
                    throw Refusal.notFound("tenant")
                }
                guard try Leaving.list("tenant = \(source.tenant)", in: transaction).isEmpty, !gone.contains(tenant.slug) else {
                    throw Leaving.Refusal.begun
                }
                let others = try HostedEnvironment.list("tenant = \(source.tenant)", in: transaction)
                if let other = others.first(where: { $0.kind == .restored }) {
                    throw Refusal.conflict(
                        "environment-exists", "There is a restored copy already: \(other.label). Remove it first.", field: "beside")
                }
                let environment = HostedEnvironment(
                    id: id, tenant: source.tenant, kind: .restored, label: "\(tenant.slug)-\(name)", region: source.region,
                    state: .creating, createdAt: now, place: home)
                guard try HostedEnvironment.list("label = \(environment.label)", in: transaction).isEmpty else { throw Slug.taken }
                try environment.insert(in: transaction)
                return environment
            }
            do {
                try await build(environment)
                let target = try await open(id, at: environment.place, copy: environment.copy)
                let derived = derivation.tables
                try await target.write { try LiveCopy.clear($0, except: derived) }
                var copy = LiveCopy(from: scratch, to: target, following: derivation, report: report)
                try await copy.begin()
                let digest = try await copy.run()
                try await copy.finish()
                try await target.write(finish)
                _ = try await activate([environment], of: source.tenant, by: principal)
                return (try await self.environment(id), digest)
            } catch {
                await takeBack([environment], tenant: nil)
                throw error
            }
        }
    }

    /// Destroys a restored copy: its database and its keys. Nothing else can be removed by this way.
    /// - Throws: ``Refusal`` `not-found`, `not-a-copy`.
    package func removeRestored(_ id: EnvironmentID, by principal: Principal) async throws {
        guard let environment = try await control.read({ try HostedEnvironment.list("id = \(id)", in: $0).first }) else {
            throw Refusal.notFound("environment")
        }
        guard environment.kind == .restored else {
            throw Refusal.conflict("not-a-copy", "Only a restored copy can be removed here.")
        }
        let now = clock.now()
        // Nobody finds it from this commit on; what is left is taken back at the next start if it can't be now.
        try await coherence.write { [audit, coherence] transaction in
            guard try transaction.run("UPDATE environment SET state = 'creating' WHERE id = \(id) AND state = 'active'") == 1 else {
                throw Refusal.notFound("environment")
            }
            try audit.record(.environmentRemoved(environment: id), by: principal, at: now, in: transaction)
            try coherence.note(.environment(id), in: transaction)
        }
        await takeBack([environment], tenant: nil)
    }

    /// Lets `body` work on an environment's database while nobody else writes to it. Writers wait, as they do in the last step of a move; those who
    /// waited for too long are told to try again. Readers notice nothing.
    /// - Throws: ``Refusal`` `move-running`, `environment-busy`.
    package func alone<T: Sendable>(with id: EnvironmentID, _ body: @Sendable (any Database) async throws -> T) async throws -> T {
        guard let turn = try await turns.taking(Self.turn(ofMove: id)) else {
            throw Refusal.conflict("move-running", "This environment is just being moved. Wait until that is done.")
        }
        do {
            let handle = try await handle(of: id)
            guard await handle.pause(until: .now + EnvironmentDatabase.patience) else {
                throw Refusal(
                    .unavailable(retryAfter: .seconds(10)), "environment-busy",
                    "Something is being written that takes long. Nothing was changed; try again in a moment.")
            }
            defer { handle.resume() }
            let result = try await body(handle.current.database)
            await turn.givingBack()
            return result
        } catch {
            await turn.givingBack()
            throw error
        }
    }
}
