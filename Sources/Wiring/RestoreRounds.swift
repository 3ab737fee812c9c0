import Logging
import ServiceLifecycle
import Vocabulary

/// Restores run beside the requests that ordered them, and drills whenever one is due, until the server stops.
struct RestoreRounds: Service {
    private let installation: Installation

    init(_ installation: Installation) { self.installation = installation }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await installation.restores.run() }
                group.addTask { await drill() }
            }
        }
    }

    private func drill() async {
        while !Task.isCancelled {
            // What was just made gets its first copy meanwhile.
            try? await Task.sleep(for: .seconds(15))
            await round()
        }
    }

    /// One after the other: nobody has to notice.
    func round() async {
        guard !installation.ground.isShared || installation.leadership.isLeader else { return }
        do {
            for environment in try await installation.drills.due() {
                guard !Task.isCancelled else { return }
                let drill = try await installation.drills.run(environment, by: Principal(.platform(component: "backup")))
                if let failure = drill?.failure {
                    installation.surroundings.logger.error(
                        "a restore was tried and failed", metadata: ["environment": "\(environment.label)", "reason": "\(failure)"])
                }
            }
        } catch is CancellationError {
        } catch {
            installation.surroundings.logger.error("drills could not be run", metadata: ["error": "\(error)"])
        }
    }
}
