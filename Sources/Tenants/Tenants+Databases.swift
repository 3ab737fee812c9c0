import Sealing
import Storage
import Synchronization
import Vocabulary

extension Tenants {
    /// The environment's own database. The handle may be kept: it stays good when the database moves.
    /// - Throws: ``Refusal`` `not-found`; `place-away`; `sealed` from the keyring.
    package func database(of id: EnvironmentID) async throws -> any Database {
        if let cached = known.database(of: id) { return cached }
        guard try await environment(id).state == .active else { throw Refusal.notFound("environment") }
        let generation = known.generation
        let database = try await handle(of: id)
        known.keep(database, of: id, ifStill: generation)
        return database
    }

    /// One handle for each environment in a process, so that whoever moves it can keep all its writers waiting.
    func handle(of id: EnvironmentID) async throws -> EnvironmentDatabase {
        let copy = try await currentCopy(of: id)
        let handle = handles.handle(of: id) {
            EnvironmentDatabase(copy) { [self] in try await currentCopy(of: id) }
        }
        handle.turn(to: copy)
        return handle
    }

    /// As the register says now.
    private func currentCopy(of id: EnvironmentID) async throws -> EnvironmentDatabase.Copy {
        guard let found = try await control.read({ try HostedEnvironment.list("id = \(id) AND state = 'active'", in: $0).first }) else {
            throw Refusal.notFound("environment")
        }
        return .init(number: found.copy, database: try await open(id, at: found.place, copy: found.copy))
    }

    func open(_ id: EnvironmentID, at place: Places.Name, copy: Int) async throws -> any Database {
        let owner = KeyOwner.database(id, copy: copy)
        await keyring.refresh(for: owner)
        return try await places.engine(at: place).open(.environment(id), schema: environmentSchema) { [keyring] in
            try keyring.subkey(for: owner, purpose: .database)
        }
    }
}

/// The handles in use, each as long as somebody holds it.
final class Handles: Sendable {
    private struct Weak { weak var handle: EnvironmentDatabase? }

    private let held = Mutex<[EnvironmentID: Weak]>([:])

    func handle(of id: EnvironmentID, _ make: () -> EnvironmentDatabase) -> EnvironmentDatabase {
        held.withLock { held in
            if let handle = held[id]?.handle { return handle }
            if held.count > 1000 { held = held.filter { $0.value.handle != nil } }
            let handle = make()
            held[id] = Weak(handle: handle)
            return handle
        }
    }
}
