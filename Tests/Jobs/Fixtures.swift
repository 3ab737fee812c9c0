import Foundation
import Logging
import Mail
import Sealing
import Storage
import Synchronization
import TestSupport
import Vocabulary

@testable import Jobs

/// A database with an outbox and operations, a keyring, and a clock that stands still.
final class Desk: Sendable {
    let engine: TestEngine
    let home: TemporaryDirectory
    let clock = ManualClock()
    let entropy = SeededEntropy(seed: 77)
    let keyring: Keyring
    let database: any Database
    let outbox: Outbox

    init() async throws {
        engine = try await TestEngine()
        home = try TemporaryDirectory()
        keyring = Keyring(directory: home.path + "/keyring", clock: clock, entropy: entropy)
        guard let master = MasterKey(Secret(SystemEntropy().bytes(32))) else { throw Undeliverable("no master key") }
        try keyring.unseal(with: master)
        try keyring.create(for: .control)
        database = try await engine.database(.control, schema: Schema(name: "control", Outbox.migrations, Operations.migrations))
        outbox = Outbox(of: .control, keyring: keyring, entropy: entropy)
    }

    func courier(_ carrier: any OutboxCarrier, patience: OutboxCourier.Patience = .init()) -> OutboxCourier {
        OutboxCourier(
            outbox, in: database, carriers: ["mail": carrier, "test": carrier], patience: patience, clock: clock, entropy: entropy,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    func add(_ job: OutboxJob) async throws -> String? {
        let now = clock.now()
        return try await database.write { [outbox] in try outbox.add(job, in: $0, at: now) }
    }

    func entries(_ state: OutboxEntry.State? = nil) async throws -> [OutboxEntry] {
        try await database.read { [outbox] in try outbox.entries(state, in: $0) }
    }

    func operations(_ board: OperationBoard? = nil) -> Operations {
        Operations(database: database, clock: clock, entropy: entropy, board: board ?? OperationBoard(entropy: entropy, clock: clock))
    }
}

/// Takes parcels, or fails as told.
final class Carrier: OutboxCarrier {
    struct Jam: Error {}

    private let state: Mutex<(parcels: [Parcel], failures: Int)>
    private let end: Undeliverable?

    init(failures: Int = 0, end: Undeliverable? = nil) {
        state = Mutex(([], failures))
        self.end = end
    }

    var parcels: [Parcel] { state.withLock { $0.parcels } }

    func deliver(_ parcel: Parcel) async throws {
        if let end { throw end }
        try state.withLock { state in
            if state.failures > 0 {
                state.failures -= 1
                throw Jam()
            }
            state.parcels.append(parcel)
        }
    }
}
