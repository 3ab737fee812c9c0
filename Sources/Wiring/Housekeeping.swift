import Audit
import Logging
import ObjectStores
import Sealing
import ServiceLifecycle
import Vocabulary

/// What has to be done now and then: ended sessions and codes are swept, signing keys renewed, logs' checkpoints signed and published.
struct Housekeeping: Service {
    private let installation: Installation

    private let visits: Visits

    init(_ installation: Installation, visits: Visits) {
        self.installation = installation
        self.visits = visits
    }

    func run() async throws {
        var rounds = 0
        var logs: Set<KeyOwner> = []
        var hasLed = false
        await attempt("logs") { try await keepLogs(&logs, &hasLed) }
        while !Task.isCancelled && !Task.isShuttingDownGracefully {
            do {
                try await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(60)) }
            } catch is CancellationError {
                return
            }
            rounds += 1
            let leads = installation.leadership.isLeader
            if leads { await attempt("sweep") { try await installation.identity.sweep() } }
            if leads, rounds % 60 == 0 { await attempt("bans") { try await installation.bans.sweep() } }
            if leads, rounds % 60 == 0 { await attempt("alarms") { try await installation.alarms.sweep() } }
            // Each node for what it was asked about: signing and publishing twice does no harm.
            await attempt("logs") { try await keepLogs(&logs, &hasLed) }
            if leads, rounds % 60 == 0 {
                await attempt("signing keys") { try await installation.provider.prepare() }
                await attempt("grants") { try await installation.provider.sweep() }
                await attempt("objects") { try await installation.surroundings.objects?.sweep() }
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

    /// Signs what was written since the last round and publishes it. A log that could not be done is tried again in the next one.
    private func keepLogs(_ logs: inout Set<KeyOwner>, _ hasLed: inout Bool) async throws {
        // Who begins to lead goes through all of them: what came last before a server stopped was signed by nobody.
        let leads = installation.leadership.isLeader
        if leads, !hasLed { logs.formUnion(try await installation.places().map { .environment($0.id) }) }
        hasLed = leads
        logs.formUnion([.control] + visits.drain().map(KeyOwner.environment))
        var failures: [KeyOwner: any Error] = [:]
        for owner in logs {
            guard !Task.isShuttingDownGracefully else { return }
            do {
                _ = try await installation.checkpoints(of: owner)?.sign()
                // A store that doesn't answer must not hold up the stop; the next start publishes what is left.
                _ = try await cancelWhenGracefulShutdown { try await installation.publishedLog(of: owner)?.publish() }
            } catch {
                failures[owner] = error
            }
        }
        logs = Set(failures.keys)
        guard let (owner, error) = failures.first else { return }
        let reason = error is ObjectFault || error is AuditFault ? "\(error)" : "\(type(of: error))"
        installation.surroundings.logger.error(
            "logs could not be signed and published",
            metadata: ["logs": "\(failures.count)", "first": "\(owner)", "reason": "\(reason)"])
    }
}
