import Wiring

/// What the person who starts the server is told: where to go, and how to get in.
struct Welcome {
    let configuration: Configuration
    let installation: Installation

    func say() async throws {
        Terminal.note(
            "holdfast: serving \(installation.gateway.apexOrigin), data \(configuration.database.map { "on the PostgreSQL server at \($0.host):\($0.port)" } ?? "in \(configuration.data.path)")"
        )
        if configuration.isDevelopment, configuration.certificate == nil {
            Terminal.note("holdfast: browsers trust it once they trust \(configuration.data.appendingPathComponent("tls/ca.pem").path)")
        }
        if configuration.demo { Terminal.note(installation.demoWelcome(command: CommandLine.arguments.first ?? "holdfast")) }
        // Each link makes the one before worthless: of several nodes one gives it.
        if installation.leadership.isLeader, let link = try await installation.identity.firstOperator.link() {
            Terminal.note("holdfast: become the first operator with this link, good for one use, today:\n\n    \(link)\n")
        }
    }
}
