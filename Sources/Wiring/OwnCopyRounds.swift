import Logging
import OwnCopies
import ServiceLifecycle
import Vocabulary

/// Files that were ordered are made beside the requests that ordered them, and those whose turn it is by the node that leads.
struct OwnCopyRounds: Service {
    private let installation: Installation

    /// More than these wait for the next round, so that people's orders don't wait for a night's work.
    private static let together = 4

    init(_ installation: Installation) { self.installation = installation }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await installation.ownCopies.run() }
                group.addTask { await look() }
            }
        }
    }

    private func look() async {
        var hasLooked = false
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(60))
            guard !Task.isCancelled, installation.leadership.isLeader, !installation.keyring.isSealed else { continue }
            if !hasLooked, installation.surroundings.objects != nil { hasLooked = await lookForLost() }
            await round()
        }
    }

    /// Once in a process: what is lost later, the probe finds.
    private func lookForLost() async -> Bool {
        do {
            let count = try await installation.ownCopies.forgetLost()
            if count > 0 {
                installation.surroundings.logger.warning("customers' files are gone, and are made again", metadata: ["count": "\(count)"])
            }
            return true
        } catch {
            return false
        }
    }

    func round() async {
        let (copies, logger) = (installation.ownCopies, installation.surroundings.logger)
        do {
            try await copies.forgetGone()
            guard copies.inLine == 0 else { return }
            var (ordered, failures) = (0, [(label: String, error: any Error)]())
            for environment in try await copies.due() where ordered < Self.together {
                do {
                    try await copies.order(in: environment, by: Principal(.platform(component: "own-copies")))
                    ordered += 1
                } catch let refusal as Refusal where refusal.code == "own-copy-running" {
                    // Somebody else was faster.
                } catch let error as CancellationError {
                    throw error
                } catch {
                    // One that can't be read keeps no other from its turn.
                    failures.append((environment.label, error))
                }
            }
            if let first = failures.first {
                logger.error(
                    "customers' files could not be begun",
                    metadata: ["environments": "\(failures.count)", "first": "\(first.label)", "reason": "\(first.error)"])
            }
        } catch is CancellationError {
        } catch {
            logger.error("customers' files could not be looked after", metadata: ["error": "\(error)"])
        }
    }
}
