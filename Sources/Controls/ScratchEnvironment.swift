import Audit
import Records
import Sealing
import Storage
import Tenants
import Vocabulary

/// A real environment for a probe's eyes only: own key, own database, no customer, no host name. Gone when the probe is done.
package struct ScratchEnvironment: Sendable {
    package let id: EnvironmentID
    package let database: any Database
    package let workspace: Workspace

    /// Reserved: no clock makes identifiers of 1970.
    static let reserved: [EnvironmentID] = [
        "00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002", "00000000-0000-7000-8000-000000000003",
    ].compactMap { EnvironmentID($0) }
    private static let spare = reserved[2]

    package static func isScratch(_ id: EnvironmentID) -> Bool { reserved.contains(id) }

    /// Makes one (`number` 0 or 1) at `place` or where new environments go, lends it, and removes it whatever happens.
    static func lend<T: Sendable>(
        _ number: Int = 0, on platform: Platform, at place: Places.Name? = nil,
        populate: @escaping @Sendable (any Transaction) throws -> Void = { _ in }, _ body: (ScratchEnvironment) async throws -> T
    ) async throws -> T {
        let id = reserved[number]
        let owner = KeyOwner.database(id, copy: 1)
        // What a crash left behind.
        await remove(id, on: platform)
        do {
            try await platform.keyring.apart {
                try $0.create(for: .environment(id))
                try $0.create(for: owner)
            }
            let engine = try platform.engines.engine(at: place ?? platform.engines.home)
            let key = try platform.keyring.subkey(for: owner, purpose: .database)
            try await engine.create(.environment(id), key: key, schema: platform.environmentSchema, populate: populate)
            let keyring = platform.keyring
            let database = try await engine.open(.environment(id), schema: platform.environmentSchema) {
                try keyring.subkey(for: owner, purpose: .database)
            }
            let workspace = Workspace(
                database: database, clock: platform.clock, entropy: platform.entropy, audit: platform.audit, designs: DesignCache())
            let result = try await body(ScratchEnvironment(id: id, database: database, workspace: workspace))
            await remove(id, on: platform)
            return result
        } catch {
            await remove(id, on: platform)
            throw error
        }
    }

    /// A database of another kind, made and removed in the same way.
    static func database<T: Sendable>(
        on platform: Platform, schema: Schema, _ body: (any Database) async throws -> T
    ) async throws -> T {
        let id = spare
        let owner = KeyOwner.database(id, copy: 1)
        await remove(id, on: platform)
        do {
            try await platform.keyring.apart {
                try $0.create(for: .environment(id))
                try $0.create(for: owner)
            }
            let engine = try platform.engines.engine(at: platform.engines.home)
            let (keyring, key) = (platform.keyring, try platform.keyring.subkey(for: owner, purpose: .database))
            try await engine.create(.environment(id), key: key, schema: schema) { _ in }
            let database = try await engine.open(.environment(id), schema: schema) { try keyring.subkey(for: owner, purpose: .database) }
            let result = try await body(database)
            await remove(id, on: platform)
            return result
        } catch {
            await remove(id, on: platform)
            throw error
        }
    }

    private static func remove(_ id: EnvironmentID, on platform: Platform) async {
        for place in platform.engines.names { try? await platform.engines.engine(at: place).destroy(.environment(id)) }
        for owner in [KeyOwner.database(id, copy: 1), .environment(id)] { try? await platform.keyring.apart { try $0.destroy(for: owner) } }
    }
}
