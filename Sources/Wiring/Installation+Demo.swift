import Demo
import Foundation
import Vocabulary

extension Installation {
    /// Fills an installation that holds nothing with the demo. `say` gets a line for each collection.
    package func fillWithDemo(say: @escaping @Sendable (String) -> Void) async throws -> Demo.Report {
        let demo = Demo(
            plane: plane, hasher: surroundings.hasher, sealer: try keyring.sealer(for: .control, purpose: .sealedColumns), tenants: tenants,
            workspace: { try await workspace(of: $0) })
        // Reading the sources blocks for a second or two: on a thread of its own.
        let sources = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try Sources.ofThisMachine() }) }
        }
        return try await demo.fill(from: sources, say: say)
    }

    /// What to tell the person at the terminal, who called this executable as `command`.
    package func demoWelcome(command: String) -> String {
        Demo.welcome(origin: { $0.map(gateway.origin(label:)) ?? gateway.apexOrigin }, command: command, at: clock.now())
    }
}
