import ServiceLifecycle

/// Once a minute, by the node that leads.
struct DepartureRounds: Service {
    private let installation: Installation

    init(_ installation: Installation) { self.installation = installation }

    func run() async throws {
        var rounds = 0
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            let number = rounds
            rounds += 1
            do {
                try await cancelWhenGracefulShutdown {
                    if installation.leadership.isLeader, !installation.keyring.isSealed {
                        await installation.departures.round()
                        if number % 60 == 0 {
                            do { try await installation.departures.sweep() } catch {
                                installation.surroundings.logger.error("backups of those who left could not be looked for: \(error)")
                            }
                        }
                    }
                    try await Task.sleep(for: .seconds(60))
                }
            } catch is CancellationError {
                return
            }
        }
    }
}
