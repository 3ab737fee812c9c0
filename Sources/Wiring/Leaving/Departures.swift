import Audit
import Backup
import Identity
import Ledger
import ObjectStores
import PgBackRest
import Recovery
import Sealing
import Storage
import Tenants
import Vocabulary

/// Tenants that leave: the window, what is destroyed at its end, and the certificate of it.
///
/// Each step is noted and can be repeated, so that it goes on where it was after anything. Keys go first, since without them nothing that is left
/// anywhere can be read; a tombstone before that, so that nothing brings them back. The certificate comes when every destination confirmed.
package struct Departures: Sendable {
    let installation: Installation

    private var tenants: Tenants { installation.tenants }
    private var clock: any Clock { installation.clock }
    /// What backs up databases on PostgreSQL.
    private var cluster: ClusterBackups? { installation.ground.cluster }

    /// Stands between two steps, to see that each can be the last for a while. Tests alone set it.
    var between: @Sendable (String) async throws -> Void = { _ in }

    init(_ installation: Installation) { self.installation = installation }

    // MARK: The window

    package func begin(_ tenant: TenantID, on end: Instant?, reason: String, by principal: Principal) async throws -> Leaving {
        let identity = installation.identity
        let apex = installation.gateway.apex
        return try await tenants.leave(tenant, on: end, reason: reason, by: principal) { leaving, transaction in
            try identity.tell(
                try Memberships.owners(in: tenant, reader: transaction), "\(leaving.name) is leaving",
                """
                Hello,

                it was ordered that \(leaving.name) leaves \(apex).

                From now on nothing can be changed there. Until \(Self.day(leaving.endsAt)) everything can be exported and downloaded;
                after that it is destroyed for good: databases, keys, files, and all backups of them.

                Until that day it can be called off: tell those who run \(apex) for you.

                """, in: transaction)
        }
    }

    package func withdraw(_ tenant: TenantID, by principal: Principal) async throws { try await tenants.stay(tenant, by: principal) }

    // MARK: What time brings

    /// Reminds, begins, and goes on with what was begun. One that can't go on keeps no other from it.
    package func round(by principal: Principal = Principal(.platform(component: "departures"))) async {
        do {
            for leaving in try await tenants.allLeaving() {
                guard !Task.isCancelled else { return }
                do {
                    try await step(leaving, by: principal)
                } catch {
                    installation.surroundings.logger.error(
                        "a leaving tenant's data could not be destroyed yet",
                        metadata: ["tenant": "\(leaving.tenant)", "reason": "\(error)"])
                }
            }
        } catch {
            installation.surroundings.logger.error("leaving tenants could not be looked at", metadata: ["error": "\(type(of: error))"])
        }
    }

    private func step(_ leaving: Leaving, by principal: Principal) async throws {
        switch leaving.stage {
        case .gone: break
        case .window where leaving.endsAt <= clock.now(), .destroying:
            guard let turn = try await installation.ground.turns.taking("leaving/\(leaving.tenant)") else { return }
            do {
                // Read again: another node may have gone on.
                if let current = try await tenants.leaving(leaving.tenant) { try await destroy(current, by: principal) }
                await turn.givingBack()
            } catch {
                await turn.givingBack()
                throw error
            }
        case .window:
            guard leaving.remindedAt == nil, leaving.endsAt - Leaving.reminder <= clock.now(),
                leaving.requestedAt < leaving.endsAt - Leaving.reminder
            else { return }
            let identity = installation.identity
            try await tenants.noteReminder(leaving) { transaction in
                try identity.tell(
                    try Memberships.owners(in: leaving.tenant, reader: transaction), "Last days to fetch the data of \(leaving.name)",
                    """
                    Hello,

                    on \(Self.day(leaving.endsAt)) everything of \(leaving.name) is destroyed for good, backups included.
                    Until then it can be exported and downloaded, and it can be called off.

                    """, in: transaction)
            }
        }
    }

    // MARK: Destroying

    private func destroy(_ found: Leaving, by principal: Principal) async throws {
        var leaving = found
        if leaving.stage == .window {
            leaving.facts.environments = try await facts(of: leaving)
            leaving.facts.destinations = installation.backupDestinations.map { .init(name: $0.name, objects: 0) }
            try await between("gathered")
            leaving = try await close(leaving, by: principal)
        }
        try await between("closed")
        for index in leaving.facts.environments.indices {
            guard let id = EnvironmentID(leaving.facts.environments[index].id) else { continue }
            if leaving.facts.environments[index].keysDestroyedAt == nil {
                try await tenants.destroyKeys(of: id, slug: leaving.slug)
                try await between("keys")
                leaving.facts.environments[index].keysDestroyedAt = "\(clock.now())"
                try await tenants.note(leaving)
            }
            if leaving.facts.environments[index].databaseDestroyedAt == nil {
                try await tenants.destroyDatabases(of: id)
                try await between("database")
                leaving.facts.environments[index].databaseDestroyedAt = "\(clock.now())"
                try await tenants.note(leaving)
            }
            if leaving.facts.environments[index].objects == nil {
                leaving.facts.environments[index].objects = try await deleteObjects(of: id)
                try await between("objects")
                try await tenants.note(leaving)
            }
        }
        await deleteBackups(&leaving)
        await awaitExpiry(&leaving)
        try await tenants.note(leaving)
        try await between("backups")
        guard leaving.waiting.isEmpty else { return }
        try await finish(leaving, by: principal)
    }

    /// Before anything goes: what the certificate will say that there was.
    private func facts(of leaving: Leaving) async throws -> [Leaving.Facts.Environment] {
        var facts: [Leaving.Facts.Environment] = []
        for environment in try await tenants.environments(of: leaving.tenant) {
            guard environment.state == .active else {
                throw Refusal.conflict("environment-being-made", "An environment is just being made.")
            }
            let owner = KeyOwner.environment(environment.id)
            let keys = try installation.keyring.owners().filter { $0.environment == environment.id }.map { "\($0)" }.sorted()
            let checkpoints = try await installation.checkpoints(of: owner)
            let signed = try await checkpoints?.sign()
            facts.append(
                .init(
                    id: "\(environment.id)", label: environment.label, kind: environment.kind.rawValue, place: environment.place,
                    createdAt: "\(environment.createdAt)", entries: Int(clamping: signed?.checkpoint.size ?? 0),
                    checkpoint: signed?.note ?? "", auditKey: checkpoints.map { "\($0.key)" } ?? "", keys: keys))
        }
        return facts
    }

    private func close(_ leaving: Leaving, by principal: Principal) async throws -> Leaving {
        let (memberships, provider) = (installation.identity.memberships, installation.provider)
        let closed = try await tenants.close(leaving, by: principal) { leaving, transaction in
            leaving.facts.owners = try Memberships.owners(in: leaving.tenant, reader: transaction).map { "\($0)" }
            let ended = try memberships.endAll(in: leaving.tenant, by: principal, in: transaction)
            (leaving.facts.members, leaving.facts.sessions) = (ended.members, ended.sessions)
            try provider.clients.disableAll(of: leaving.facts.environments.map(\.id), in: leaving.tenant, by: principal, in: transaction)
        }
        return closed
    }

    private func deleteObjects(of id: EnvironmentID) async throws -> Int {
        guard let objects = installation.surroundings.objects else { return 0 }
        var count = 0
        for prefix in ["audit/\(id)/", "environment/\(id)/"] {
            for object in try await objects.all(prefix) {
                try await objects.delete(object.key)
                count += 1
            }
        }
        return count
    }

    /// A destination that is away keeps the others from nothing; it is asked again in the next round.
    private func deleteBackups(_ leaving: inout Leaving) async {
        for destination in installation.backupDestinations
        where !leaving.facts.destinations.contains(where: { $0.name == destination.name }) {
            leaving.facts.destinations.append(.init(name: destination.name, objects: 0))
        }
        for index in leaving.facts.destinations.indices
        where leaving.facts.destinations[index].confirmedAt == nil && leaving.facts.destinations[index].name != cluster?.place {
            guard let destination = installation.backupDestinations.first(where: { $0.name == leaving.facts.destinations[index].name })
            else {
                leaving.facts.destinations[index].waiting = "this server was not started with it"
                continue
            }
            do {
                for environment in leaving.facts.environments {
                    guard let id = EnvironmentID(environment.id) else { continue }
                    try await Archive.entomb(.init(environment: id, slug: leaving.slug, at: clock.now()), in: destination.store)
                    leaving.facts.destinations[index].objects +=
                        try await Archive(destination.store, database: "\(DatabaseName.environment(id))").deleteEverything()
                }
                leaving.facts.destinations[index].confirmedAt = "\(clock.now())"
                leaving.facts.destinations[index].waiting = nil
            } catch {
                leaving.facts.destinations[index].waiting = "\(error)"
            }
        }
    }

    /// Nothing can be taken out of a backup that has all databases of a PostgreSQL server: it is gone when the newest such backup from before has expired.
    private func awaitExpiry(_ leaving: inout Leaving) async {
        guard let cluster, leaving.facts.environments.contains(where: { $0.place != Places.embedded }) else { return }
        if !leaving.facts.destinations.contains(where: { $0.name == cluster.place }) {
            leaving.facts.destinations.append(.init(name: cluster.place, objects: 0))
        }
        let destroyed = leaving.facts.environments.compactMap { $0.databaseDestroyedAt.flatMap { Instant($0) } }.max() ?? clock.now()
        for index in leaving.facts.destinations.indices
        where leaving.facts.destinations[index].name == cluster.place && leaving.facts.destinations[index].confirmedAt == nil {
            do {
                if let oldest = try await cluster.program.repository().backups.first, oldest.startedAt <= destroyed {
                    leaving.facts.destinations[index].waiting =
                        "the whole server's backups from before are kept until they expire, the oldest is of \(Self.day(oldest.endedAt))"
                } else {
                    leaving.facts.destinations[index].confirmedAt = "\(clock.now())"
                    leaving.facts.destinations[index].waiting = nil
                }
            } catch {
                leaving.facts.destinations[index].waiting = "\(error)"
            }
        }
    }

    private func finish(_ leaving: Leaving, by principal: Principal) async throws {
        let origin = AuditLog.origin(apex: installation.gateway.apex, environment: nil)
        guard let signer = NoteSigner(name: origin, seed: try installation.keyring.subkey(for: .control, purpose: .auditSigning)) else {
            throw StorageError.failed("the platform's log has no signing key")
        }
        let certificate = try OffboardingCertificate(leaving, apex: installation.gateway.apex, at: clock.now()).signed(by: signer)
        let identity = installation.identity
        try await tenants.finish(leaving, certificate: certificate, by: principal) { leaving, transaction in
            try identity.tell(
                leaving.facts.owners.compactMap { AccountID($0) }, "The data of \(leaving.name) is destroyed",
                """
                Hello,

                everything of \(leaving.name) was destroyed: its databases, their keys, its files, and all backups of them.
                This is the certificate. It is verified without any server, by: holdfast tenant certificate verify FILE --key KEY

                \(certificate)
                """, in: transaction)
        }
    }

    // MARK: Afterwards

    /// Deletes whatever has come back to a destination: an old copy of an archive, or what a slow writer finished late.
    package func sweep() async throws {
        for tombstone in try installation.keyring.tombstones() {
            // A file that was being made when its environment went.
            _ = try await deleteObjects(of: tombstone.environment)
            for destination in installation.backupDestinations {
                let name = DatabaseName.environment(tombstone.environment)
                let count = try await Archive(destination.store, database: "\(name)").deleteEverything()
                if count > 0 {
                    installation.surroundings.logger.warning(
                        "backups of a customer who left had come back, and were deleted",
                        metadata: ["destination": "\(destination.name)", "objects": "\(count)", "environment": "\(tombstone.environment)"])
                }
            }
        }
    }

    private static func day(_ instant: Instant) -> Substring { "\(instant)".prefix(10) }
}

extension Installation {
    package var departures: Departures { Departures(self) }

    /// Where backups lie.
    var backupDestinations: [Destination] { surroundings.backups }
}
