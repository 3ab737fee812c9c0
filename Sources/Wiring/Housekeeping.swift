import Logging
import Sealing
import ServiceLifecycle
import Vocabulary

/// What has to be done now and then: ended sessions and codes are swept, signing keys renewed, logs' checkpoints signed.
struct Housekeeping: Service {
    private let installation: Installation

    private let visits: Visits

    init(_ installation: Installation, visits: Visits) {
        self.installation = installation
        self.visits = visits
    }

    func run() async throws {
        var rounds = 0
        while !Task.isCancelled && !Task.isShuttingDownGracefully {
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(60)) }
            } catch is CancellationError {
                return
            }
            rounds += 1
            let leads = installation.leadership.isLeader
            if leads { await attempt("sweep") { try await installation.identity.sweep() } }
            // Each node for what it was asked about: signing twice does no harm.
            await attempt("checkpoints") { try await signCheckpoints() }
            if leads, rounds % 60 == 0 {
                await attempt("signing keys") { try await installation.provider.prepare() }
                await attempt("grants") { try await installation.provider.sweep() }
            }
        }
    }

    /// One task that fails must not keep the others from being done.
    private func attempt(_ name: String, _ work: () async throws -> Void) async {
        guard !installation.keyring.isSealed else { return }
        do {
            try await work()
        } catch {
            installation.surroundings.logger.error("housekeeping failed", metadata: ["task": "\(name)", "error": "\(type(of: error))"])
        }
    }

    private func signCheckpoints() async throws {
        for owner in [KeyOwner.control] + visits.drain().map(KeyOwner.environment) {
            guard !Task.isShuttingDownGracefully else { return }
            _ = try await installation.checkpoints(of: owner)?.sign()
        }
    }
}
